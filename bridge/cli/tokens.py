"""How many tokens a text costs a model, without asking anybody.

With the optional package ``rs-bpe``, which carries the ranks of o200k_base, the tokens of that
vocabulary; otherwise four bytes are taken for one. What a token is differs from model to model, so
budgets are held by the larger of the two.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

BYTES_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Counts tokens, and says by what measure."""

    measure: str
    count: Callable[[str], int]


@cache
def counter() -> Counter:
    """Return the best counter there is here."""
    try:
        vocabulary = importlib.import_module("rs_bpe.bpe").openai.o200k_base()
    except ImportError:
        return Counter(measure="four bytes each", count=by_bytes)
    return Counter(measure="o200k_base", count=lambda text: int(vocabulary.count(text)))


def by_bytes(text: str) -> int:
    """Return a quarter of the bytes of a text, rounded up."""
    return -(-len(text.encode()) // BYTES_PER_TOKEN)


def at_most(text: str) -> int:
    """Return the larger of both measures: what budgets are held by."""
    return max(by_bytes(text), counter().count(text))
