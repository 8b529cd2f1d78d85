"""Finds commands by words: by their names first, then by what players call them, then by text."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.gateway.toolbox import Tool
from bridge.spec.model import GameSpec

NAME_WEIGHT = 4.0
WORDS_WEIGHT = 3.0
TEXT_WEIGHT = 1.0
PREFIX = 4
"""Words that share so many first letters count half."""
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "get",
        "how",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "of",
        "on",
        "or",
        "some",
        "that",
        "the",
        "there",
        "this",
        "to",
        "want",
        "what",
        "when",
        "where",
        "which",
        "who",
        "with",
        "you",
        "your",
    ]
)


@dataclass(frozen=True, slots=True)
class Index:
    """Every command's words, with how much each counts."""

    _weights: Mapping[str, Mapping[str, float]]
    _tools: Mapping[str, Tool]
    _rarity: Mapping[str, float] = field(repr=False)

    def search(self, query: str, limit: int) -> Sequence[Tool]:
        """Return the commands that answer the words best, best first."""
        wanted = words_of(query)
        scores = {name: self._score(weights, wanted) for name, weights in self._weights.items()}
        found = sorted((name for name in scores if scores[name] > 0), key=lambda n: -scores[n])
        return [self._tools[name] for name in found[:limit]]

    def _score(self, weights: Mapping[str, float], wanted: Sequence[str]) -> float:
        score = 0.0
        for word in wanted:
            if word in weights:
                score += weights[word] * self._rarity[word]
            else:
                near = [w for w in weights if len(word) >= PREFIX and w[:PREFIX] == word[:PREFIX]]
                score += max((weights[w] * self._rarity[w] / 2 for w in near), default=0.0)
        return score / math.sqrt(1 + len(weights) / 40)


def index(specs: Mapping[str, GameSpec], tools: Iterable[Tool]) -> Index:
    """Return an index of the tools of games."""
    by_name = {tool.name: tool for tool in tools}
    weights = {name: _weights(specs, tool) for name, tool in by_name.items()}
    spread = Counter(word for words in weights.values() for word in words)
    rarity = {word: math.log(1 + len(weights) / count) for word, count in spread.items()}
    return Index(weights, by_name, rarity)


def words_of(text: str) -> list[str]:
    """Return the words of a text that say something, in their plain form."""
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [plain for word in found if (plain := _plain(word)) and word not in STOP_WORDS]


def _weights(specs: Mapping[str, GameSpec], tool: Tool) -> dict[str, float]:
    spec = specs[tool.game or ""]
    command = spec.commands[tool.command or ""]
    toolset = spec.toolsets[command.toolset]
    weighted = (
        (TEXT_WEIGHT / 2, f"{toolset.about} {command.toolset} {spec.game.id}"),
        (TEXT_WEIGHT, f"{command.description} {' '.join(command.params)}"),
        (WORDS_WEIGHT, " ".join(command.words)),
        (NAME_WEIGHT, (tool.command or "").replace("_", " ")),
    )
    weights: dict[str, float] = {}
    for weight, text in weighted:
        for word in words_of(text):
            weights[word] = max(weight, weights.get(word, 0.0))
    return weights


def _plain(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= PREFIX - 1:
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word
