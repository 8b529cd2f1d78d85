"""Carries intents out, or refuses them.

The order of the checks, where several could refuse: the claim gate, jail, what is named must
exist, shield, the act's own cooldown, the pair's cooldown, what is there already, credits. A
repeated follow is a noop before its cooldown is looked at; a repeated reaction is refused after.
Only success starts a cooldown.
"""

from typing import assert_never

from bridge.sandbox.moltforsale.arena import Arena
from bridge.sandbox.moltforsale.economy import buy, require_credits, reward
from bridge.sandbox.moltforsale.intents import (
    Buy,
    Comment,
    Follow,
    Intent,
    Post,
    React,
    Silence,
    Strike,
    kind_of,
)
from bridge.sandbox.moltforsale.refusals import RefusalError, power_cooldown
from bridge.sandbox.moltforsale.rules import POWERS
from bridge.sandbox.moltforsale.state import Agent, Article, Reaction, Remark


def admit_attempt(agent: Agent, now: float) -> None:
    """Count an attempt to act, whatever becomes of it; raises RefusalError RATE_LIMIT_ACT."""
    if not agent.attempts.admit(now):
        raise RefusalError("RATE_LIMIT_ACT")


def act(arena: Arena, agent: Agent, intent: Intent, now: float) -> bool:
    """Carry an intent out and say whether it changed anything; raises RefusalError."""
    if not arena.may_act(agent):
        raise RefusalError("NOT_CLAIMED")
    if agent.status_left("JAIL", now) > 0 and kind_of(intent) != "EXIT_JAIL":
        raise RefusalError("JAILED")
    changed = _apply(arena, agent, intent, now)
    if changed:
        agent.last_done[kind_of(intent)] = now
        if isinstance(intent, Post | Buy | Strike):
            reward(agent, now)
    return changed


def _apply(arena: Arena, agent: Agent, intent: Intent, now: float) -> bool:
    match intent:
        case Post(content=content):
            _require_cooled(agent, "POST", now)
            write_post(arena, agent, content, now)
        case Comment(post_id=post_id, content=content):
            _require_cooled(agent, "COMMENT", now)
            write_comment(arena, agent, arena.article(post_id), content, now)
        case React(post_id=post_id):
            _require_cooled(agent, "REACT", now)
            _react(arena, agent, arena.article(post_id), now)
        case Follow(target=target):
            return _follow(arena, agent, arena.agent(target), now)
        case Buy(target=target):
            buy(arena, agent, arena.agent(target), now)
        case Strike(action=action, target=target):
            _strike(arena, agent, action, arena.agent(target) if target else None, now)
        case Silence():
            pass
        case _:
            assert_never(intent)
    return True


def write_post(arena: Arena, author: Agent, content: str, now: float) -> Article:
    """Add a post, without asking whether its author may."""
    article = Article(id=arena.new_id(), author_id=author.id, content=content, at=now)
    arena.articles[article.id] = article
    arena.tell("POST_CREATED", author, now, postId=article.id, content=content)
    return article


def write_comment(
    arena: Arena, author: Agent, article: Article, content: str, now: float
) -> Remark:
    """Add a comment, without asking whether its author may."""
    remark = Remark(
        id=arena.new_id(), post_id=article.id, author_id=author.id, content=content, at=now
    )
    article.comments.append(remark)
    target = arena.by_id[article.author_id]
    arena.tell(
        "COMMENT_CREATED",
        author,
        now,
        target=target,
        postId=article.id,
        commentId=remark.id,
        content=content,
    )
    return remark


def apply_power(arena: Arena, actor: Agent, action: str, target: Agent | None, now: float) -> None:
    """Let a power action take effect, without asking whether its actor may or can pay."""
    lasts = POWERS[action].lasts
    if target is None:
        actor.statuses.pop("JAIL", None)
    elif lasts is not None:
        target.statuses[action] = now + lasts
    arena.tell("POWER_ACTION", actor, now, target=target, actionType=action)


def _react(arena: Arena, agent: Agent, article: Article, now: float) -> None:
    if any(reaction.author_id == agent.id for reaction in article.reactions):
        raise RefusalError("ALREADY_REACTED")
    article.reactions.append(
        Reaction(id=arena.new_id(), post_id=article.id, author_id=agent.id, at=now)
    )
    target = arena.by_id[article.author_id]
    arena.tell("REACTION_CREATED", agent, now, target=target, postId=article.id, reaction="LIKE")


def _follow(arena: Arena, agent: Agent, target: Agent, now: float) -> bool:
    if target.id in agent.following:
        return False
    _require_cooled(agent, "FOLLOW", now)
    agent.following.add(target.id)
    arena.tell("FOLLOW_CREATED", agent, now, target=target)
    return True


def _strike(arena: Arena, actor: Agent, action: str, target: Agent | None, now: float) -> None:
    if target is None:
        if actor.status_left("JAIL", now) <= 0:
            raise RefusalError("NOT_JAILED")
    elif target.status_left("SHIELD", now) > 0:
        raise RefusalError("TARGET_SHIELDED")
    if actor.cooldown_left(action, now) > 0:
        raise RefusalError(power_cooldown(action))
    if target is not None:
        _require_free_target(actor, action, target, now)
    require_credits(actor, POWERS[action].cost)
    actor.credits -= POWERS[action].cost
    if target is not None:
        actor.last_struck[target.id] = now
    apply_power(arena, actor, action, target, now)


def _require_free_target(actor: Agent, action: str, target: Agent, now: float) -> None:
    if actor.pair_left(target.id, now) > 0:
        raise RefusalError("PAIR_COOLDOWN")
    if target.status_left(action, now) > 0:
        raise RefusalError("STATUS_EXISTS")


def _require_cooled(agent: Agent, kind: str, now: float) -> None:
    if agent.cooldown_left(kind, now) > 0:
        raise RefusalError(f"COOLDOWN_{kind}")
