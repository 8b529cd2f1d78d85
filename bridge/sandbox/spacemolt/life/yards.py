"""One tick of every shipyard: materials come in, hulls grow."""

from bridge.sandbox.spacemolt.rules.commissions import is_sourced, start
from bridge.sandbox.spacemolt.state.universe import Universe
from bridge.sandbox.spacemolt.state.yards import BUILDING, READY, SOURCING, Commission

SHARE_PER_TICK = 10


def build(universe: Universe) -> None:
    """Bring every commission one tick further."""
    for commission in universe.yards.commissions.values():
        if commission.status == SOURCING:
            _source(universe, commission)
        elif commission.status == BUILDING and commission.complete <= universe.tick:
            _finish(universe, commission)


def _source(universe: Universe, commission: Commission) -> None:
    for item_id, need in commission.required.items():
        more = max(1, need // SHARE_PER_TICK)
        commission.gathered[item_id] = min(need, commission.gathered.get(item_id, 0) + more)
    if is_sourced(commission):
        start(universe, commission)


def _finish(universe: Universe, commission: Commission) -> None:
    ship = universe.new_ship(commission.ship_class, commission.player_id)
    ship.stored_at = commission.base_id
    commission.built_ship, commission.status = ship.id, READY
    universe.push(
        universe.players[commission.player_id],
        "ship_commission_complete",
        {
            "commission_id": commission.id,
            "ship_class": commission.ship_class,
            "base_id": commission.base_id,
            "ship_id": ship.id,
        },
    )
