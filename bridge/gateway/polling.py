"""Asking a game at intervals for what it does not push, while somebody follows a feed.

Some games ask for restraint. Those are polled only if the player has set an interval, by one
process at a time, not before so long has passed since this process asked the same, and with some
chance in it, so that not all bridges come at once. Failures are told in the log and tried again.
"""

import logging
import math

from bridge.errors import BridgeError
from bridge.gateway.lease import Lease, LeaseError
from bridge.gateway.looking import look
from bridge.gateway.player import Player
from bridge.protocol.events import from_poll
from bridge.protocol.verdict import Done
from bridge.spec.model import EventSource

FOLDER = "polls"
LONGEST_PAUSE_SECONDS = 60.0
"""The longest pause that failures lead to; each doubles it."""

log = logging.getLogger(__name__)


async def poll(player: Player, source: EventSource) -> None:
    """Poll until cancelled; return at once if nobody has asked for it."""
    interval = interval_of(source, player.services.settings.polls.get(player.spec.game.id))
    if source.command is None or interval is None:
        return
    if source.on_request:
        await _poll_with_restraint(player, source, source.command, interval)
    pause = interval
    while True:
        if player.needs_polls():
            went_well = await _ask(player, source, source.command)
            pause = interval if went_well else min(2 * pause, max(interval, LONGEST_PAUSE_SECONDS))
        await player.services.sleep(pause)


def interval_of(source: EventSource, wanted: float | None) -> float | None:
    """Return the seconds between two polls, None for no polls.

    The player's wish counts within what the game allows, and only where it is asked for.
    """
    if source.on_request is None:
        return source.every
    shortest, longest = source.on_request
    return None if wanted is None else min(max(wanted, shortest), longest)


async def _poll_with_restraint(
    player: Player, source: EventSource, command: str, interval: float
) -> None:
    services, lease = player.services, _lease(player)
    tried_at, pause = -math.inf, interval
    try:
        while True:
            left = max(tried_at, player.asked_at.get(command, -math.inf)) + pause - services.now()
            if left > 0:
                await services.sleep(left)
                continue
            tried_at = services.now()
            pause = interval + services.chance.uniform(0.0, source.jitter)
            if _is_ours(lease):
                await _ask(player, source, command)
    finally:
        if lease is not None:
            lease.release()


async def _ask(player: Player, source: EventSource, command: str) -> bool:
    """Ask once, and record what is new; say whether the game answered."""
    try:
        if source.tail is not None:
            return await look(player, source, source.tail)
        outcome = await player.run(command, {})
        if isinstance(outcome, Done):
            now = player.services.now()
            told = from_poll(player.spec, source, outcome.result, now)
            events = player.carrier.unheard(command, told)
            await player.services.feeds.record(player.spec.game.id, player.account, events)
    except BridgeError as error:
        log.info("%s cannot be polled: %s", player.spec.game.id, error)
        return False
    return isinstance(outcome, Done)


def _lease(player: Player) -> Lease | None:
    state = player.services.settings.state_folder
    return Lease(state / FOLDER, player.spec.game.id, player.account) if state.name else None


def _is_ours(lease: Lease | None) -> bool:
    """Say whether this process is the one that polls; the others read what it records."""
    try:
        return lease is None or lease.try_acquire()
    except LeaseError as error:
        log.info("%s", error)
        return True
