"""One value against one parameter: fitted, mended with a note, or refused with the reason."""

import difflib
import json
import math
import re
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.errors import BridgeError
from bridge.spec.model import GameSpec, Param

LONGEST_SHOWN = 60
"""How many characters of a wrong value a message repeats."""
SHOWN_CHOICES = 12
DEEPEST = 20
"""How deep a value may be nested before it is refused unread."""


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


def fit(spec: GameSpec, name: str, param: Param, value: JsonValue, depth: int = 0) -> Fitted:
    """Return the value as the parameter wants it. Raises Misfitting."""
    if depth > DEEPEST:
        raise Misfitting(f"{name} is nested too deeply.")
    match param.type:
        case "string":
            fitted = _text(name, param, value)
        case "integer" | "number":
            fitted = _number(name, param, value)
        case "boolean":
            fitted = _truth(name, value)
        case "array":
            fitted = _list(spec, name, param, value, depth)
        case "object":
            fitted = _record(spec, name, param, value, depth)
    return fitted


def _text(name: str, param: Param, value: JsonValue) -> Fitted:
    notes: list[str] = []
    if isinstance(value, int | float) and not isinstance(value, bool):
        notes.append(f"{name} was given as a number and is sent as text.")
        value = str(value)
    if not isinstance(value, str):
        raise Misfitting(f"{name} must be text, not {_shown(value)}.")
    if param.enum:
        return _choice(name, param, value)
    unquoted = _unquoted(value)
    if unquoted is not None and param.names is not None:
        notes.append(f"the quotes around {name} were left out.")
        value = unquoted
    _check_text(name, param, value)
    return Fitted(value=value, notes=tuple(notes))


def _check_text(name: str, param: Param, value: str) -> None:
    if param.min_length is not None and len(value) < param.min_length:
        raise Misfitting(f"{name} needs at least {param.min_length} characters.")
    if param.max_length is not None and len(value) > param.max_length:
        raise Misfitting(f"{name} takes at most {param.max_length} characters, not {len(value)}.")
    if param.pattern is not None and re.search(param.pattern, value) is None:
        raise Misfitting(f"{name} must match {param.pattern}: {param.description}".rstrip(": "))
    if param.place == "path" and value in ("", ".", ".."):
        raise Misfitting(f"{name} cannot be {_shown(value)}.")


def _choice(name: str, param: Param, value: str) -> Fitted:
    if value in param.enum:
        return Fitted(value=value)
    plain = _plain(value)
    same = [choice for choice in param.enum if _plain(choice) == plain]
    if len(same) == 1:
        return Fitted(value=same[0], notes=(f"{name} {_shown(value)} was read as {same[0]!r}.",))
    near = _near_choices(plain, param.enum)
    if len(near) == 1:
        return Fitted(value=near[0], notes=(f"{name} {_shown(value)} was read as {near[0]!r}.",))
    choices = ", ".join(param.enum[:SHOWN_CHOICES])
    more = len(param.enum) - SHOWN_CHOICES
    raise Misfitting(
        f"{name} cannot be {_shown(value)}; it is one of: {choices}"
        + (f" and {more} more." if more > 0 else "."),
        suggestion=near[0] if near else None,
    )


def _near_choices(plain: str, choices: list[str]) -> list[str]:
    by_plain = {_plain(choice): choice for choice in choices}
    singular = [
        choice for key, choice in by_plain.items() if plain and key.rstrip("s") == plain.rstrip("s")
    ]
    if singular:
        return singular
    return [by_plain[key] for key in difflib.get_close_matches(plain, by_plain, n=2, cutoff=0.8)]


def _number(name: str, param: Param, value: JsonValue) -> Fitted:
    notes: list[str] = []
    if isinstance(value, str):
        number = _read_number(value)
        if number is None:
            raise Misfitting(f"{name} must be a number, not {_shown(value)}.")
        notes.append(f"{name} was read as the number {number:g}.")
        value = number
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Misfitting(f"{name} must be a number, not {_shown(value)}.")
    if param.type == "integer":
        if value != int(value):
            raise Misfitting(f"{name} must be a whole number, not {_shown(value)}.")
        value = int(value)
    if param.minimum is not None and value < param.minimum:
        raise Misfitting(f"{name} must be at least {param.minimum:g}, not {_shown(value)}.")
    if param.maximum is not None and value > param.maximum:
        raise Misfitting(f"{name} must be at most {param.maximum:g}, not {_shown(value)}.")
    return Fitted(value=value, notes=tuple(notes))


def _read_number(text: str) -> float | None:
    try:
        number = float(text.strip().strip("\"'").replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _truth(name: str, value: JsonValue) -> Fitted:
    if isinstance(value, bool):
        return Fitted(value=value)
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    read = words.get(str(value).strip().lower())
    if read is None:
        raise Misfitting(f"{name} must be true or false, not {_shown(value)}.")
    return Fitted(value=read, notes=(f"{name} was read as {str(read).lower()}.",))


def _list(spec: GameSpec, name: str, param: Param, value: JsonValue, depth: int) -> Fitted:
    value, notes = _parsed(name, value, list)
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
    fitted = [fit(spec, f"{name}[{i}]", inner, entry, depth + 1) for i, entry in enumerate(value)]
    return Fitted(
        value=[entry.value for entry in fitted],
        notes=(*notes, *(note for entry in fitted for note in entry.notes)),
    )


def _record(spec: GameSpec, name: str, param: Param, value: JsonValue, depth: int) -> Fitted:
    value, notes = _parsed(name, value, dict)
    if not isinstance(value, dict):
        raise Misfitting(f"{name} must be an object, not {_shown(value)}.")
    if param.record is None:
        return Fitted(value=value, notes=tuple(notes))
    fields = spec.records[param.record]
    strange = [key for key in value if key not in fields]
    if strange:
        raise Misfitting(f"{name} has no {strange[0]!r}; it takes: {', '.join(fields)}.")
    missing = [
        key for key, field in fields.items() if not field.optional and value.get(key) is None
    ]
    if missing:
        raise Misfitting(f"{name}.{missing[0]} is missing.")
    result: dict[str, JsonValue] = {}
    for key, member in value.items():
        if member is not None:
            fitted = fit(spec, f"{name}.{key}", fields[key], member, depth + 1)
            result[key] = fitted.value
            notes.extend(fitted.notes)
    return Fitted(value=result, notes=tuple(notes))


def _parsed(
    name: str, value: JsonValue, wanted: type[list[JsonValue]] | type[dict[str, JsonValue]]
) -> tuple[JsonValue, list[str]]:
    """Return JSON that was given as a string as what it says."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        parsed = _json_or_none(value)
        if isinstance(parsed, wanted):
            return parsed, [f"{name} was given as text and read as JSON."]
    return value, []


def _json_or_none(text: str) -> JsonValue:
    try:
        parsed: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed


def _unquoted(value: str) -> str | None:
    for quote in ('"', "'", "`"):
        if len(value) > 2 and value[0] == value[-1] == quote:  # noqa: PLR2004 - two quotes around something
            return value[1:-1]
    return None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def _shown(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."
