import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from bridge.spec.model import Param
from bridge.spec.values import DEEPEST, LONGEST_SHOWN, Fitted, Misfitting, fit, shown
from tests.spec.toy import toy

SPEC = toy("""
[records.order]
item_id = { type = "string" }
quantity = { type = "integer", minimum = 1 }
note = { type = "string", optional = true }
""")

TEXT = Param(type="string")
WHOLE = Param(type="integer")
NUMBER = Param(type="number")
TRUTH = Param(type="boolean")
TEXTS = Param(type="array", items="string")
ANYTHING = Param(type="object")
ORDER = Param(type="object", record="order")


def misfit(param: Param, value: JsonValue) -> Misfitting:
    with pytest.raises(Misfitting) as refused:
        fit(SPEC, "it", param, value)
    return refused.value


# -- Text ---------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "iron_ore", '"quoted"', "¡Hola!", "two\nlines", "\U0001f680"])
def test_text_is_kept_as_it_is(text: str) -> None:
    assert fit(SPEC, "it", TEXT, text) == Fitted(value=text)


@pytest.mark.parametrize(
    ("number", "text"), [(7, "7"), (7.0, "7"), (2.5, "2.5"), (-1_000_000.0, "-1000000")]
)
def test_a_number_given_for_text_is_sent_as_text_and_said(number: float, text: str) -> None:
    fitted = fit(SPEC, "it", TEXT, number)

    assert fitted.value == text
    assert fitted.notes == ("it was given as a number and is sent as text.",)


@pytest.mark.parametrize("value", [True, None, [], {}, ["text"], {"a": 1}])
def test_what_is_no_text_is_refused_for_text(value: JsonValue) -> None:
    assert "must be text" in str(misfit(TEXT, value))


@pytest.mark.parametrize("value", [" bob", "@bob", "bob\n", "'@bob'", ' "bob" '])
def test_blanks_and_the_sign_before_a_handle_are_left_out(value: str) -> None:
    param = Param(type="string", names="handle")

    assert fit(SPEC, "it", param, value).value == "bob"


@pytest.mark.parametrize("value", ["@", " ", "''"])
def test_what_refers_to_nothing_is_left_as_it_is(value: str) -> None:
    assert fit(SPEC, "it", Param(type="string", names="handle"), value).value == value


@pytest.mark.parametrize(
    ("param", "value", "inner"),
    [
        (Param(type="string", names="poi"), ["sun"], "sun"),
        (Param(type="string", names="poi"), {"id": "sun", "name": "The Sun"}, "sun"),
        (Param(type="string", names="poi"), {"poi_id": "sun"}, "sun"),
        (Param(type="string", enum=["on", "off"]), ["On"], "on"),
        (Param(type="integer"), [5], 5),
        (Param(type="boolean"), ["yes"], True),
    ],
)
def test_the_only_value_is_taken_out_of_what_is_around_it(
    param: Param, value: JsonValue, inner: JsonValue
) -> None:
    fitted = fit(SPEC, "it", param, value)

    assert fitted.value == inner
    assert fitted.notes[0].startswith("it was taken out of ")


def test_ids_with_commas_between_them_are_a_list() -> None:
    ids = Param(type="array", items="string")

    fitted = fit(SPEC, "it", ids, "o1, o2,o-3")

    assert fitted.value == ["o1", "o2", "o-3"]
    assert fitted.notes == ("it was read as a list.",)
    assert fit(SPEC, "it", ids, "Hello, dear friend").value == ["Hello, dear friend"]


@pytest.mark.parametrize("quote", ['"', "'", "`"])
def test_quotes_around_a_name_are_left_out_and_said(quote: str) -> None:
    param = Param(type="string", names="item")

    fitted = fit(SPEC, "it", param, f"{quote}iron_ore{quote}")

    assert fitted.value == "iron_ore"
    assert "was read as 'iron_ore'." in fitted.notes[0]


@pytest.mark.parametrize("text", ['""', "'", "'a\"", "a'b'"])
def test_quotes_that_do_not_stand_around_a_name_stay(text: str) -> None:
    assert fit(SPEC, "it", Param(type="string", names="item"), text) == Fitted(value=text)


def test_text_has_its_bounds() -> None:
    param = Param(type="string", min_length=3, max_length=5)

    assert fit(SPEC, "it", param, "abc").value == "abc"
    assert fit(SPEC, "it", param, "abcde").value == "abcde"
    assert str(misfit(param, "ab")) == "it needs at least 3 characters."
    assert str(misfit(param, "abcdef")) == "it takes at most 5 characters, not 6."


def test_a_pattern_is_told_with_what_it_is_for() -> None:
    param = Param(type="string", pattern="^#[0-9A-F]{6}$", description="A color like #A0B1C2.")

    assert fit(SPEC, "it", param, "#A0B1C2").value == "#A0B1C2"
    assert str(misfit(param, "red")) == "it must match ^#[0-9A-F]{6}$: A color like #A0B1C2."
    assert str(misfit(Param(type="string", pattern="^a$"), "b")) == "it must match ^a$"


# PipeWorks takes a line of text for a command: what stands after a line break would be another.
@pytest.mark.parametrize("pattern", ["^[^\\r\\n]+$", "^[^\\r\\n]*[^\\s][^\\r\\n]*$"])
@pytest.mark.parametrize("text", ["hello\n", "hello\r\n", "a\nb", "\nhello", "hello\n\n"])
def test_a_line_break_at_the_very_end_is_a_line_break(pattern: str, text: str) -> None:
    assert "must match" in str(misfit(Param(type="string", pattern=pattern), text))


def test_a_dollar_that_stands_for_itself_is_no_end() -> None:
    param = Param(type="string", pattern=r"\$")

    assert fit(SPEC, "it", param, "5 $ each").value == "5 $ each"
    assert fit(SPEC, "it", Param(type="string", pattern="^https?://"), "http://x").value
    assert "must match" in str(misfit(param, "5 each"))


@pytest.mark.parametrize("text", ["", ".", ".."])
def test_a_segment_that_would_leave_its_path_is_refused(text: str) -> None:
    assert "cannot be" in str(misfit(Param.model_validate({"type": "string", "in": "path"}), text))
    assert fit(SPEC, "it", TEXT, text).value == text


# -- Choices ------------------------------------------------------------------

EMPIRE = Param(type="string", enum=["solarian", "voidborn", "crimson", "nebula", "outerrim"])


@pytest.mark.parametrize(
    ("given_as", "meant"),
    [
        ("Crimson", "crimson"),
        (" OUTERRIM ", "outerrim"),
        ("Outer Rim", "outerrim"),
        ('"nebula"', "nebula"),
        ("nebulas", "nebula"),
        ("solarain", "solarian"),
        ("voidbon", "voidborn"),
    ],
)
def test_a_choice_that_can_only_mean_one_is_read_as_it_and_said(given_as: str, meant: str) -> None:
    fitted = fit(SPEC, "empire", EMPIRE, given_as)

    assert fitted.value == meant
    assert fitted.notes == (f"empire {shown(given_as)} was read as {meant!r}.",)


def test_a_choice_that_is_right_needs_no_note() -> None:
    assert fit(SPEC, "empire", EMPIRE, "nebula") == Fitted(value="nebula")


@pytest.mark.parametrize("given_as", ["", "!!!", "martian", "null"])
def test_a_choice_that_means_nothing_is_refused_with_what_there_is(given_as: str) -> None:
    refused = misfit(EMPIRE, given_as)

    assert "it is one of: solarian, voidborn, crimson, nebula, outerrim." in str(refused)
    assert refused.suggestion is None


def test_the_beginning_of_one_choice_only_suggests_it() -> None:
    assert misfit(EMPIRE, "s").suggestion == "solarian"
    assert misfit(EMPIRE, "nebulacorps").suggestion == "nebula"
    assert misfit(Param(type="string", enum=["sell", "self"]), "se").suggestion is None


def test_a_plural_is_its_singular() -> None:
    plural = Param(type="string", enum=["strategies", "bugs"])

    assert fit(SPEC, "it", plural, "strategy").value == "strategies"
    assert fit(SPEC, "it", plural, "Bug").value == "bugs"


def test_a_number_out_of_bounds_suggests_the_bound() -> None:
    param = Param(type="integer", minimum=1, maximum=100)

    assert misfit(param, 0).suggestion == 1
    assert misfit(param, 1000).suggestion == 100


@pytest.mark.parametrize(
    ("choices", "given_as"),
    [
        (["load", "refuel"], "unload"),
        (["lock", "open"], "unlock"),
        (["friend", "enemy"], "unfriend"),
        (["male", "female"], "emale"),
    ],
)
def test_a_choice_is_never_read_as_its_opposite(choices: list[str], given_as: str) -> None:
    refused = misfit(Param(type="string", enum=choices), given_as)

    assert refused.suggestion in choices


def test_two_choices_that_are_as_near_are_only_suggested() -> None:
    refused = misfit(Param(type="string", enum=["price_asc", "price_desc"]), "price_aesc")

    assert refused.suggestion in ("price_asc", "price_desc")


def test_an_empty_choice_is_not_meant_by_signs_alone() -> None:
    param = Param(type="string", enum=["", "all"])

    assert fit(SPEC, "it", param, "").value == ""
    assert misfit(param, "?!").suggestion is None


def test_many_choices_are_counted_after_the_first() -> None:
    param = Param(type="string", enum=[f"choice_{letter}" for letter in "abcdefghijklmnop"])

    assert str(misfit(param, "zzz")).endswith("choice_k, choice_l and 4 more.")


def test_a_number_may_be_a_choice() -> None:
    fitted = fit(SPEC, "it", Param(type="string", enum=["1", "2"]), 2)

    assert fitted == Fitted(value="2", notes=("it was given as a number and is sent as text.",))


# -- Numbers ------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, -3, 7, 7.0, 2**63, 10**15])
def test_a_whole_number_is_kept(value: float) -> None:
    fitted = fit(SPEC, "it", WHOLE, value)

    assert fitted == Fitted(value=int(value))
    assert isinstance(fitted.value, int)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        (" 5 ", 5),
        ('"5"', 5),
        ("5.0", 5),
        ("1,000", 1000),
        ("-12,345,678", -12_345_678),
        ("1000000", 1_000_000),
        ("1e3", 1000),
        ("9007199254740993", 9_007_199_254_740_993),
    ],
)
def test_a_number_in_text_is_read_exactly_and_said(text: str, number: int) -> None:
    fitted = fit(SPEC, "it", WHOLE, text)

    assert fitted.value == number
    assert fitted.notes == (f"it was read as the number {number}.",)


def test_a_fraction_in_text_is_read() -> None:
    assert fit(SPEC, "it", NUMBER, "1,234.5").value == 1234.5
    assert fit(SPEC, "it", NUMBER, "-.5").value == -0.5


@pytest.mark.parametrize("text", ["10 units", "10x", "x10", "x 10", "10 Credits", "10cr", "10 pcs"])
def test_a_unit_beside_a_number_changes_nothing(text: str) -> None:
    assert fit(SPEC, "it", WHOLE, text).value == 10


@pytest.mark.parametrize("text", ["10k", "10 %", "10m", "10 boxes", "x", "units", "ten x"])
def test_what_could_change_a_number_is_refused(text: str) -> None:
    assert "must be a number" in str(misfit(NUMBER, text))


# A comma that stands for a point, or groups of two digits: read without it the number is another.
@pytest.mark.parametrize("text", ["1,5", "1,00", "12,3456", "1,000,00", ",5", "5,"])
def test_a_comma_that_does_not_part_thousands_is_refused(text: str) -> None:
    assert "must be a number" in str(misfit(NUMBER, text))


@pytest.mark.parametrize(
    "value",
    [
        *["", "five", "5 ore", "0x10", "NaN", "inf", "-Infinity", "1e999"],
        pytest.param("1" + "0" * 400, id="400 digits"),
        pytest.param("9" * 5000, id="5000 digits"),
    ],
)
@pytest.mark.parametrize("param", [WHOLE, NUMBER])
def test_text_without_a_number_in_it_is_refused(param: Param, value: str) -> None:
    assert "must be a number" in str(misfit(param, value))


@pytest.mark.parametrize("value", [True, False, None, [], {}, [5, 6], [[5]]])
def test_what_is_no_number_is_refused_for_one(value: JsonValue) -> None:
    assert "must be a number" in str(misfit(WHOLE, value))


@pytest.mark.parametrize("value", [1.5, "1.5"])
def test_a_fraction_is_refused_for_a_whole_number(value: JsonValue) -> None:
    assert "must be a whole number" in str(misfit(WHOLE, value))


@pytest.mark.parametrize("param", [WHOLE, NUMBER, TEXT, ANYTHING, TEXTS, TRUTH, EMPIRE])
def test_a_number_that_cannot_be_sent_is_refused_everywhere(param: Param) -> None:
    for value in (float("nan"), float("inf"), -float("inf"), 10**400, 10**5000):
        assert str(misfit(param, value)) == "it holds a number that cannot be sent."
        assert str(misfit(param, {"a": [value]})) == "it holds a number that cannot be sent."


def test_a_number_has_its_bounds_told_as_people_write_them() -> None:
    param = Param(type="integer", minimum=1, maximum=1_000_000)

    assert fit(SPEC, "it", param, 1).value == 1
    assert fit(SPEC, "it", param, 1_000_000).value == 1_000_000
    assert str(misfit(param, 0)) == "it must be at least 1, not 0."
    assert str(misfit(param, 1_000_001)) == "it must be at most 1000000, not 1000001."
    assert str(misfit(Param(type="number", minimum=0.5), 0.25)) == (
        "it must be at least 0.5, not 0.25."
    )


# -- Truth --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "truth"),
    [("true", True), ("Yes", True), (1, True), ("FALSE", False), (" no ", False), ("0", False)],
)
def test_a_word_for_true_or_false_is_read_and_said(value: JsonValue, truth: bool) -> None:  # noqa: FBT001 - the value under test
    fitted = fit(SPEC, "it", TRUTH, value)

    assert fitted.value is truth
    assert fitted.notes == (f"it was read as {str(truth).lower()}.",)


def test_truth_itself_needs_no_note() -> None:
    assert fit(SPEC, "it", TRUTH, value=True) == Fitted(value=True)


@pytest.mark.parametrize("value", ["", "maybe", 2, None, [], {}])
def test_what_is_neither_true_nor_false_is_refused(value: JsonValue) -> None:
    assert "must be true or false" in str(misfit(TRUTH, value))


# -- Lists and objects --------------------------------------------------------


def test_a_list_is_fitted_entry_by_entry() -> None:
    fitted = fit(SPEC, "ids", TEXTS, ["a", 5])

    assert fitted.value == ["a", "5"]
    assert fitted.notes == ("ids[1] was given as a number and is sent as text.",)
    assert str(misfit(Param(type="array", items="integer"), [1, "x"])) == (
        'it[1] must be a number, not "x".'
    )


def test_one_thing_for_a_list_is_a_list_of_one() -> None:
    assert fit(SPEC, "ids", TEXTS, "a") == Fitted(
        value=["a"], notes=("ids was read as a list of one.",)
    )
    assert fit(SPEC, "ids", Param(type="array", items="object"), {"a": 1}).value == [{"a": 1}]


def test_json_in_text_is_read_where_a_list_or_an_object_is_meant() -> None:
    assert fit(SPEC, "ids", TEXTS, ' ["a", "b"]') == Fitted(
        value=["a", "b"], notes=("ids was given as text and read as JSON.",)
    )
    assert fit(SPEC, "it", ANYTHING, '{"a": 1}').value == {"a": 1}
    assert fit(SPEC, "it", ORDER, '{"item_id": "a", "quantity": "2"}').value == {
        "item_id": "a",
        "quantity": 2,
    }


@pytest.mark.parametrize(
    "text",
    [
        "{not json}",
        "[1]",
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        pytest.param('{"a":' * 30 + "1" + "}" * 30, id="30 levels"),
        pytest.param('{"a":' * 5000, id="5000 levels"),
        pytest.param('{"a": ' + "9" * 5000 + "}", id="5000 digits"),
    ],
)
def test_text_that_holds_no_usable_object_is_refused_for_one(text: str) -> None:
    assert "must be an object" in str(misfit(ANYTHING, text))


def test_a_list_has_its_bounds() -> None:
    param = Param(type="array", items="string", min_items=1, max_items=2)

    assert fit(SPEC, "it", param, ["a", "b"]).value == ["a", "b"]
    assert str(misfit(param, [])) == "it needs at least 1 entries."
    assert str(misfit(param, ["a", "b", "c"])) == "it takes at most 2 entries, not 3."


def test_a_record_is_fitted_field_by_field() -> None:
    fitted = fit(SPEC, "it", ORDER, {"item_id": "a", "quantity": "3", "note": None})

    assert fitted.value == {"item_id": "a", "quantity": 3}
    assert fitted.notes == ("it.quantity was read as the number 3.",)


def test_the_fields_of_a_record_are_mended_like_arguments() -> None:
    fitted = fit(SPEC, "it", ORDER, {"itemId": "a", "amount": 3})

    assert fitted.value == {"item_id": "a", "quantity": 3}
    assert fitted.notes == (
        "it.itemId was read as item_id.",
        "it.amount was read as quantity.",
    )


def test_a_record_refuses_fields_it_does_not_have_and_misses_those_it_needs() -> None:
    assert str(misfit(ORDER, {"item_id": "a", "quantity": 1, "colour": "red"})) == (
        'it has no "colour"; it takes: item_id, quantity, note.'
    )
    assert str(misfit(ORDER, {"item_id": "a"})) == "it.quantity is missing."
    assert str(misfit(ORDER, {"item_id": None, "quantity": 1})) == "it.item_id is missing."
    assert "it.quantity must be at least 1" in str(misfit(ORDER, {"item_id": "a", "quantity": 0}))


def test_an_object_without_a_record_takes_any_members() -> None:
    value: JsonValue = {"a": [1, {"b": None}]}

    assert fit(SPEC, "it", ANYTHING, value) == Fitted(value=value)


def test_the_values_of_an_object_have_the_type_that_the_spec_says() -> None:
    param = Param(type="object", values="boolean")

    assert fit(SPEC, "permissions", param, {"trade": True, "build": "no"}) == Fitted(
        value={"trade": True, "build": False}, notes=("permissions.build was read as false.",)
    )
    assert "it.trade must be true or false" in str(misfit(param, {"trade": "maybe"}))


@pytest.mark.parametrize("value", [None, 5, "text", [], [1]])
def test_what_is_no_object_is_refused_for_one(value: JsonValue) -> None:
    assert "must be an object" in str(misfit(ANYTHING, value))


# -- Whatever it is -----------------------------------------------------------


@pytest.mark.parametrize("param", [TEXT, TEXTS, ANYTHING, WHOLE])
def test_half_a_character_is_refused_however_deep_it_stands(param: Param) -> None:
    values: list[JsonValue] = ["\ud800", ["a\udfff"], {"a": {"\ud83d": 1}}]
    for value in values:
        assert str(misfit(param, value)) == "it holds half a character, a lone surrogate."


def test_a_value_that_is_nested_too_deeply_is_refused_unread() -> None:
    value: JsonValue = "x"
    for _ in range(DEEPEST):
        value = {"a": value}

    assert fit(SPEC, "it", ANYTHING, value).value == value
    assert str(misfit(ANYTHING, {"a": value})) == "it is nested too deeply."


def test_a_message_repeats_only_the_beginning_of_a_wrong_value() -> None:
    assert shown("a" * 1000) == '"' + "a" * (LONGEST_SHOWN - 1) + "..."
    assert len(str(misfit(ORDER, {"k" * 100_000: 1}))) < 200
    assert len(str(misfit(WHOLE, "x" * 100_000))) < 200


def test_a_message_can_always_be_written_down() -> None:
    assert shown("a\ud800b") == '"a?b"'
    assert shown("¡ä!") == '"¡ä!"'


@given(st.integers(min_value=-(10**20), max_value=10**20))
def test_any_whole_number_written_as_text_is_read_as_itself(number: int) -> None:
    assert fit(SPEC, "it", WHOLE, str(number)).value == number
    assert fit(SPEC, "it", WHOLE, f"{number:,}").value == number


@given(st.text(max_size=20))
def test_a_pattern_of_one_line_lets_no_line_break_through(text: str) -> None:
    try:
        fitted = fit(SPEC, "it", Param(type="string", pattern="^[^\\r\\n]+$"), text)
    except Misfitting:
        return
    assert re.fullmatch(r"[^\r\n]+", str(fitted.value))
