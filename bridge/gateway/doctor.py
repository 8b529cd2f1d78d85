"""What a server's port for machines says about its health; for ``game-bridge doctor`` only.

Models never reach these commands: they are not offered. Such a port should not be open to the
internet, so it is asked only on this machine; elsewhere it is said to be left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from bridge.errors import BridgeError
from bridge.gateway.addresses import LOOPBACK
from bridge.protocol.judge import judge_reply
from bridge.protocol.render import Way, http_call
from bridge.protocol.verdict import Done, Refused
from bridge.settings import Settings
from bridge.spec.model import GameSpec, HttpUpstream
from bridge.upstream.http import HttpClient

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question to a server's port for machines, and what came of it."""

    name: str
    """The command in the spec, such as ``readiness``."""
    well: bool | None
    """None where it was not asked."""
    told: str


async def examine(spec: GameSpec, settings: Settings, http: HttpClient) -> list[Probe]:
    """Ask everything that a game's spec has for machines; empty for a game that has nothing."""
    return [await _asked(spec, name, there, settings, http) for name, there in _questions(spec)]


def port_for_machines(spec: GameSpec, upstream: str, settings: Settings) -> str | None:
    """Return where such an upstream is: beside the game, at its own port; None if far away.

    The simulated games have one port, and everything under their own address.
    """
    own, given = urlsplit(spec.upstream[upstream].url), settings.urls.get(spec.game.id)
    if given is None:
        return spec.upstream[upstream].url
    if settings.sandbox:
        return f"{given.rstrip('/')}/{upstream}"
    host = urlsplit(given).hostname or ""
    if host not in LOOPBACK:
        return None
    where = f"[{host}]" if ":" in host else host
    return urlunsplit((own.scheme, f"{where}:{own.port}", own.path, "", ""))


def _questions(spec: GameSpec) -> Iterator[tuple[str, str]]:
    for name, command in spec.commands.items():
        if not command.offered and command.effect == "query" and not command.params:
            for upstream in command.upstreams:
                there = spec.upstream[upstream]
                if isinstance(there, HttpUpstream) and there.only_listed:
                    yield name, upstream


async def _asked(
    spec: GameSpec, name: str, upstream: str, settings: Settings, http: HttpClient
) -> Probe:
    address = port_for_machines(spec, upstream, settings)
    if address is None:
        told = "Not asked: this port is for the server's own machine. Run doctor there."
        return Probe(name=name, well=None, told=told)
    way = Way(spec, upstream, address)
    try:
        call = replace(http_call(way, name, {}, {}), timeout=PATIENCE_SECONDS)
        reply = await http.exchange(call)
    except BridgeError as error:
        return Probe(name=name, well=False, told=str(error))
    outcome = judge_reply(spec, way.http(), spec.commands[name], reply, "").outcome
    if isinstance(outcome, Refused):
        return Probe(name=name, well=False, told=outcome.message)
    return Probe(name=name, well=True, told=_in_words(outcome) if isinstance(outcome, Done) else "")


def _in_words(done: Done) -> str:
    if isinstance(done.result, dict):
        return ", ".join(f"{key} {value}" for key, value in done.result.items())
    lines = [line for line in (done.text or "").splitlines() if line and not line.startswith("#")]
    return "; ".join(lines)
