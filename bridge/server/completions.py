"""Completions: what may stand for a placeholder of a URI or an argument of a prompt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import mcp_types as wire

from bridge.server.clean import clean
from bridge.server.guard import Context
from bridge.server.needs import Playing
from bridge.server.prompts import PREFIX

MOST = 100
"""Values in one answer, at most."""

_SEEN = (
    "system",
    "poi",
    "station",
    "item",
    "module",
    "recipe",
    "ship",
    "player",
    "faction",
    "mission",
    "handle",
    "room",
    "character",
    "world",
)
"""What a goal can be about."""

_LIMITS = ("10", "20", "50", "100", "200", "500")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionHandlers:
    """Serves ``completion/complete``; knows nothing of what it is not asked about, and says so."""

    gateway: Playing
    handles: Sequence[str]
    """Of kept results, the newest last; grows while the server runs."""

    async def complete(
        self, _context: Context, params: wire.CompleteRequestParams
    ) -> wire.CompleteResult:
        """Return the values that begin with what is there already."""
        context = (params.context.arguments if params.context else None) or {}
        if isinstance(params.ref, wire.PromptReference):
            values = self._of_prompt(params.ref.name, params.argument)
        else:
            values = self._of_template(params.argument, context)
        found = list(dict.fromkeys(clean(value) for value in values))
        completion = wire.Completion(
            values=found[:MOST], total=len(found), has_more=len(found) > MOST
        )
        return wire.CompleteResult(completion=completion)

    def _of_template(
        self, argument: wire.CompletionArgument, context: Mapping[str, str]
    ) -> Iterable[str]:
        games = (
            [context["game"]]
            if context.get("game") in self.gateway.specs
            else [*self.gateway.specs]
        )
        match argument.name:
            case "game":
                values: Iterable[str] = self.gateway.specs
            case "account":
                values = (name for game in games for name in self.gateway.accounts(game))
            case "feed":
                values = (feed for game in games for feed in self.gateway.specs[game].feeds)
            case "id":
                values = reversed(self.handles)
            case "limit":
                values = _LIMITS
            case _:
                values = ()
        return _beginning(values, argument.value)

    def _of_prompt(self, prompt: str, argument: wire.CompletionArgument) -> Iterable[str]:
        game = prompt.removeprefix(PREFIX)
        if game not in self.gateway.specs:
            return ()
        match argument.name:
            case "account":
                return _beginning(self.gateway.accounts(game), argument.value)
            case "goal":
                return self._goals(game, argument.value)
            case _:
                return ()

    def _goals(self, game: str, text: str) -> Iterable[str]:
        """Complete the last word by what was seen in the game."""
        start, space, word = text.rpartition(" ")
        if not word:
            return
        for account in self.gateway.accounts(game):
            for kind in _SEEN:
                for name in self.gateway.seen(game, account, kind, word):
                    yield f"{start}{space}{name}"


def _beginning(values: Iterable[str], prefix: str) -> Iterable[str]:
    wanted = prefix.casefold()
    return (value for value in values if value.casefold().startswith(wanted))
