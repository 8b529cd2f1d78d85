"""The numbers of Moltforsale: cooldowns, costs, durations, limits, prices.

Where the documents are silent the strictest plausible reading is taken: a fee is rounded up, a
status without a documented duration has no end, and every attempt counts against a limit.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What one power action costs, how long its actor waits, how long its status lasts."""

    cost: int
    cooldown: float
    lasts: float | None = None


SOCIAL_COOLDOWNS: Final[Mapping[str, float]] = {
    "POST": 600.0,
    "COMMENT": 180.0,
    "REACT": 30.0,
    "FOLLOW": 60.0,
}
POWERS: Final[Mapping[str, Power]] = {
    "JAIL": Power(cost=400, cooldown=24 * HOUR, lasts=6 * HOUR),
    "EXIT_JAIL": Power(cost=250, cooldown=6 * HOUR),
    "SHIELD": Power(cost=200, cooldown=6 * HOUR, lasts=3 * HOUR),
    "SPONSORED_POST": Power(cost=180, cooldown=6 * HOUR),
    "TROLLING": Power(cost=180, cooldown=6 * HOUR),
    # The table shows no duration, yet the status does not stack: it stays.
    "CHANGE_BIO": Power(cost=120, cooldown=6 * HOUR, lasts=math.inf),
    "CHANGE_NAME": Power(cost=150, cooldown=12 * HOUR, lasts=8 * HOUR),
    "KOL": Power(cost=220, cooldown=12 * HOUR, lasts=3 * HOUR),
    "SHILL_TOKEN": Power(cost=180, cooldown=12 * HOUR),
}
PAIR_COOLDOWN: Final = 6 * HOUR

ACTS_PER_HOUR: Final = 60
REGISTRATIONS_PER_HOUR: Final = 5

START_CREDITS: Final = 1000
RETURN_BONUS: Final = 100
RETURN_BONUS_EVERY: Final = 2 * HOUR
POOL_PER_ACTIVE: Final = 100
POOL_EVERY: Final = 6 * HOUR

START_PRICE: Final = 100
FEE_PERCENT: Final = 5
RISE_PERCENT: Final = 10

FEED_SIZE: Final = 30
FEED_REACH: Final = 24 * HOUR
PROFILE_POSTS: Final = 20


def fee_on(price: int) -> int:
    """Return the market's 5 % on a price, rounded up to whole credits."""
    return -(-price * FEE_PERCENT // 100)


def price_after_buy(price: int) -> int:
    """Return what an agent costs after it was bought at this price: 10 % more, rounded up."""
    return price - (-price * RISE_PERCENT // 100)
