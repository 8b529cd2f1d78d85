"""One value against one parameter: fitted, mended with a note, or refused with the reason."""

import difflib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from pydantic import JsonValue

from bridge.errors import BridgeError
from bridge.spec.model import GameSpec, Param
from bridge.spec.naming import named
from bridge.spec.nesting import is_deeper, scalars

LONGEST_SHOWN = 60
"""How many characters of a wrong value a message repeats."""
SHOWN_CHOICES = 12
"""How many allowed values a message lists before it counts the rest."""
LONG = 4
"""Letters that a choice must have for a longer word to be likely to mean it."""
DEEPEST = 20
"""How deep a value may be nested before it is refused unread."""
LARGEST = 1e300
"""No number beyond it is sent; floats end soon after."""


_WHOLE = re.compile(r"[+-]?\d+")
_UNIT = re.compile(
    r"^x\s*(?=\d)|(?<=\d)\s*(x|units?|credits?|cr|pieces?|pcs|items?|ticks?)$", re.IGNORECASE
)
"""What may stand beside a number without changing it; k and % do."""
_LISTED = re.compile(r"[\w:-]+(?:\s*,\s*[\w:-]+)+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A value as the command wants it, with one note for each thing that was mended."""

    value: JsonValue
    notes: tuple[str, ...] = ()


class Misfitting(BridgeError):  # noqa: N818 - what is the case, not "an error"
    """A value does not fit; ``problems`` are sentences, ``suggestion`` a value that would."""

    def __init__(self, *problems: str, suggestion: JsonValue = None) -> None:
        self.problems = problems
        self.suggestion = suggestion
        super().__init__(" ".join(problems))


def fit(spec: GameSpec, name: str, param: Param, value: JsonValue) -> Fitted:
    """Return the value as the parameter wants it. Raises Misfitting."""
    problem = _unsendable(value)
    if problem is not None:
        raise Misfitting(f"{name} {problem}.")
    match param.type:
        case "array":
            return _list(spec, name, param, value)
        case "object":
            return _record(spec, name, param, value)
        case "string" | "integer" | "number" | "boolean":
            return _single(name, param, value)
        case _ as never:
            assert_never(never)


def sample(param: Param) -> JsonValue:
    """Return what a value of a parameter looks like, for an example."""
    if param.enum:
        return "|".join(param.enum[:SHOWN_CHOICES])
    match param.type:
        case "string":
            return "..."
        case "integer" | "number":
            return math.ceil(param.minimum or 1)
        case "boolean":
            return True
        case "array":
            return []
        case "object":
            return {}
        case _ as never:
            assert_never(never)


def shown(value: JsonValue) -> str:
    """Return a wrong value as a message repeats it: its beginning, and only what is text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _unsendable(value: JsonValue) -> str | None:
    """Return why no program could be sent the value, None if it could."""
    if is_deeper(value, DEEPEST):
        return "is nested too deeply"
    for each in scalars(value):
        if isinstance(each, str):
            if not _is_text(each):
                return "holds half a character, a lone surrogate"
        elif each is not None and not -LARGEST <= each <= LARGEST:
            return "holds a number that cannot be sent"
    return None


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _single(name: str, param: Param, value: JsonValue) -> Fitted:
    """Return a value that is no list and no object, also out of a list or object around it."""
    bare = _taken_out(param, value)
    match param.type:
        case "string":
            fitted = _text(name, param, bare)
        case "boolean":
            fitted = _truth(name, bare)
        case _:
            fitted = _number(name, param, bare)
    if bare is value:
        return fitted
    notes = (f"{name} was taken out of {shown(value)}.", *fitted.notes)
    return Fitted(value=fitted.value, notes=notes)


def _taken_out(param: Param, value: JsonValue) -> JsonValue:
    """Return the only value of a list, or the id of an object that is referred to.

    Not of text that others read, and nothing that has to be looked for.
    """
    inner = value
    refers = param.names is not None or bool(param.enum)
    if isinstance(value, list) and len(value) == 1 and (refers or param.type != "string"):
        inner = value[0]
    elif isinstance(value, dict) and param.names is not None:
        inner = value.get("id", value.get(f"{param.names}_id"))
    return value if inner is None or isinstance(inner, list | dict) else inner


def _text(name: str, param: Param, value: JsonValue) -> Fitted:
    notes: list[str] = []
    if isinstance(value, int | float) and not isinstance(value, bool):
        notes.append(f"{name} was given as a number and is sent as text.")
        value = _figure(value)
    if not isinstance(value, str):
        raise Misfitting(f"{name} must be text, not {shown(value)}.")
    if param.enum:
        choice = _choice(name, param, value)
        return Fitted(value=choice.value, notes=(*notes, *choice.notes))
    if param.names is not None and (bare := _bare(value)) != value:
        notes.append(f"{name} {shown(value)} was read as {bare!r}.")
        value = bare
    _check_text(name, param, value)
    return Fitted(value=value, notes=tuple(notes))


def _check_text(name: str, param: Param, value: str) -> None:
    if param.min_length is not None and len(value) < param.min_length:
        raise Misfitting(f"{name} needs at least {param.min_length} characters.")
    if param.max_length is not None and len(value) > param.max_length:
        raise Misfitting(f"{name} takes at most {param.max_length} characters, not {len(value)}.")
    if param.pattern is not None and not _matches(param.pattern, value):
        raise Misfitting(f"{name} must match {param.pattern}: {param.description}".rstrip(": "))
    if param.place == "path" and value in ("", ".", ".."):
        raise Misfitting(f"{name} cannot be {shown(value)}.")


def _matches(pattern: str, value: str) -> bool:
    """Say whether the text has the pattern, whose ``$`` is the very end.

    Python's stands before a last line break as well, and a game may take a line for a command.
    """
    ends = pattern.endswith("$") and not pattern.endswith(r"\$")
    return re.search(pattern[:-1] + r"\Z" if ends else pattern, value) is not None


def _choice(name: str, param: Param, value: str) -> Fitted:
    if value in param.enum:
        return Fitted(value=value)
    meant, likely = _meant(_plain(value), param.enum)
    if meant is not None:
        return Fitted(value=meant, notes=(f"{name} {shown(value)} was read as {meant!r}.",))
    choices = ", ".join(param.enum[:SHOWN_CHOICES])
    more = len(param.enum) - SHOWN_CHOICES
    raise Misfitting(
        f"{name} cannot be {shown(value)}; it is one of: {choices}"
        + (f" and {more} more." if more > 0 else "."),
        suggestion=likely,
    )


def _meant(plain: str, choices: Sequence[str]) -> tuple[str | None, str | None]:
    """Return the choice that a spelling can only mean, and the one that is likely; or None.

    It can only mean one that is spelt the same but for case and signs, its singular or plural, or
    the only one that looks alike and begins alike: unload is not load.
    """
    by_plain = {_plain(choice): choice for choice in choices if _plain(choice)}
    stem = _singular(plain)
    for same in (
        [choice for key, choice in by_plain.items() if plain and key == plain],
        [choice for key, choice in by_plain.items() if stem and _singular(key) == stem],
    ):
        if len(same) == 1:
            return same[0], same[0]
    near = [
        by_plain[key] for key in difflib.get_close_matches(plain, by_plain, n=2, cutoff=0.8) if key
    ]
    if len(near) == 1 and _plain(near[0])[:1] == plain[:1]:
        return near[0], near[0]
    begun = [c for key, c in by_plain.items() if plain and key.startswith(plain)]
    begun += [c for key, c in by_plain.items() if len(key) >= LONG and plain.startswith(key)]
    likely = [*near, *(begun if len(begun) == 1 else [])]
    return None, likely[0] if likely else None


def _singular(plain: str) -> str:
    return f"{plain[:-3]}y" if plain.endswith("ies") else plain.rstrip("s")


def _number(name: str, param: Param, value: JsonValue) -> Fitted:
    number = _read_number(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Misfitting(f"{name} must be a number, not {shown(value)}.")
    notes = (f"{name} was read as the number {_figure(number)}.",) if value != number else ()
    if param.type == "integer":
        if number != int(number):
            raise Misfitting(f"{name} must be a whole number, not {shown(value)}.")
        number = int(number)
    if param.minimum is not None and number < param.minimum:
        raise Misfitting(
            f"{name} must be at least {_figure(param.minimum)}, not {shown(value)}.",
            suggestion=math.ceil(param.minimum),
        )
    if param.maximum is not None and number > param.maximum:
        raise Misfitting(
            f"{name} must be at most {_figure(param.maximum)}, not {shown(value)}.",
            suggestion=math.floor(param.maximum),
        )
    return Fitted(value=number, notes=notes)


def _read_number(text: str) -> float | None:
    bare = _UNIT.sub("", text.strip().strip("\"'"))
    if _THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    try:
        number = int(bare) if _WHOLE.fullmatch(bare) else float(bare)
    except ValueError:  # no number, or one with too many digits to read
        return None
    return number if -LARGEST <= number <= LARGEST else None


def _figure(number: float) -> str:
    """Return a number as people write it: 1000000, not 1e+06."""
    return str(number).removesuffix(".0")


def _truth(name: str, value: JsonValue) -> Fitted:
    if isinstance(value, bool):
        return Fitted(value=value)
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    read = words.get(str(value).strip().lower())
    if read is None:
        raise Misfitting(f"{name} must be true or false, not {shown(value)}.")
    return Fitted(value=read, notes=(f"{name} was read as {str(read).lower()}.",))


def _list(spec: GameSpec, name: str, param: Param, value: JsonValue) -> Fitted:
    value, notes = _parsed(name, value, list)
    if isinstance(value, str) and param.items == "string" and _LISTED.fullmatch(value.strip()):
        value, notes = re.split(r"\s*,\s*", value.strip()), [f"{name} was read as a list."]
    if not isinstance(value, list):
        value, notes = [value], [*notes, f"{name} was read as a list of one."]
    items = param.items or "string"
    if items in spec.records:
        inner = Param(type="object", record=items)
    else:
        inner = Param.model_validate({"type": items})
    if param.min_items is not None and len(value) < param.min_items:
        raise Misfitting(f"{name} needs at least {param.min_items} entries.")
    if param.max_items is not None and len(value) > param.max_items:
        raise Misfitting(f"{name} takes at most {param.max_items} entries, not {len(value)}.")
    fitted = [fit(spec, f"{name}[{i}]", inner, entry) for i, entry in enumerate(value)]
    return Fitted(
        value=[entry.value for entry in fitted],
        notes=(*notes, *(note for entry in fitted for note in entry.notes)),
    )


def _record(spec: GameSpec, name: str, param: Param, value: JsonValue) -> Fitted:
    value, notes = _parsed(name, value, dict)
    if not isinstance(value, dict):
        raise Misfitting(f"{name} must be an object, not {shown(value)}.")
    if param.record is not None:
        fields = spec.records[param.record]
    elif param.values is not None:
        fields = dict.fromkeys(value, Param(type=param.values))
    else:
        return Fitted(value=value, notes=tuple(notes))
    found = named(fields, value)
    if found.strangers:
        raise Misfitting(
            f"{name} has no {shown(found.strangers[0])}; it takes: {', '.join(fields)}."
        )
    notes += [f"{name}.{key} was read as {meant}." for key, meant in found.understood.items()]
    missing = [
        key for key, field in fields.items() if not field.optional and key not in found.values
    ]
    if missing:
        raise Misfitting(f"{name}.{missing[0]} is missing.")
    result: dict[str, JsonValue] = {}
    for key, member in found.values.items():
        fitted = fit(spec, f"{name}.{key}", fields[key], member)
        result[key] = fitted.value
        notes.extend(fitted.notes)
    return Fitted(value=result, notes=tuple(notes))


def _parsed(
    name: str, value: JsonValue, wanted: type[list[JsonValue]] | type[dict[str, JsonValue]]
) -> tuple[JsonValue, list[str]]:
    """Return JSON that was given as a string as what it says."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        parsed = _json_or_none(value)
        if isinstance(parsed, wanted) and _unsendable(parsed) is None:
            return parsed, [f"{name} was given as text and read as JSON."]
    return value, []


def _json_or_none(text: str) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def _bare(value: str) -> str:
    """Return what refers to something without blanks, quotes and the sign before a handle."""
    bare = value.strip()
    for quote in ('"', "'", "`"):
        if bare[:1] == bare[-1:] == quote and bare.strip(quote):
            bare = bare.strip(quote)
    return bare.removeprefix("@") or value


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
