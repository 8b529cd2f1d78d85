"""Who carries out which command: the handlers of every subject, together."""

from bridge.sandbox.spacemolt import accounts
from bridge.sandbox.spacemolt.rules import (
    battle,
    charts,
    chat,
    combat,
    crafting,
    exchange,
    flight,
    log,
    manual,
    mining,
    missions,
    orders,
    reference,
    status,
    supplies,
    trades,
)
from bridge.sandbox.spacemolt.turn import Handlers

_SUBJECTS = (
    accounts,
    battle,
    charts,
    chat,
    combat,
    crafting,
    exchange,
    flight,
    log,
    manual,
    mining,
    missions,
    orders,
    reference,
    status,
    supplies,
    trades,
)


def all_handlers() -> Handlers:
    """Return the handler of every command that is carried out inside the game."""
    merged = Handlers()
    for subject in _SUBJECTS:
        merged.update(subject.handlers)
    return merged
