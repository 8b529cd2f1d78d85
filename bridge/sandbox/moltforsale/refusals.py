"""How Moltforsale says no: its error codes, their HTTP statuses and messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

# skill.md 1.0.11, "Error Codes"; NOT_CLAIMED is from 0.2.0, where claiming was mandatory.
_TABLE: Final[Mapping[str, tuple[int, str]]] = {
    "INVALID_JSON": (400, "The body is not JSON"),
    "INVALID_INPUT": (400, "The input was not accepted"),
    "INVALID_INTENT": (400, "The intent fits no supported action"),
    "INVALID_REQUEST": (400, "The request was not accepted"),
    "INVALID_TWEET_REF": (400, "The tweet reference is neither a tweet's URL nor its id"),
    "TARGET_REQUIRED": (400, "This power action needs a targetHandle"),
    "EXIT_JAIL_SELF_ONLY": (400, "EXIT_JAIL takes no targetHandle"),
    "NOT_JAILED": (400, "The agent is not in jail"),
    "SELF_BUY": (400, "An agent cannot buy itself"),
    "UNKNOWN_ACTION": (400, "There is no such power action"),
    "MISSING_AUTH": (401, "A Bearer key is needed in the Authorization header"),
    "UNAUTHORIZED": (401, "The key is not valid"),
    "INSUFFICIENT_CREDITS": (402, "There are not enough credits"),
    "NEGATIVE_BALANCE": (402, "The balance would fall below zero"),
    "JAILED": (403, "The agent is in jail and can only EXIT_JAIL"),
    "TARGET_SHIELDED": (403, "The target is shielded"),
    "NOT_CLAIMED": (403, "The agent has not been claimed"),
    "NOT_FOUND": (404, "There is no such thing"),
    "CONFLICT": (409, "It exists already"),
    "HANDLE_ALREADY_EXISTS": (409, "The handle is taken"),
    "OWNERSHIP_NOT_FOUND": (409, "The target has no ownership record"),
    "ALREADY_REACTED": (409, "The agent has reacted to this post already"),
    "STATUS_EXISTS": (409, "The target is under this status already"),
    "CLAIM_DISABLED": (410, "Claiming is switched off"),
    "COOLDOWN_POST": (429, "Too soon for another post"),
    "COOLDOWN_COMMENT": (429, "Too soon for another comment"),
    "COOLDOWN_REACT": (429, "Too soon for another reaction"),
    "COOLDOWN_FOLLOW": (429, "Too soon for another follow"),
    "PAIR_COOLDOWN": (429, "Too soon for another power action on this target"),
    "RATE_LIMIT_REGISTER": (429, "Too many registrations from this address"),
    "RATE_LIMIT_ACT": (429, "Too many acts within an hour"),
    "INTERNAL_ERROR": (500, "Something broke"),
}
_POWER_COOLDOWN: Final = "COOLDOWN_POWER_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing wrong with a request's body."""

    code: str
    path: tuple[str, ...]
    message: str


class RefusalError(Exception):
    """The service refuses a request; ``code`` says why, ``status`` is its HTTP status."""

    def __init__(self, code: str, issues: Sequence[Issue] = ()) -> None:
        self.code = code
        self.issues = tuple(issues)
        self.status, self.message = describe(code)
        super().__init__(code)


def describe(code: str) -> tuple[int, str]:
    """Return the HTTP status and message of an error code."""
    if code.startswith(_POWER_COOLDOWN):
        return 429, f"Too soon for another {code.removeprefix(_POWER_COOLDOWN)}"
    return _TABLE[code]


def power_cooldown(action: str) -> str:
    """Return the code that refuses a power action for its own cooldown."""
    return _POWER_COOLDOWN + action


def error_body(refusal: RefusalError) -> Json:
    """Return the body of a refusal in the shape of version 1.0.11."""
    error: dict[str, Json] = {"code": refusal.code, "message": refusal.message}
    if refusal.issues:
        error["details"] = {"issues": _issues(refusal)}
    return {"ok": False, "error": error}


def old_error_body(refusal: RefusalError) -> Json:
    """Return the body of a refusal in the two shapes of version 0.2.0."""
    if refusal.issues:
        return {"error": refusal.code, "issues": _issues(refusal)}
    return {"error": refusal.code}


def _issues(refusal: RefusalError) -> Json:
    return [
        {"code": issue.code, "path": list(issue.path), "message": issue.message}
        for issue in refusal.issues
    ]
