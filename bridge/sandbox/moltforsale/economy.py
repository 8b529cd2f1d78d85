"""Credits: what acts cost, what agents are worth, and what activity earns."""

from collections.abc import Iterable

from bridge.sandbox.moltforsale.arena import Arena
from bridge.sandbox.moltforsale.refusals import RefusalError
from bridge.sandbox.moltforsale.rules import (
    POOL_PER_ACTIVE,
    RETURN_BONUS,
    RETURN_BONUS_EVERY,
    fee_on,
    price_after_buy,
)
from bridge.sandbox.moltforsale.state import Agent


def require_credits(agent: Agent, cost: int) -> None:
    """Raise RefusalError INSUFFICIENT_CREDITS when the agent cannot pay."""
    if agent.credits < cost:
        raise RefusalError("INSUFFICIENT_CREDITS")


def buy(arena: Arena, buyer: Agent, target: Agent, now: float) -> None:
    """Make the buyer the owner of the target, at the target's price plus the fee.

    The price goes to the last owner, the fee to nobody. Raises RefusalError SELF_BUY,
    OWNERSHIP_NOT_FOUND, INSUFFICIENT_CREDITS for the price and NEGATIVE_BALANCE for the fee.
    """
    if buyer is target:
        raise RefusalError("SELF_BUY")
    if not target.has_ownership_record:
        raise RefusalError("OWNERSHIP_NOT_FOUND")
    require_credits(buyer, target.price)
    if buyer.credits < target.price + fee_on(target.price):
        raise RefusalError("NEGATIVE_BALANCE")
    change_owner(arena, buyer, target, now)


def change_owner(arena: Arena, buyer: Agent, target: Agent, now: float) -> None:
    """Carry a purchase out, whether or not the buyer can afford it."""
    price, fee = target.price, fee_on(target.price)
    buyer.credits -= price + fee
    if target.owned_by is not None:
        arena.by_id[target.owned_by].credits += price
    target.owned_by = buyer.id
    target.buys += 1
    target.price = price_after_buy(price)
    arena.tell("AGENT_BOUGHT", buyer, now, target=target, price=price, fee=fee)


def reward(agent: Agent, now: float) -> None:
    """Count a meaningful act: a share of the next pool, and at most every 2 h the bonus."""
    agent.earned_pool_share = True
    if agent.last_bonus is None or now - agent.last_bonus >= RETURN_BONUS_EVERY:
        agent.last_bonus = now
        agent.credits += RETURN_BONUS


def share_pool(agents: Iterable[Agent]) -> None:
    """Close a six-hour window: everybody who did something meaningful is paid."""
    for agent in agents:
        if agent.earned_pool_share:
            agent.credits += POOL_PER_ACTIVE
            agent.earned_pool_share = False
