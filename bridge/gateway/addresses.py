"""Where a game really is: the address in its spec, or the one the player has given instead."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

from bridge.errors import SettingsError
from bridge.protocol.render import Way
from bridge.settings import Settings
from bridge.spec.model import GameSpec, HttpUpstream, Upstream

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SECURE = {"http": "https", "ws": "wss"}


def ways(spec: GameSpec, settings: Settings) -> list[Way]:
    """Return every way to reach the game, the preferred one first.

    One event stream is among them, if the game has any: the wanted one, else the first.

    Raises SettingsError for an address or an upstream that cannot be used.
    """
    wanted = settings.via.get(spec.game.id)
    apart = {name for name, there in spec.upstream.items() if _is_apart(there)}
    if wanted is not None and wanted not in spec.upstream.keys() - apart:
        known = ", ".join(name for name in spec.upstream if name not in apart)
        raise SettingsError(f"--via {spec.game.id}={wanted}: it can be reached by {known}.")
    streams = [name for name in spec.upstream if _listens_only(spec, name)]
    listening = wanted if wanted in streams else next(iter(streams), None)
    carrier = None if wanted in streams else wanted
    return [
        Way(spec, name, address(spec, name, settings))
        for name in spec.upstream
        if name in (listening, *apart)
        or (not _listens_only(spec, name) and carrier in (None, name))
    ]


def home(spec: GameSpec, settings: Settings) -> str:
    """Return what tells one server of a game from another, whatever way it is reached."""
    return settings.urls.get(spec.game.id) or next(iter(spec.upstream.values())).url


def how_to_reach(spec: GameSpec, settings: Settings) -> str:
    """Return what to do when nothing answers at a game's address."""
    place = urlsplit(home(spec, settings))
    if urlsplit(next(iter(spec.upstream.values())).url).hostname not in LOOPBACK:
        return "Nothing was sent. Try again later; bridge_status shows the connection."
    return (
        f"Nothing was sent. {spec.game.title} is hosted by its players: ask the player whether it "
        f"runs at {place.scheme}://{place.netloc}. For another address this server is started "
        f"with --url {spec.game.id}=URL."
    )


def address(spec: GameSpec, upstream: str, settings: Settings) -> str:
    """Return the URL of one upstream.

    An address given by the player replaces scheme and host and goes in front of the path.
    Raises SettingsError unless it is encrypted or on this machine.
    """
    there = spec.upstream[upstream]
    given = settings.urls.get(spec.game.id)
    if given is None:
        _parsed(there.url, f"The spec of {spec.game.id} names {there.url}")
        return there.url
    base, own = _parsed(given, f"--url {spec.game.id}={given}"), urlsplit(there.url)
    secure = base.scheme in SECURE.values()
    scheme = "http" if isinstance(there, HttpUpstream) else "ws"
    path = base.path.rstrip("/") + own.path
    return urlunsplit((SECURE[scheme] if secure else scheme, base.netloc, path, "", ""))


def _parsed(url: str, origin: str) -> SplitResult:
    """Return the parts of an address that credentials may be sent to. Raises SettingsError."""
    if "@" in url.partition("//")[2].partition("/")[0]:
        # What stands before it may be a secret: the address is not repeated.
        raise SettingsError(
            "An address (--url) must not carry a name or a password. Store them with: "
            "game-bridge login"
        )
    try:
        base = urlsplit(url)
        usable = base.scheme in ("http", "https", "ws", "wss") and base.port != 0
    except ValueError:
        usable = False
    if not usable or not base.hostname:
        raise SettingsError(f"{origin}: not an address like https://host.")
    if base.scheme not in SECURE.values() and base.hostname not in LOOPBACK:
        raise SettingsError(
            f"{origin}: credentials only travel encrypted. Use https, or an address on this "
            "machine."
        )
    return base


def _is_apart(there: Upstream) -> bool:
    return isinstance(there, HttpUpstream) and there.apart


def _listens_only(spec: GameSpec, name: str) -> bool:
    there = spec.upstream[name]
    return not isinstance(there, HttpUpstream) and there.dialect == "event_stream"
