"""What hypothesis may draw where JSON comes from outside: everything a decoder can hand over."""

from hypothesis import strategies as st
from pydantic import JsonValue

SURROGATES = st.characters(categories=["Cs"])

texts = st.one_of(st.text(max_size=12), st.text(SURROGATES, min_size=1, max_size=3))

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**400),
    st.floats(),
    texts,
    st.sampled_from(["5", "1,5", "1,000", "NaN", "1e999", "true", "[1]", '{"a": 1}', "[" * 900]),
)


def json_values(
    leaves: st.SearchStrategy[JsonValue] = scalars, names: st.SearchStrategy[str] = texts
) -> st.SearchStrategy[JsonValue]:
    """Return any JSON value, and what only Python takes for JSON: NaN and lone surrogates."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)
        ),
        max_leaves=8,
    )


def plain_json() -> st.SearchStrategy[JsonValue]:
    """Return any JSON value that can be written down and read back as the same."""
    numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
    plain = st.text(max_size=12)
    return json_values(st.one_of(st.none(), st.booleans(), numbers, plain), plain)
