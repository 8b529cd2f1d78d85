"""Asking a game at intervals for what it does not push, while somebody follows a feed.

Some games ask for restraint. Those are polled only if the player has set an interval, by one
process at a time, not before so long has passed since this process asked the same, and with some
chance in it, so that not all bridges come at once. Failures are told in the log and tried again.
"""

import logging
import math
from collections.abc import Callable

from bridge.errors import BridgeError
from bridge.gateway.player import Player
from bridge.gateway.shared.lease import Lease, LeaseError
from bridge.gateway.watching.looking import look
from bridge.protocol.events import from_poll
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import EventSource

FOLDER = "polls"
LONGEST_PAUSE_SECONDS = 60.0
"""The longest pause that failures lead to; each doubles it."""

Tell = Callable[[str | None], None]
"""Told after each poll why nothing was heard, None if all is well."""

log = logging.getLogger(__name__)


async def poll(player: Player, source: EventSource, tell: Tell = lambda _: None) -> None:
    """Poll until cancelled; return at once if nobody has asked for it."""
    interval = interval_of(source, player.services.settings.polls.get(player.spec.game.id))
    if source.command is None or interval is None:
        return
    if source.on_request:
        await _poll_with_restraint(player, source, source.command, interval)
    pause = interval
    while True:
        if player.needs_polls():
            trouble = await _ask(player, source, source.command)
            tell(trouble)
            longer = min(2 * pause, max(interval, LONGEST_PAUSE_SECONDS))
            pause = longer if trouble else interval
        await player.services.sleep(pause)


def interval_of(source: EventSource, wanted: float | None) -> float | None:
    """Return the seconds between two polls, None for no polls.

    The player's wish counts within what the game allows, and only where it is asked for.
    """
    if source.on_request is None:
        return source.every
    shortest, longest = source.on_request
    return None if wanted is None else min(max(wanted, shortest), longest)


def silence(player: Player) -> str | None:
    """Return why waiting for a game's news is in vain, None if it is not."""
    game = player.spec.game
    wanted = player.services.settings.polls.get(game.id)
    for source in player.spec.events:
        if source.source == "poll" and interval_of(source, wanted) is None:
            return (
                f"{game.title} tells nothing by itself: call {game.id}_{source.command} for news. "
                f"The player can have it asked by starting the server with --poll {game.id}=20."
            )
    return None


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


async def _ask(player: Player, source: EventSource, command: str) -> str | None:
    """Ask once, and record what is new; return what stood in the way, None if nothing did."""
    stands_back = player.carrier.stands_back()
    if stands_back is not None:
        return _in_words(stands_back)
    try:
        if source.tail is not None:
            return _in_words(await look(player, source, source.tail))
        outcome = await player.run(command, {})
        if isinstance(outcome, Done):
            now = player.services.now()
            told = from_poll(player.spec, source, outcome.result, now)
            events = player.carrier.unheard(command, told)
            await player.services.feeds.record(player.spec.game.id, player.account, events)
    except BridgeError as error:
        log.info("%s cannot be polled: %s", player.spec.game.id, error)
        return f"Nothing is heard. {error}"
    return None if isinstance(outcome, Done) else _in_words(outcome)


def _in_words(outcome: Outcome | None) -> str | None:
    match outcome:
        case None:
            return None
        case Refused(message=message, hint=hint):
            return f"Nothing is heard. {message} {hint}".strip()
        case _:
            return "Nothing is heard: the game does not answer."


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
