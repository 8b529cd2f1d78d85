"""Tools: what is offered, and what a call of one comes to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio
import mcp_types as wire
from mcp.shared.exceptions import MCPError

from bridge.errors import BridgeError
from bridge.gateway.entrance import Wanted
from bridge.server.asking import Asking, InputNeeded
from bridge.server.clean import clean
from bridge.server.credential_page import Page
from bridge.server.credential_pages import CredentialPages
from bridge.server.guard import Context, Unforeseen, contained
from bridge.server.listing import wire_tool
from bridge.server.needs import Answer, Playing, Progress
from bridge.server.present import Presenter

_PROGRESS_TIMEOUT = 1.0
_MESSAGE = 300
_BROKEN = (
    "Something went wrong inside game-bridge while it ran {name}. If it changes anything, it may"
    " have happened or not: look at the state before you repeat it. The details are in the log of"
    " game-bridge, on stderr."
)


@dataclass(slots=True, kw_only=True)
class ToolHandlers:
    """Serves ``tools/list`` and ``tools/call``."""

    gateway: Playing
    presenter: Presenter
    pages: CredentialPages | None
    """Where players type what a sign-in lacks, for hosts that can open a page; None where the host
    may be on another machine, whose 127.0.0.1 is not ours."""
    listed: list[wire.Tool] = field(init=False)

    def __post_init__(self) -> None:
        """Build the list once: it is the same for every host, for the life of the process."""
        self.listed = [wire_tool(tool) for tool in self.gateway.toolbox.list()]

    async def list(
        self, _context: Context, params: wire.PaginatedRequestParams | None
    ) -> wire.ListToolsResult:
        """Return all tools on one page: some hosts read no second one."""
        refuse_cursor(params)
        return wire.ListToolsResult(tools=self.listed)

    async def call(
        self, context: Context, params: wire.CallToolRequestParams
    ) -> wire.CallToolResult | wire.InputRequiredResult:
        """Do what the tool says; everything but an unknown tool comes back as a result."""
        if self.gateway.toolbox.find(params.name) is None:
            raise MCPError(wire.INVALID_PARAMS, self._unknown(params.name))
        try:
            return await contained(params.name, self._outcome(context, params))
        except BridgeError as error:
            return _failed(f"Failed: {clean(str(error))[:2_000]}")
        except Unforeseen:
            return _failed(_BROKEN.format(name=params.name))

    async def _outcome(
        self, context: Context, params: wire.CallToolRequestParams
    ) -> wire.CallToolResult | wire.InputRequiredResult:
        asking = Asking(context, params)
        try:
            page = self._page_of(params)
            if page is not None:
                await asking.returned(page)
            answer = await self._answer(asking)
            if answer.wanted is not None and page is None and asking.can_open_pages():
                answer = await self._let_in(asking, answer, answer.wanted)
        except InputNeeded as needed:
            return needed.result
        return self.presenter.result(answer)

    async def _answer(self, asking: Asking) -> Answer:
        return await self.gateway.call(
            asking.params.name,
            asking.params.arguments or {},
            report=_reporter(asking.context),
            ask=asking.agreed if asking.can_ask() else None,
        )

    async def _let_in(self, asking: Asking, answer: Answer, wanted: Wanted) -> Answer:
        """Let the player type what is missing on a page, and call again when it is there."""
        if self.pages is None:
            return answer
        url, page = await self.pages.open(wanted, asking.params.name)
        message = (
            f"{wanted.title} does not know you yet. On this page, on your own computer, you can "
            f"type what the account {wanted.account!r} needs; it goes into your keyring."
        )
        return await self._answer(asking) if await asking.visit(message, url, page) else answer

    def _page_of(self, params: wire.CallToolRequestParams) -> Page | None:
        """Return the page that was opened when the call was made the first time."""
        state = params.request_state
        return self.pages.find(state) if self.pages is not None and state else None

    def _unknown(self, name: str) -> str:
        nearest = [self._how(each) for each in self.gateway.toolbox.nearest(name)]
        meant = f" Did you mean {' or '.join(nearest)}?" if nearest else ""
        return f"Unknown tool: {clean(name)[:100]}.{meant} bridge_find searches every command."

    def _how(self, name: str) -> str:
        listed = self.gateway.toolbox.find(name) is not None
        return name if listed else f"{name} (through bridge_call)"


def refuse_cursor(params: wire.PaginatedRequestParams | None) -> None:
    """Refuse a cursor: every list is one page, so that none was ever given out."""
    if params is not None and params.cursor:
        raise MCPError(wire.INVALID_PARAMS, "Unknown cursor: the list has one page only.")


def _reporter(context: Context) -> Callable[[Progress], Awaitable[None]]:
    async def report(progress: Progress) -> None:
        # Sends nothing when the host gave no progress token. One that does not read what it is
        # sent must not hold up the game.
        with anyio.move_on_after(_PROGRESS_TIMEOUT):
            message = clean(progress.message)[:_MESSAGE]
            await context.session.report_progress(progress.done, progress.total, message)

    return report


def _failed(text: str) -> wire.CallToolResult:
    return wire.CallToolResult(content=[wire.TextContent(text=text)], is_error=True)
