"""Insurance for the ship one flies, and the base where one wakes after its loss."""

from bridge.sandbox.spacemolt.rules.taxes import fitted_value
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.insurance import Policy
from bridge.sandbox.spacemolt.turn import Handlers, Turn

RATE_PER_THOUSAND_TICKS = 0.05
QUOTED_TICKS = 1000
LEAST_COVERAGE = 200

handlers = Handlers()


def _risk(turn: Turn) -> list[JsonObject]:
    lost, police = turn.player.stats["ships_lost"], turn.system.police
    return [
        {
            "name": "losses",
            "multiplier": 1 + 0.1 * lost,
            "detail": f"{lost} ships lost so far",
        },
        {
            "name": "region",
            "multiplier": round(1.5 - police / 200, 2),
            "detail": f"police level {police}",
        },
    ]


def _terms(turn: Turn, ticks: int) -> tuple[int, int, float, list[JsonObject]]:
    factors = _risk(turn)
    score = 1.0
    for factor in factors:
        score *= float(factor["multiplier"])
    coverage = max(LEAST_COVERAGE, fitted_value(turn.ship))
    premium = max(1, round(coverage * RATE_PER_THOUSAND_TICKS * score * ticks / 1000))
    return coverage, premium, round(score, 3), factors


@handlers("get_insurance_quote")
def get_insurance_quote(turn: Turn) -> JsonObject:
    """Tell what insuring the ship for a thousand ticks costs."""
    turn.base_with("insurance")
    coverage, premium, score, factors = _terms(turn, QUOTED_TICKS)
    return {
        "quote": {
            "coverage": coverage,
            "premium": premium,
            "risk_score": score,
            "factors": factors,
            "fitted_value": fitted_value(turn.ship),
            "expires_in": f"{QUOTED_TICKS} ticks",
            "refused": False,
        },
        "message": f"{premium} credits for {QUOTED_TICKS} ticks.",
    }


@handlers("buy_insurance")
def buy_insurance(turn: Turn) -> JsonObject:
    """Insure the ship for so many ticks."""
    base, ticks = turn.base_with("insurance"), turn.number("ticks")
    coverage, premium, score, factors = _terms(turn, ticks)
    turn.universe.spend(turn.player, premium)
    policy = Policy(
        id=turn.universe.new_id(),
        player_id=turn.player.id,
        ship_id=turn.ship.id,
        ship_class=turn.ship.class_id,
        base_id=base.id,
        coverage=coverage,
        premium=premium,
        expires_tick=turn.universe.tick + ticks,
        expires_at=turn.universe.after_ticks(ticks),
        risk_score=score,
        factors=factors,
    )
    turn.universe.insurance.policies[policy.id] = policy
    turn.player.stats["insurance_policies_bought"] += 1
    return {
        "policy_id": policy.id,
        "coverage": coverage,
        "premium": premium,
        "expires_at": policy.expires_at,
        "risk_score": score,
        "factors": factors,
        "remaining_credits": turn.player.credits,
        "message": f"Insured for {coverage} credits.",
    }


@handlers("claim_insurance")
@handlers("view_insurance")
def view_insurance(turn: Turn) -> JsonObject:
    """List one's policies; they pay by themselves."""
    policies = turn.universe.insurance.of(turn.player.id, turn.universe.tick)
    return {
        "policies": [
            {
                "policy_id": policy.id,
                "ship_class": policy.ship_class,
                "base_id": policy.base_id,
                "coverage": policy.coverage,
                "premium": policy.premium,
                "expires_at": policy.expires_at,
                "risk_score": policy.risk_score,
                "risk_factors": policy.factors,
                "self_destruct_excluded": True,
            }
            for policy in policies
        ],
        "message": f"{len(policies)} policies. They pay when the ship is lost.",
    }


@handlers("set_home_base")
def set_home_base(turn: Turn) -> JsonObject:
    """Choose the base where one wakes after death; it must have the service."""
    base = turn.base_with("cloning")
    if turn.text("base_id") != base.id:
        raise GameError("wrong_station", f"You are docked at {base.id}. Dock there to choose it.")
    old, turn.player.home_base = turn.player.home_base, base.id
    return {
        "home_base": base.id,
        "old_home_base": old,
        "message": f"You will wake at {base.name}.",
    }
