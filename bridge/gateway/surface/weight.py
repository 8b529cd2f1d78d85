"""About how many tokens a text costs, without a vocabulary: never much too low.

Words are pieces of five letters, figures pieces of three digits, signs pieces of two, and letters
that are not Latin are pieces of their own: close to what the usual vocabularies make of JSON.
"""

import re
from typing import Final

MOST_TOKENS: Final = 4_900
"""What one result may cost; hosts warn at twice that, and read nothing beyond a multiple."""

MOST_PER_CHARACTER: Final = 2
"""What one character may cost at most, so that a short text need not be weighed."""

_PIECE = re.compile(
    r"[A-Z]?[a-z]{1,5}|[A-Z]{1,2}|\d{1,3}|[^\w\s\u0080-\U0010ffff]{1,2}"
    r"|[\u0080-\uffff]|[\U00010000-\U0010ffff]|_+|\s{2,}|\n"
)
_BASIC = "\uffff"


def tokens_of(text: str) -> int:
    """Return about how many tokens a text costs."""
    return sum(_cost(piece) for piece in _PIECE.finditer(text))


def characters_for(text: str, tokens: int) -> int:
    """Return how many characters from the beginning of a text cost at most so many tokens."""
    used = 0
    for piece in _PIECE.finditer(text):
        used += _cost(piece)
        if used > tokens:
            return piece.start()
    return len(text)


def _cost(piece: "re.Match[str]") -> int:
    return MOST_PER_CHARACTER if piece.group() > _BASIC else 1
