"""What is remembered of one agent, under names.

Times are the game's, so that they stay right when our clock is put right; how old something is
that we were told counts by our own clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from bridge.quirks.hooks import Memory
from bridge.quirks.moltforsale.rules import HOUR, PAIR_SECONDS, POWERS, plain

FRESH_SECONDS: Final = 30.0
"""How long what a poll or a profile said is taken for the present."""
GUESSED: Final = "?"
"""Who put a status of which we only know that the game has refused to put it twice."""
MOST_NAMES: Final = 1_000
MOST_PROFILES: Final = 100

LARGEST_NUMBER: Final = 1e15
"""JSON can say more than anybody can count; what is larger means nothing."""

Table = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Notes:
    """One agent's memory."""

    memory: Memory

    # -- Who and when ---------------------------------------------------------------

    @property
    def own_id(self) -> str | None:
        """Return our own id, None while it is not known."""
        return text(self.memory.get("id"))

    @property
    def handle(self) -> str | None:
        """Return our own handle as the game writes it."""
        return text(self.memory.get("handle"))

    @property
    def offset(self) -> float:
        """Return by how many seconds our clock is ahead of the game's."""
        return number(self.memory.get("offset")) or 0.0

    def is_fresh(self, now: float) -> bool:
        """Say whether a poll told our state a moment ago."""
        at = number(self.memory.get("_polled_at"))
        return at is not None and 0 <= now - at < FRESH_SECONDS

    def outdated(self) -> None:
        """Take our state for outdated: something has happened."""
        self.memory.pop("_polled_at", None)

    def table(self, name: str) -> Table:
        """Return a part of the memory, made if it is not there."""
        found = self.memory.get(name)
        if not isinstance(found, dict):
            found = {}
            self.memory[name] = found
        return found

    def entries(self, name: str) -> list[JsonValue]:
        """Return a list in the memory, made if it is not there."""
        found = self.memory.get(name)
        if not isinstance(found, list):
            found = []
            self.memory[name] = found
        return found

    # -- Agents ---------------------------------------------------------------------

    def name(self, agent_id: str, handle: str) -> None:
        """Remember whose id that is."""
        names = self.table("names")
        if names.get(agent_id) == handle:
            return
        names.pop(agent_id, None)
        names[agent_id] = handle
        while len(names) > MOST_NAMES:
            del names[next(iter(names))]

    def named(self, agent_id: JsonValue) -> str | None:
        """Return the handle that belongs to an id, None if we have not seen it."""
        return text(self.table("names").get(agent_id)) if isinstance(agent_id, str) else None

    def in_words(self, agent_id: JsonValue) -> str:
        """Return an agent for a sentence of ours: its handle, or its id."""
        known = self.named(agent_id)
        return (plain(known) if known else None) or str(agent_id or "somebody")

    def id_of(self, handle: str) -> str | None:
        """Return the id of a handle we have seen."""
        wanted = handle.casefold()
        for agent_id, known in self.table("names").items():
            if str(known).casefold() == wanted:
                return agent_id
        return None

    def is_me(self, handle: str) -> bool:
        """Say whether a handle is our own."""
        return self.handle is not None and handle == self.handle

    def keep_profile(self, handle: str, profile: Mapping[str, JsonValue], now: float) -> None:
        """Remember what was told of an agent now."""
        profiles = self.table("_profiles")
        profiles.pop(handle, None)
        profiles[handle] = {**profile, "at": now}
        while len(profiles) > MOST_PROFILES:
            del profiles[next(iter(profiles))]

    def profile(self, handle: str, now: float) -> Table | None:
        """Return what was told of an agent a moment ago, None if nothing was."""
        found = self.table("_profiles").get(handle)
        at = number(found.get("at")) if isinstance(found, dict) else None
        if not isinstance(found, dict) or at is None or not 0 <= now - at < FRESH_SECONDS:
            return None
        return found

    def forget_profile(self, handle: str) -> None:
        """Look again before it counts: something was done to that agent."""
        self.table("_profiles").pop(handle, None)

    # -- What lies on agents, and what we did to them -----------------------------------

    def put_status(self, agent_id: str, kind: str, until: float, by: str | None) -> None:
        """Remember that a status lies on an agent until a time of the game's."""
        statuses = self.table("statuses").setdefault(agent_id, {})
        if isinstance(statuses, dict):
            statuses[kind] = {"until": until, "by": by}

    def lift_status(self, agent_id: str, kind: str) -> None:
        """Remember that an agent is free of a status."""
        statuses = self.table("statuses").get(agent_id)
        if isinstance(statuses, dict):
            statuses.pop(kind, None)

    def status(self, agent_id: str | None, kind: str) -> Table | None:
        """Return until when, by the game's clock, and from whom a status lies on an agent."""
        statuses = self.table("statuses").get(agent_id or "")
        found = statuses.get(kind) if isinstance(statuses, dict) else None
        return found if isinstance(found, dict) else None

    def status_left(self, agent_id: str | None, kind: str, now: float) -> float:
        """Return the seconds that a status still lies on an agent, as far as we know."""
        found = self.status(agent_id, kind)
        until = number(found.get("until")) if found is not None else None
        return max(0.0, until + self.offset - now) if until is not None else 0.0

    def forget_past(self, now: float) -> None:
        """Forget what no longer matters."""
        present = now - self.offset
        statuses = self.table("statuses")
        for agent_id, found in list(statuses.items()):
            lasting: Table = {
                kind: status
                for kind, status in (found.items() if isinstance(found, dict) else ())
                if isinstance(status, dict) and (number(status.get("until")) or 0.0) > present
            }
            statuses[agent_id] = lasting
            if not lasting:
                del statuses[agent_id]
        for name, seconds in (("struck", PAIR_SECONDS), ("done", 24 * HOUR)):
            times = self.table(name)
            for key in [
                key for key, at in times.items() if (number(at) or 0.0) + seconds < present
            ]:
                del times[key]


def cost_of(notes: Notes, kind: str) -> float | None:
    """Return what a power move costs, as the last poll said; None for other acts."""
    if kind not in POWERS:
        return None
    told = number(notes.table("costs").get(kind))
    return POWERS[kind].cost if told is None else told


def text(value: JsonValue) -> str | None:
    """Return a text that says something, None for anything else."""
    return value if isinstance(value, str) and value else None


def number(value: JsonValue) -> float | None:
    """Return a number of a size that makes sense, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -LARGEST_NUMBER < value < LARGEST_NUMBER else None


def flag(value: JsonValue) -> bool | None:
    """Return a yes or a no, None for anything else: what is not told is not known."""
    return value if isinstance(value, bool) else None


def mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}
