"""Resources: feeds, status, guides and kept results, and the templates that name them."""

from dataclasses import dataclass

import anyio
import mcp_types as wire
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import JsonValue

from bridge.server.addresses import (
    DEFAULT_LIMIT,
    MOST,
    FeedAddress,
    GuideAddress,
    ResultAddress,
    StatusAddress,
    feed_uri,
    guide_uri,
    parse,
    status_uri,
)
from bridge.server.clean import clean, marked
from bridge.server.guard import Context
from bridge.server.needs import Playing
from bridge.server.present import Presenter
from bridge.server.timeline import timeline
from bridge.server.tools import refuse_cursor
from bridge.spec.model import GameSpec

RESOURCE_NOT_FOUND = -32002
"""How the older era says that there is no such resource; the newer one says -32602."""

FEED_TEMPLATE = "game://{game}/{account}/feeds/{feed}{?after,limit}"
STATUS_TEMPLATE = "game://{game}/{account}/status"
GUIDE_TEMPLATE = "game://{game}/guide"
RESULT_TEMPLATE = "game://results/{id}"

_TEXT = "text/plain"
_MARKDOWN = "text/markdown"
_STATUS_TIMEOUT = 45.0
_MOST_OF_A_RESULT = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceHandlers:
    """Serves ``resources/list``, ``resources/templates/list`` and ``resources/read``."""

    gateway: Playing
    presenter: Presenter
    status_timeout: float = _STATUS_TIMEOUT
    """Seconds to wait for what a game says about an account."""

    async def list(
        self, _context: Context, params: wire.PaginatedRequestParams | None
    ) -> wire.ListResourcesResult:
        """Return the guide, the status and the feeds of every game and account."""
        refuse_cursor(params)
        resources: list[wire.Resource] = []
        for game, spec in self.gateway.specs.items():
            resources.append(_guide(game, spec))
            for account in self.gateway.accounts(game):
                resources += _of_account(game, account, spec)
        return wire.ListResourcesResult(resources=resources)

    async def templates(
        self, _context: Context, params: wire.PaginatedRequestParams | None
    ) -> wire.ListResourceTemplatesResult:
        """Return how the URIs are made."""
        refuse_cursor(params)
        return wire.ListResourceTemplatesResult(resource_templates=_templates())

    async def read(
        self, context: Context, params: wire.ReadResourceRequestParams
    ) -> wire.ReadResourceResult:
        """Return what stands at the URI."""
        match parse(params.uri):
            case FeedAddress() as address if self._has(address.game, address.account, address.feed):
                return await self._feed(address, params.uri)
            case StatusAddress() as address if self._has(address.game, address.account):
                return _contents(params.uri, await self._status(address), _TEXT)
            case GuideAddress(game=game) if game in self.gateway.specs:
                return _contents(params.uri, guide_text(self.gateway.specs[game]), _MARKDOWN)
            case ResultAddress(handle=handle):
                kept = self.gateway.stored(handle)
                if kept is not None:
                    return _contents(params.uri, _kept(kept), _TEXT)
        raise _not_found(context, params.uri)

    def _has(self, game: str, account: str, feed: str | None = None) -> bool:
        spec = self.gateway.specs.get(game)
        if spec is None or account not in self.gateway.accounts(game):
            return False
        return feed is None or feed in spec.feeds

    async def _feed(self, address: FeedAddress, uri: str) -> wire.ReadResourceResult:
        page = await self.gateway.feeds.read(
            address.game, address.account, address.feed, after=address.after, limit=address.limit
        )
        title = f"{address.game} {clean(address.account)} {address.feed}"
        shown = timeline(page, title=title)
        return _contents(uri, shown.text, _TEXT, meta=shown.meta())

    async def _status(self, address: StatusAddress) -> str:
        with anyio.move_on_after(self.status_timeout):
            return self.presenter.text(await self.gateway.status(address.game, address.account))
        return "The game has not answered in time. Read this again in a while."


def guide_text(spec: GameSpec) -> str:
    """Return how the game is played, as Markdown."""
    game = spec.game
    return "\n\n".join(part for part in (f"# {game.title}", game.about, game.guide) if part)


def _contents(
    uri: str, text: str, mime_type: str, *, meta: dict[str, JsonValue] | None = None
) -> wire.ReadResourceResult:
    contents = wire.TextResourceContents(uri=uri, mime_type=mime_type, text=text, _meta=meta)
    return wire.ReadResourceResult(contents=[contents])


def _kept(text: str) -> str:
    # Whose words these are is no longer known, so they are taken for other players'.
    shown = clean(text)
    if len(shown) > _MOST_OF_A_RESULT:
        rest = len(shown) - _MOST_OF_A_RESULT
        shown = f"{shown[:_MOST_OF_A_RESULT]}\n({rest} more characters: use bridge_result)"
    return marked(shown)


def _not_found(context: Context, uri: str) -> MCPError:
    modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
    code = wire.INVALID_PARAMS if modern else RESOURCE_NOT_FOUND
    uri = clean(uri)[:200]
    message = f"No such resource: {uri}. resources/list and resources/templates/list say which are."
    return MCPError(code, message, {"uri": uri})


def _guide(game: str, spec: GameSpec) -> wire.Resource:
    return wire.Resource(
        uri=guide_uri(game),
        name=f"{game}_guide",
        title=f"{spec.game.title}: how to play",
        description=spec.game.about,
        mime_type=_MARKDOWN,
    )


def _of_account(game: str, account: str, spec: GameSpec) -> list[wire.Resource]:
    shown, title = clean(account), spec.game.title
    status = wire.Resource(
        uri=status_uri(game, account),
        name=f"{game}_{shown}_status",
        title=f"{title}: status of {shown}",
        description=f"What {title} says about {shown} now.",
        mime_type=_TEXT,
    )
    feeds = [
        wire.Resource(
            uri=feed_uri(game, account, name),
            name=f"{game}_{shown}_{name}",
            title=f"{title}: {feed.title} ({shown})",
            description=f"Recent events of {shown}: {feed.title}. Can be subscribed to.",
            mime_type=_TEXT,
        )
        for name, feed in spec.feeds.items()
    ]
    return [status, *feeds]


def _templates() -> list[wire.ResourceTemplate]:
    feed = (
        f"Events after a cursor (seq), oldest first, at most limit ({DEFAULT_LIMIT}, up to {MOST})."
        " Says the next cursor and how many events were missed."
    )
    entries = (
        (FEED_TEMPLATE, "feed", "Events of a feed", feed, _TEXT),
        (STATUS_TEMPLATE, "status", "Status", "What a game says about an account now.", _TEXT),
        (GUIDE_TEMPLATE, "guide", "Guide", "How a game is played.", _MARKDOWN),
        (RESULT_TEMPLATE, "result", "Kept result", "A result too large to be shown.", _TEXT),
    )
    return [
        wire.ResourceTemplate(
            uri_template=uri, name=name, title=title, description=description, mime_type=mime
        )
        for uri, name, title, description, mime in entries
    ]
