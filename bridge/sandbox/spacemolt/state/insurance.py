"""Insurance policies on ships."""

from dataclasses import dataclass, field

from bridge.sandbox.spacemolt.shapes import JsonObject


@dataclass(slots=True, kw_only=True)
class Policy:
    """A policy on one ship, until a tick."""

    id: str
    player_id: str
    ship_id: str
    ship_class: str
    base_id: str
    coverage: int
    premium: int
    expires_tick: int
    expires_at: str
    risk_score: float
    factors: list[JsonObject]


@dataclass(slots=True, kw_only=True)
class Insurance:
    """Every policy, by id."""

    policies: dict[str, Policy] = field(default_factory=dict)

    def of(self, player_id: str, tick: int) -> list[Policy]:
        """Return a player's policies that have not run out."""
        return [
            policy
            for policy in self.policies.values()
            if policy.player_id == player_id and policy.expires_tick > tick
        ]

    def pay(self, ship_id: str, tick: int) -> int:
        """Return what the loss of a ship pays, and end its policies."""
        found = [
            policy
            for policy in self.policies.values()
            if policy.ship_id == ship_id and policy.expires_tick > tick
        ]
        for policy in found:
            del self.policies[policy.id]
        return max((policy.coverage for policy in found), default=0)
