"""Carries out the bridge's own tools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.errors import BridgeError
from bridge.gateway.feeds import Feeds
from bridge.gateway.player import Player
from bridge.gateway.surface.results import PART, Results
from bridge.gateway.surface.search import Index, index
from bridge.gateway.surface.toolbox import Tool, Toolbox
from bridge.gateway.watching.listening import Listening
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import GameSpec
from bridge.spec.params import signature

MOST_FOUND = 8
MOST_NAMED = 48
"""How many tools of a toolset are named, those in full included."""
LONGEST_SHOWN = 100
"""How many characters of a question a refusal repeats."""


@dataclass(slots=True, eq=False)
class Desk:
    """Everything the bridge can tell about itself."""

    specs: Mapping[str, GameSpec]
    toolbox: Toolbox
    feeds: Feeds
    results: Results
    players: Mapping[tuple[str, str], Player]
    listening: Listening
    _indexes: dict[str | None, Index] = field(default_factory=dict)
    """By game; None for all of them together."""

    # -- bridge_find ------------------------------------------------------------------

    def find(self, words: str, game: str | None, toolset: str | None) -> Outcome:
        """Return the tools that answer the words best, each as a call ready to be made.

        With a toolset, its tools only; all of them when the words say nothing about any.
        """
        within = (toolset or "").rpartition(":")[2]
        if within and within not in self._toolsets(game):
            return self._no_toolset(within, game)
        ranked = self._index(game).search(words)
        if within:
            every = [tool for tool in self._tools(game) if self._toolset(tool) == within]
            ranked = [tool for tool in ranked if tool in every] or every
        found = ranked[:MOST_FOUND]
        if not found:
            return self._nothing(f"No tool answers {words[:LONGEST_SHOWN]!r}.", game)
        lines = [self._signature(tool) for tool in found]
        if within and len(ranked) > len(found):
            names = ", ".join(tool.name for tool in ranked[MOST_FOUND:MOST_NAMED])
            lines.append(f"Also in {within}: {names}")
        return Done(result={"tools": list[JsonValue](lines)}, text="\n".join(lines))

    def _nothing(self, message: str, game: str | None) -> Refused:
        return Refused(
            code="nothing_found",
            message=message,
            hint=f"Use other words, or one of the toolsets: {', '.join(self._toolsets(game))}.",
            local=True,
        )

    def _no_toolset(self, name: str, game: str | None) -> Refused:
        for spec in self.specs.values():
            if game in (None, spec.game.id) and name in spec.toolsets:
                where = f"{spec.game.id}:{name}"
                return Refused(
                    code="not_allowed",
                    message=f"Nothing of the toolset {where} may be called here.",
                    hint="If it is for administrators, the player can allow it by starting the "
                    f"server with --allow {where}.",
                    local=True,
                )
        return self._nothing(f"There is no toolset {name[:LONGEST_SHOWN]!r}.", game)

    def _index(self, game: str | None) -> Index:
        if game not in self._indexes:
            self._indexes[game] = index(self.specs, self._tools(game))
        return self._indexes[game]

    def _tools(self, game: str | None) -> list[Tool]:
        return [tool for tool in self.toolbox.reachable() if game in (None, tool.game)]

    def _signature(self, tool: Tool) -> str:
        spec = self.specs[tool.game or ""]
        command = spec.commands[tool.command or ""]
        is_final = command.effect == "irreversible"
        mark = "" if tool.read_only else " [cannot be undone]" if is_final else " [acts]"
        return f"{tool.name}({signature(command.params)}){mark}: {tool.description}"

    def _toolset(self, tool: Tool) -> str:
        return self.specs[tool.game or ""].commands[tool.command or ""].toolset

    def _toolsets(self, game: str | None) -> Sequence[str]:
        """Return the toolsets of which something may be called."""
        return list(dict.fromkeys(self._toolset(tool) for tool in self._tools(game)))

    # -- bridge_result ------------------------------------------------------------------

    def result(self, arguments: Mapping[str, JsonValue]) -> Outcome:
        """Return a part of a long result."""
        result_id, words = str(arguments["id"]), arguments.get("search")
        try:
            if isinstance(words, str) and words:
                return _found(self.results.search(result_id, words))
            path, offset = arguments.get("path"), arguments.get("offset") or 0
            part = self.results.part(
                result_id,
                str(path) if path else None,
                int(str(offset)),
                int(str(arguments.get("limit") or PART)),
            )
        except LookupError as error:
            return Refused(code="not_there", message=str(error.args[0]), local=True)
        rest = part["next_offset"]
        tail = f"\n[{part['total']} characters; next offset {rest}]" if rest is not None else ""
        return Done(result=part, text=f"{part['text']}{tail}")

    # -- bridge_status ------------------------------------------------------------------

    async def status(self, game: str | None, accounts: Mapping[str, Sequence[str]]) -> Outcome:
        """Return what the bridge knows about every account, without asking a game."""
        told: dict[str, JsonValue] = {}
        for name in self.specs:
            if game in (None, name):
                told[name] = {
                    account: await self._account(name, account) for account in accounts[name]
                }
        return Done(result=told)

    async def _unread(self, game: str, account: str) -> JsonValue:
        try:
            unread = await self.feeds.unread(game, account)
        except BridgeError as error:
            return str(error)
        return {feed: number for feed, number in unread.items() if number}

    async def _account(self, game: str, account: str) -> JsonValue:
        told: dict[str, JsonValue] = {"unread": await self._unread(game, account)}
        player = self.players.get((game, account))
        if player is None:
            return {**told, "connection": "not used yet"}
        now = player.services.now()
        lives = player.carrier.lives()
        by_request = player.carrier.trouble() or "by request"
        told["connection"] = {name: live.in_words() for name, live in lives.items()} or by_request
        told["requests_left"] = player.services.budgets.left(game, account, now)
        told["listening"] = dict(self.listening.states(game, account))
        told["pending"] = [
            {"handle": act.handle, "state": act.in_words()} for act in player.acts.values()
        ]
        told["cooldowns"] = player.knowledge.running()
        gate = player.services.gates.opens_at(game, now)
        if gate > now:
            told["shut_out_for_seconds"] = round(gate - now)
        return told


def _found(found: dict[str, JsonValue]) -> Done:
    """Return where words stand, a line for each place."""
    matches = found["matches"]
    assert isinstance(matches, list)
    lines = [f"{match['offset']}: {match['text']}" for match in matches if isinstance(match, dict)]
    more = "\nThere are more: look for more of the words." if found["more"] else ""
    return Done(
        result=found, text="\n".join(lines) + more if lines else "They stand nowhere in it."
    )
