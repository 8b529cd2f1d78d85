"""Prompts: ``play_<game>``, the guide and the account's state in one message."""

from dataclasses import dataclass

import anyio
import mcp_types as wire
from mcp.shared.exceptions import MCPError

from bridge.errors import BridgeError
from bridge.server.addresses import feed_uri
from bridge.server.clean import clean
from bridge.server.guard import Context, Unforeseen, contained
from bridge.server.needs import Playing
from bridge.server.present import Presenter
from bridge.server.resources import guide_text
from bridge.server.tools import refuse_cursor
from bridge.spec.model import GameSpec

PREFIX = "play_"

_STATE_TIMEOUT = 8.0
_GOAL = 2_000
_HOW = (
    "Sign-in, waiting for ticks and cooldowns are done for you. When a call says pending, go on"
    " with something else and read bridge_events. What is not among your tools is found with"
    " bridge_find and done with bridge_call."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptHandlers:
    """Serves ``prompts/list`` and ``prompts/get``."""

    gateway: Playing
    presenter: Presenter
    state_timeout: float = _STATE_TIMEOUT
    """Seconds to wait for the account's state before doing without."""

    async def list(
        self, _context: Context, params: wire.PaginatedRequestParams | None
    ) -> wire.ListPromptsResult:
        """Return one prompt per game."""
        refuse_cursor(params)
        prompts = [_prompt(game, spec) for game, spec in self.gateway.specs.items()]
        return wire.ListPromptsResult(prompts=prompts)

    async def get(
        self, _context: Context, params: wire.GetPromptRequestParams
    ) -> wire.GetPromptResult:
        """Return the prompt, filled in with what the game says now."""
        game = params.name.removeprefix(PREFIX)
        spec = self.gateway.specs.get(game)
        if spec is None or params.name != f"{PREFIX}{game}":
            names = ", ".join(f"{PREFIX}{name}" for name in self.gateway.specs)
            raise MCPError(
                wire.INVALID_PARAMS,
                f"Unknown prompt: {clean(params.name)[:100]}. There is {names}.",
            )
        arguments = params.arguments or {}
        account = self._account(game, arguments.get("account"))
        text = "\n\n".join(
            [
                guide_text(spec),
                f"## Your account: {clean(account)}\n\n{await self._state(game, account)}",
                _how(game, account, spec, several=len(self.gateway.accounts(game)) > 1),
                _goal(arguments.get("goal"), spec),
            ]
        )
        message = wire.PromptMessage(role="user", content=wire.TextContent(text=text))
        return wire.GetPromptResult(description=f"Play {spec.game.title}.", messages=[message])

    def _account(self, game: str, wanted: str | None) -> str:
        accounts = self.gateway.accounts(game)
        if not wanted:
            return accounts[0]
        if wanted not in accounts:
            known = clean(", ".join(accounts))
            message = f"No account {clean(wanted)[:100]} for {game}. Known: {known}."
            raise MCPError(wire.INVALID_PARAMS, message)
        return wanted

    async def _state(self, game: str, account: str) -> str:
        with anyio.move_on_after(self.state_timeout):
            try:
                answer = await contained("status", self.gateway.status(game, account))
            except (BridgeError, Unforeseen):
                return "The state could not be read. Ask for it with a status tool."
            return self.presenter.text(answer)
        return "The game has not answered yet. Ask for the state with a status tool."


def _prompt(game: str, spec: GameSpec) -> wire.Prompt:
    return wire.Prompt(
        name=f"{PREFIX}{game}",
        title=f"Play {spec.game.title}",
        description=f"{spec.game.about} Begins with the guide and the account's current state.",
        arguments=[
            wire.PromptArgument(
                name="account",
                title="Account",
                description="Which account plays; the first one where absent.",
                required=False,
            ),
            wire.PromptArgument(
                name="goal",
                title="Goal",
                description="What to achieve, in your own words.",
                required=False,
            ),
        ],
    )


def _how(game: str, account: str, spec: GameSpec, *, several: bool) -> str:
    lines = [
        "## How to go on",
        "",
        _HOW,
    ]
    if several:
        lines.append(f'Give account="{clean(account)}" with every call.')
    if spec.feeds:
        feeds = ", ".join(feed_uri(game, account, feed) for feed in spec.feeds)
        lines.append(f"Feeds: {feeds}")
    return "\n".join(lines)


def _goal(goal: str | None, spec: GameSpec) -> str:
    wanted = clean(goal or "").strip()[:_GOAL]
    if not wanted:
        wanted = f"Play {spec.game.title}: look around, choose a sensible first goal and pursue it."
    return f"## Your goal\n\n{wanted}"
