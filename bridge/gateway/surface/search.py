"""Finds commands by words: by their names, by what players call them, by what they do.

A command is a bag of stems, each with the weights of all places it stands in, which count less the
more they are. A question is answered by the commands that share its rare stems: whole, as a synonym
(``thesaurus.py``), or as the beginning of a word. What a newcomer needs comes before what
administrators do, what tells before what acts where something is asked, and a game or a command
that the question names before the others.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bridge.gateway.surface.thesaurus import synonyms
from bridge.gateway.surface.toolbox import Tool
from bridge.spec.model import Command, GameSpec

NAME_WEIGHT = 4.0
WORDS_WEIGHT = 3.0
TEXT_WEIGHT = 1.5
PARAM_WEIGHT = 1.0
TOOLSET_WEIGHT = 0.75

ENOUGH = 16.0
"""The weight of which twice as much counts a third more, not twice."""

SYNONYM = 0.45
"""What a synonym counts, against the word itself."""
BEGINNING = 0.4
"""What a word that only begins alike counts."""
ALIKE = 5
"""So many first letters must be the same."""
COVERED = 0.5
"""How much it counts that all words of a question are found, and not one of them twice as well."""

CORE = 1.15
ADMIN = 0.8
"""What a command counts that only administrators may use."""
NAMED = 1.4
"""What a command counts of whose name the question has every word."""
ASKED = 1.35
"""What a command counts that only tells, when the question asks what is."""
ELSEWHERE = 0.5
"""What a command counts when the question names another game."""

_STOP_WORDS = """
a about am an and any are as at be been being but by can could did do does doing else for from had
has have he her him his how i if in into is it its just let may me might must my no not of on one
or other our please shall she should so some something such than that the their them then there
these they this those to too us very want was we were what when which while will with would you
your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
_TELLS = frozenset({"get", "list", "view"})
_ASKS = re.compile(
    r"\s*(what|which|who|where|when|is|are|does|how (much|many|far|long))\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Index:
    """Every command's stems, with how much each counts."""

    _tools: Mapping[str, Tool]
    _prior: Mapping[str, float] = field(repr=False)
    _postings: Mapping[str, Mapping[str, float]] = field(repr=False)
    """By stem: the tools that have it, with its weight times its rarity."""
    _beginnings: Mapping[str, Sequence[str]] = field(repr=False)
    """The stems that begin with some letters."""
    _synonyms: Mapping[str, frozenset[str]] = field(repr=False)
    _names: Mapping[str, frozenset[str]] = field(repr=False)
    """The stems of every command's name, without those that say only that it tells."""

    def search(self, question: str) -> Sequence[Tool]:
        """Return the commands that answer the question best, best first."""
        wanted = list(dict.fromkeys(words_of(question)))
        scores: dict[str, float] = defaultdict(float)
        found: dict[str, int] = defaultdict(int)
        for stem in wanted:
            for name, score in self._matches(stem).items():
                scores[name] += score
                found[name] += 1
        for name in scores:
            covered = found[name] / len(wanted)
            scores[name] *= self._prior[name] * (1 - COVERED + COVERED * covered)
        self._heed(question, wanted, scores)
        ranked = sorted(scores, key=lambda name: -scores[name])
        named = self._named(question)
        return [self._tools[name] for name in (*named, *(n for n in ranked if n not in named))]

    def _heed(self, question: str, wanted: Sequence[str], scores: dict[str, float]) -> None:
        """Weigh the commands anew by what the question names, and by whether it asks."""
        games, asks = self._games_in(question), _ASKS.match(question)
        for name in scores:
            tool = self._tools[name]
            if self._names[name] and self._names[name] <= set(wanted):
                scores[name] *= NAMED
            if asks and tool.read_only:
                scores[name] *= ASKED
            if games and tool.game not in games:
                scores[name] *= ELSEWHERE

    def _named(self, question: str) -> Sequence[str]:
        """Return the tools whose name, with or without the game, the question is."""
        name = "_".join(re.findall(r"[a-z0-9]+", question.lower()))
        return [n for n, tool in self._tools.items() if name in (n, tool.command)]

    def _games_in(self, question: str) -> set[str | None]:
        """Return the games that the question names."""
        return {tool.game for tool in self._tools.values()} & set(
            re.findall(r"[a-z0-9]+", question.lower())
        )

    def _matches(self, stem: str) -> Mapping[str, float]:
        best: dict[str, float] = {}
        for like, share in self._alike(stem):
            for name, score in self._postings.get(like, {}).items():
                best[name] = max(best.get(name, 0.0), score * share)
        return best

    def _alike(self, stem: str) -> Iterator[tuple[str, float]]:
        yield stem, 1.0
        for other in self._synonyms.get(stem, ()):
            yield other, SYNONYM
        for other in self._beginnings.get(stem[:ALIKE], ()) if len(stem) >= ALIKE else ():
            if other != stem:
                yield other, BEGINNING


def index(specs: Mapping[str, GameSpec], tools: Iterable[Tool]) -> Index:
    """Return an index of the tools of games."""
    by_name = {tool.name: tool for tool in tools}
    weights = {name: _weights(specs, tool) for name, tool in by_name.items()}
    postings: dict[str, dict[str, float]] = defaultdict(dict)
    for name, stems in weights.items():
        for stem, weight in stems.items():
            postings[stem][name] = weight
    for having in postings.values():
        rarity = math.log(1 + len(by_name) / len(having))
        for name in having:
            having[name] *= rarity
    beginnings: dict[str, list[str]] = defaultdict(list)
    for stem in postings:
        beginnings[stem[:ALIKE]].append(stem)
    prior = {name: _prior(specs, tool) for name, tool in by_name.items()}
    names = {
        name: frozenset(words_of((tool.command or "").replace("_", " "))) - _TELLS
        for name, tool in by_name.items()
    }
    return Index(by_name, prior, postings, beginnings, synonyms(stem_of), names)


def words_of(text: str) -> list[str]:
    """Return the stems of the words of a text that say something."""
    found = re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))
    return [stem_of(word) for word in found if word not in STOP_WORDS]


@lru_cache(maxsize=8192)
def stem_of(word: str) -> str:
    """Return what is left of a word without its ending: ``carrying`` and ``carries`` are alike."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _SHORTEST:
            word = word.removesuffix(ending) + instead
            break
    if len(word) > _SHORTEST and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]  # running, dropped
    return word[:-1] if len(word) > _SHORTEST and word.endswith("e") else word


_SHORTEST = 3
_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("sses", "ss"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("ing", ""),
    ("ed", ""),
    ("ss", "ss"),
    ("us", "us"),
    ("s", ""),
)


def _weights(specs: Mapping[str, GameSpec], tool: Tool) -> dict[str, float]:
    spec = specs[tool.game or ""]
    command = spec.commands[tool.command or ""]
    toolset = spec.toolsets[command.toolset]
    weighted = (
        (TOOLSET_WEIGHT, f"{toolset.about} {command.toolset} {spec.game.id}"),
        (PARAM_WEIGHT, " ".join(_of_parameters(command))),
        (TEXT_WEIGHT, command.description),
        (WORDS_WEIGHT, " ".join(command.words)),
        (NAME_WEIGHT, (tool.command or "").replace("_", " ")),
    )
    weights: dict[str, float] = {}
    for weight, text in weighted:
        for stem in set(words_of(text)):
            weights[stem] = weights.get(stem, 0.0) + weight
    length = math.sqrt(1 + len(weights) / 40)
    return {
        stem: weight * (1 + ENOUGH) / (weight + ENOUGH) / length for stem, weight in weights.items()
    }


def _of_parameters(command: Command) -> Iterator[str]:
    for name, param in command.params.items():
        yield name.replace("_", " ")
        yield param.description
        yield from (choice.replace("_", " ") for choice in param.enum)


def _prior(specs: Mapping[str, GameSpec], tool: Tool) -> float:
    spec = specs[tool.game or ""]
    command = spec.commands[tool.command or ""]
    if command.core:
        return CORE
    return ADMIN if spec.toolsets[command.toolset].admin else 1.0
