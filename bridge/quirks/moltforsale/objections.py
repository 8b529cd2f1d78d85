"""What must be known before an act, and why an act cannot succeed or should not be paid for.

The game refuses without saying how long to wait, and some of what it accepts is a waste of
credits. So the state is polled, and whoever is meant is looked at, unless that was just done.
Several reasons may stand against an act: one that no waiting helps counts first, else the longest.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from bridge.protocol.cooldowns import clock_time
from bridge.protocol.verdict import Refused
from bridge.quirks.hooks import Asked, Memory
from bridge.quirks.moltforsale.notes import (
    GUESSED,
    Notes,
    Table,
    cost_of,
    flag,
    mapping,
    number,
    text,
)
from bridge.quirks.moltforsale.rules import (
    ACTS,
    POWERS,
    RESERVE,
    plain,
    price_and_fee,
)

SEEK_AGAIN_SECONDS: Final = 3600.0
SETTLED_SECONDS: Final = 120.0
_KEY: Final = re.compile(r"molt_sk_[A-Za-z0-9_-]{4,}")

Query = tuple[str, Mapping[str, JsonValue]]


def first(memory: Memory, asked: Asked) -> list[Query]:
    """Return the queries without which a call cannot be judged."""
    notes = Notes(memory)
    if asked.command not in ACTS and asked.command != "poll":
        return []
    queries: list[Query] = _own_profile(notes, asked)
    if asked.command == "poll":
        return queries
    if not notes.is_fresh(asked.now):
        queries.append(("poll", {}))
    target = _target(asked)
    if (
        target is not None
        and asked.command != "follow"
        and notes.profile(target, asked.now) is None
    ):
        queries.append(("agent", {"handle": target}))
    return queries


def objection(memory: Memory, asked: Asked) -> Refused | None:
    """Return why an act cannot succeed, None when nothing is known to stand against it."""
    if asked.command not in ACTS:
        return None
    notes = Notes(memory)
    reasons = list(_reasons(notes, asked))
    for reason in reasons:
        if reason.wait is None:
            return reason
    return max(reasons, key=lambda reason: reason.wait or 0.0, default=None)


def _own_profile(notes: Notes, asked: Asked) -> list[Query]:
    """Return how our own id is found, which events name us by; tried once an hour."""
    handle = notes.handle or text(asked.known.get("handle"))
    sought_at = number(notes.memory.get("_sought_at"))
    tried = sought_at is not None and 0 <= asked.now - sought_at < SEEK_AGAIN_SECONDS
    if notes.own_id is not None or handle is None or tried:
        return []
    notes.memory["_sought_at"] = asked.now
    return [("agent", {"handle": handle})]


def _target(asked: Asked) -> str | None:
    return text(asked.arguments.get("target_handle"))


# -- Reasons ----------------------------------------------------------------------------


def _reasons(notes: Notes, asked: Asked) -> Iterator[Refused]:
    if any(isinstance(v, str) and _KEY.search(v) for v in asked.arguments.values()):
        yield _no(
            "holds_a_key",
            "The text holds something that looks like an API key.",
            "Keys are never sent to the game. Whoever asked for it wants to steal an agent.",
        )
    if not notes.is_fresh(asked.now):
        yield from _trouble(mapping(notes.memory.get("_trouble")), "your state")
        return
    yield from _done_already(notes, asked)
    yield from _about_us(notes, asked)
    target = _target(asked)
    if target is None or asked.command == "follow":
        yield from _costs(notes, asked)
        return
    profile = notes.profile(target, asked.now) or {}
    if "trouble" in profile:
        yield from _trouble(mapping(profile["trouble"]), target)
    elif asked.command == "buy":
        yield from _purchase(notes, asked, profile)
    else:
        yield from _move(notes, asked, profile)
        yield from _costs(notes, asked)


def _trouble(trouble: Mapping[str, JsonValue], about: str) -> Iterator[Refused]:
    """Yield that what the act depends on could not be looked up."""
    why = text(trouble.get("message")) or "The game did not tell."
    code = text(trouble.get("code")) or "not_known"
    first = f"Nothing was sent, since {about} could not be looked up first: "
    yield Refused(
        code=code,
        message=why if code == "no_credentials" else first + why,
        hint=text(trouble.get("hint")) or "Call moltforsale_poll, then try again.",
        wait=number(trouble.get("wait")),
        local=True,
    )


def _done_already(notes: Notes, asked: Asked) -> Iterator[Refused]:
    """Yield, once, that the same act was carried out before, although its answer was lost."""
    settled = mapping(notes.memory.get("_settled"))
    told_at = number(settled.get("told_at"))
    same = settled.get("command") == asked.command
    if told_at is None or not same or settled.get("arguments") != dict(asked.arguments):
        return
    del notes.memory["_settled"]
    if asked.now - told_at < SETTLED_SECONDS:
        yield _no(
            "already_done",
            f"Your earlier {asked.command}, whose answer was lost, was carried out.",
            "Nothing was sent. Call it again if you want it a second time.",
        )


def _about_us(notes: Notes, asked: Asked) -> Iterator[Refused]:
    jailed = flag(notes.table("self").get("jailed"))
    if notes.memory.get("eligible") is False and not jailed:
        yield _ineligible(notes)
    if asked.command == "exit_jail" and jailed is False:
        yield _no("NOT_JAILED", "You are not in jail.", "There is nothing to leave.")
    elif asked.command != "exit_jail" and jailed:
        yield _until(
            "JAILED",
            "You are in jail",
            notes.status_left(notes.own_id, "JAIL", asked.now),
            asked.now,
            "Only moltforsale_exit_jail works, for 250 credits. Reading still works.",
            at_most=_jail_left_at_most(notes, asked.now),
        )


def _ineligible(notes: Notes) -> Refused:
    message = "The game says that your agent may not act (eligibleToAct is false)."
    if notes.memory.get("claimed") is True:
        return _no("NOT_ELIGIBLE", message, "It does not say why. Call moltforsale_poll later.")
    return _no(
        "NOT_CLAIMED",
        message,
        "A human has to claim it first. The user finds the link with: game-bridge claim moltforsale",
    )


def _jail_left_at_most(notes: Notes, now: float) -> float:
    """Return how long jail lasts at most, where nothing tells when it began."""
    longest = POWERS["JAIL"].lasts or 0.0
    since = number(notes.table("seen_since").get("jailed"))
    left = longest if since is None else since + notes.offset + longest - now
    return left if 0 < left <= longest else longest


def _move(notes: Notes, asked: Asked, profile: Table) -> Iterator[Refused]:
    kind, target = asked.command.upper(), _target(asked) or ""
    us = notes.is_me(target)
    state = notes.table("self") if us else profile
    agent_id = notes.own_id if us else text(profile.get("id"))
    whom = "You are" if us else f"{plain(target) or 'This agent'} is"
    if state.get("shielded") is True:
        yield _until(
            "TARGET_SHIELDED",
            f"{whom} shielded",
            notes.status_left(agent_id, "SHIELD", asked.now),
            asked.now,
            "A shield refuses every power move. Pick another agent or wait.",
            at_most=POWERS["SHIELD"].lasts,
        )
    if kind != "SHIELD":
        jailed = kind == "JAIL" and state.get("jailed") is True
        yield from _status(notes, kind, agent_id, whom, asked.now, jailed=jailed)


def _status(
    notes: Notes, kind: str, agent_id: str | None, whom: str, now: float, *, jailed: bool
) -> Iterator[Refused]:
    """Yield that the status which a move puts on an agent lies on it already."""
    left = notes.status_left(agent_id, kind, now)
    if (notes.status(agent_id, kind) or {}).get("by") == GUESSED and left > 0:
        yield _no(
            "STATUS_EXISTS",
            f"{whom} under {kind} already, as the game has said.",
            "When it ends is not known. Pick another agent or another move.",
        )
    elif left > 0 or jailed:
        yield _until(
            "STATUS_EXISTS",
            f"{whom} under {kind} already",
            left,
            now,
            "It does not add up. Pick another agent or another move.",
            at_most=POWERS[kind].lasts,
        )


def _purchase(notes: Notes, asked: Asked, profile: Table) -> Iterator[Refused]:
    target = _target(asked) or ""
    whom = plain(target) or "This agent"
    if notes.is_me(target) or (notes.own_id is not None and profile.get("id") == notes.own_id):
        yield _no("SELF_BUY", "You cannot buy yourself.", "Pick another agent.")
        return
    price, most = number(profile.get("price")), number(asked.arguments.get("max_total"))
    if price is None:
        if most is not None or _reserve(asked) > 0:
            yield _no(
                "PRICE_UNKNOWN",
                f"The game does not tell what {whom} costs, so that neither max_total nor a "
                "reserve can be kept.",
                "Nothing was bought. To buy at any price leave out max_total and give reserve 0.",
            )
        return
    total = price_and_fee(price)
    if most is not None and total > most:
        yield _no(
            "ABOVE_MAX_TOTAL",
            f"{whom} costs {price:g} and a fee, {total} together, more than the {most:g} of "
            "max_total.",
            "Nothing was bought. Raise max_total if it is worth it, or pick another agent.",
        )
    yield from _short_of_credits(notes, asked, total)


def _costs(notes: Notes, asked: Asked) -> Iterator[Refused]:
    cost = cost_of(notes, asked.command.upper())
    if cost is not None:
        yield from _short_of_credits(notes, asked, cost)


def _short_of_credits(notes: Notes, asked: Asked, cost: float) -> Iterator[Refused]:
    balance = number(notes.table("self").get("credits"))
    if balance is None:
        return
    if balance < cost:
        yield _no(
            "INSUFFICIENT_CREDITS",
            f"It costs {cost:g} credits and you have {balance:g}.",
            "Posting, buying and power moves earn a share of the pool every 6 hours.",
        )
        return
    reserve = _reserve(asked)
    if balance - cost < reserve:
        yield _no(
            "RESERVE",
            f"It costs {cost:g} credits, you have {balance:g}, and {reserve:g} are kept in "
            "reserve: leaving jail costs 250.",
            "Nothing was spent. Give a smaller reserve if you accept the risk.",
        )


def _reserve(asked: Asked) -> float:
    """Return how many credits are to be kept."""
    told = number(asked.arguments.get("reserve"))
    return 0 if asked.command == "exit_jail" else RESERVE if told is None else told


def _until(
    code: str, what: str, left: float, now: float, hint: str, *, at_most: float | None
) -> Refused:
    """Return a refusal that time ends; where we do not know when, at the latest when it must."""
    if left > 0 or at_most is None:
        message = f"{what} until {clock_time(now + left)}."
        return Refused(code=code, message=message, hint=hint, wait=left, local=True)
    message = f"{what}, until {clock_time(now + at_most)} at the latest."
    return Refused(code=code, message=message, hint=hint, wait=at_most, local=True)


def _no(code: str, message: str, hint: str) -> Refused:
    return Refused(code=code, message=message, hint=hint, local=True)
