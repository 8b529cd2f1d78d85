"""The URIs of resources: ``game://{game}/{account}/feeds/{feed}`` and the like."""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

SCHEME = "game"
RESULTS = "results"
"""Where a game's id stands in the URI of a kept result."""

DEFAULT_LIMIT = 50
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddress:
    """The events of one feed after a cursor; the newest ones where there is none."""

    game: str
    account: str
    feed: str
    after: int | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusAddress:
    """What a game says about an account now."""

    game: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideAddress:
    """How a game is played."""

    game: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAddress:
    """A result that was too large to be shown."""

    handle: str


Address = FeedAddress | StatusAddress | GuideAddress | ResultAddress


def feed_uri(game: str, account: str, feed: str) -> str:
    """Return the URI of a feed."""
    return f"{SCHEME}://{game}/{quote(account, safe='')}/feeds/{feed}"


def status_uri(game: str, account: str) -> str:
    """Return the URI of an account's status."""
    return f"{SCHEME}://{game}/{quote(account, safe='')}/status"


def guide_uri(game: str) -> str:
    """Return the URI of a game's guide."""
    return f"{SCHEME}://{game}/guide"


def parse(uri: str) -> Address | None:
    """Return what the URI names; None when it is not one of ours."""
    try:
        parts = urlsplit(uri)
        query = parse_qs(parts.query, max_num_fields=10)
        after, limit = _number(query, "after"), _number(query, "limit")
    except ValueError:
        return None
    if parts.scheme != SCHEME:
        return None
    match [parts.netloc, *(unquote(part) for part in parts.path.split("/")[1:])]:
        case [str(place), str(handle)] if place == RESULTS:
            return ResultAddress(handle=handle)
        case [str(game), "guide"]:
            return GuideAddress(game=game)
        case [str(game), str(account), "status"]:
            return StatusAddress(game=game, account=account)
        case [str(game), str(account), "feeds", str(feed)]:
            count = DEFAULT_LIMIT if limit is None else min(max(limit, 1), MOST)
            return FeedAddress(game=game, account=account, feed=feed, after=after, limit=count)
        case _:
            return None


def _number(query: dict[str, list[str]], name: str) -> int | None:
    return int(query[name][0]) if name in query else None
