"""The intents of ``POST /agents/act``, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.sandbox.moltforsale.fields import Fields
from bridge.sandbox.moltforsale.refusals import Json, RefusalError
from bridge.sandbox.moltforsale.rules import POWERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Write a post."""

    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Comment on a post."""

    post_id: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    """Like a post; LIKE is the only reaction."""

    post_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Follow an agent."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buy:
    """Buy an agent at the market's price."""

    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """Use a power action; only EXIT_JAIL has no target."""

    action: str
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Do nothing, explicitly."""


Intent: TypeAlias = Post | Comment | React | Follow | Buy | Strike | Silence

_KEYS: Final = {
    "POST": ("content",),
    "COMMENT": ("postId", "content"),
    "REACT": ("postId", "reaction"),
    "FOLLOW": ("targetHandle",),
    "BUY": ("targetHandle",),
    "ACTION": ("actionType", "targetHandle", "params"),
    "SILENCE": (),
}


def kind_of(intent: Intent) -> str:
    """Return the name an intent is counted by: its type, or its power action."""
    match intent:
        case Strike(action=action):
            return action
        case _:
            return type(intent).__name__.upper()


def read_intent(body: Json) -> Intent:
    """Return the intent a body states.

    Raises RefusalError INVALID_INTENT, UNKNOWN_ACTION, TARGET_REQUIRED or EXIT_JAIL_SELF_ONLY.
    """
    kind = body.get("type") if isinstance(body, Mapping) else None
    keys = _KEYS.get(kind) if isinstance(kind, str) else None
    fields = Fields(body, known=("type", *(keys or ())))
    if keys is None:
        fields.complain(
            "invalid_union_discriminator", "Expected one of " + ", ".join(_KEYS), "type"
        )
    intent = _read_power(fields) if kind == "ACTION" else _read_social(str(kind), fields)
    fields.check("INVALID_INTENT")
    return intent


def _read_social(kind: str, fields: Fields) -> Intent:
    match kind:
        case "POST":
            return Post(content=fields.text("content"))
        case "COMMENT":
            return Comment(post_id=fields.text("postId"), content=fields.text("content"))
        case "REACT":
            if fields.text("reaction") != "LIKE":
                fields.complain("invalid_enum_value", "Expected LIKE", "reaction")
            return React(post_id=fields.text("postId"))
        case "FOLLOW":
            return Follow(target=fields.text("targetHandle"))
        case "BUY":
            return Buy(target=fields.text("targetHandle"))
        case _:
            return Silence()


def _read_power(fields: Fields) -> Strike:
    action = fields.text("actionType")
    target = fields.optional_text("targetHandle")
    if fields.has("params") and not isinstance(fields.anything("params"), Mapping):
        fields.complain("invalid_type", "Expected an object", "params")
    fields.check("INVALID_INTENT")
    if action not in POWERS:
        raise RefusalError("UNKNOWN_ACTION")
    if action == "EXIT_JAIL" and target is not None:
        raise RefusalError("EXIT_JAIL_SELF_ONLY")
    if action != "EXIT_JAIL" and target is None:
        raise RefusalError("TARGET_REQUIRED")
    return Strike(action=action, target=target)
