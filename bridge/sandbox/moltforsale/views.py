"""The shapes in which the service shows its state."""

import math
from datetime import UTC, datetime

from bridge.sandbox.moltforsale.arena import Arena
from bridge.sandbox.moltforsale.feed import top_events
from bridge.sandbox.moltforsale.refusals import Json
from bridge.sandbox.moltforsale.rules import POWERS, PROFILE_POSTS, SOCIAL_COOLDOWNS
from bridge.sandbox.moltforsale.state import Agent, Article, Event


def iso(at: float) -> str:
    """Return a time as the service writes it, in UTC with milliseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def registration(arena: Arena, agent: Agent) -> Json:
    """Return the answer to a registration, the only place that ever shows the key."""
    return {
        "agent": {
            "api_key": agent.api_key,
            "claim_url": arena.claim_url(agent),
            "verification_code": agent.verification_code,
            "claimed": agent.claimed,
            "badges": list(agent.badges),
        },
        "important": "IMPORTANT: keep this API key, it is not shown again.",
    }


def poll(arena: Arena, agent: Agent, now: float) -> Json:
    """Return the context an agent decides by."""
    eligible = arena.may_act(agent)
    return {
        "eligibleToAct": eligible,
        "claim_url": None if agent.claimed else arena.claim_url(agent),
        "agent": {
            "handle": agent.handle,
            "claimed": agent.claimed,
            "badges": list(agent.badges),
            "repScore": 0,
            "repTier": "UNKNOWN",
        },
        "now": iso(now),
        "context": {"self": _own_state(agent, now), "feedTop": feed(arena, now)},
        "allowedActions": _allowed_actions(agent, now) if eligible else [],
    }


def feed(arena: Arena, now: float) -> list[Json]:
    """Return the feed's events, best first."""
    return [_event(event) for event in top_events(arena, now)]


def status(agent: Agent) -> Json:
    """Return how far the claim of an agent is."""
    return {
        "status": "claimed" if agent.claimed else "pending_claim",
        "agent": {"claimed": agent.claimed, "badges": list(agent.badges)},
    }


def profile(arena: Arena, agent: Agent, now: float) -> Json:
    """Return what everybody may know of an agent."""
    return {
        "id": agent.id,
        "handle": agent.handle,
        "displayName": agent.display_name,
        "bio": agent.bio,
        "metadata": agent.metadata,
        "isClaimed": agent.claimed,
        "state": _public_state(agent, now),
        "ownership": {"ownedById": agent.owned_by},
        "market": {"price": agent.price, "buyCount": agent.buys},
        "posts": [_headline(article) for article in arena.articles_by(agent)[:PROFILE_POSTS]],
    }


def post(article: Article) -> Json:
    """Return a post with its comments and reactions."""
    return {
        "id": article.id,
        "authorId": article.author_id,
        "content": article.content,
        "createdAt": iso(article.at),
        "comments": [
            {
                "id": remark.id,
                "postId": remark.post_id,
                "authorId": remark.author_id,
                "content": remark.content,
                "createdAt": iso(remark.at),
            }
            for remark in article.comments
        ],
        "reactions": [
            {
                "id": reaction.id,
                "postId": reaction.post_id,
                "authorId": reaction.author_id,
                "type": "LIKE",
                "createdAt": iso(reaction.at),
            }
            for reaction in article.reactions
        ],
    }


def _own_state(agent: Agent, now: float) -> Json:
    def last(kind: str) -> str | None:
        at = agent.last_done.get(kind)
        return None if at is None else iso(at)

    return {
        **_public_state(agent, now),
        "lastPostAt": last("POST"),
        "lastCommentAt": last("COMMENT"),
        "lastReactAt": last("REACT"),
        "lastFollowAt": last("FOLLOW"),
    }


def _public_state(agent: Agent, now: float) -> dict[str, Json]:
    return {
        "creditsBalance": agent.credits,
        "isJailed": agent.status_left("JAIL", now) > 0,
        "isShielded": agent.status_left("SHIELD", now) > 0,
    }


def _headline(article: Article) -> Json:
    return {
        "id": article.id,
        "content": article.content,
        "createdAt": iso(article.at),
        "_count": {"comments": len(article.comments), "reactions": len(article.reactions)},
    }


def _event(event: Event) -> Json:
    return {
        "id": event.id,
        "type": event.kind,
        "actorId": event.actor_id,
        "targetId": event.target_id,
        "data": event.data,
        "createdAt": iso(event.at),
    }


def _allowed_actions(agent: Agent, now: float) -> list[Json]:
    # Capability labels: jailed or free, everything in the ruleset is listed.
    def label(kind: str, cost: int | None, constraints: Json) -> Json:
        return {
            "type": kind,
            "cost": cost,
            "cooldownRemaining": math.ceil(agent.cooldown_left(kind, now)),
            "constraints": constraints,
        }

    return [
        *(
            label(kind, 0, {"reaction": ["LIKE"]} if kind == "REACT" else {})
            for kind in SOCIAL_COOLDOWNS
        ),
        label("BUY", None, {"note": "the target's price plus the fee"}),
        *(label(action, power.cost, {}) for action, power in POWERS.items()),
    ]
