"""What players say and offer to each other."""

from collections import deque
from dataclasses import dataclass, field

KEPT_MESSAGES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """Something that was said; ``scope`` is the system, place, faction or pair that can read it."""

    id: str
    channel: str
    scope: str
    sender_id: str
    sender: str
    content: str
    timestamp: str
    target_id: str = ""
    target_name: str = ""
    system_id: str = ""
    place_id: str = ""
    faction_id: str = ""
    official: bool = False


@dataclass(slots=True, kw_only=True)
class TradeOffer:
    """Goods and credits of one player, set aside, against those of another."""

    id: str
    offerer_id: str
    target_id: str
    offer_items: dict[str, int]
    offer_credits: int
    request_items: dict[str, int]
    request_credits: int
    expires_tick: int
    expires_at: str


@dataclass(slots=True, kw_only=True)
class Dealings:
    """The chat so far, and the trades that are on offer."""

    messages: deque[ChatMessage] = field(default_factory=lambda: deque(maxlen=KEPT_MESSAGES))
    trades: dict[str, TradeOffer] = field(default_factory=dict)
    last_said: float = 0.0

    def moment(self, now: float) -> float:
        """Return when something said now was said: no two messages share a millisecond."""
        self.last_said = max(now, self.last_said + 0.001)
        return self.last_said
