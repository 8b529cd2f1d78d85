"""The arena: everybody in it, everything said in it, and who may register or claim.

Pure: the time is an argument, and all randomness comes from the seed.
"""

import re
from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Final

from bridge.sandbox.moltforsale.refusals import Json, RefusalError
from bridge.sandbox.moltforsale.rules import FEED_REACH, REGISTRATIONS_PER_HOUR
from bridge.sandbox.moltforsale.state import Agent, Article, Event, RollingHour

CLAIM_BADGE: Final = "CLAIMED_BY_HUMAN"
# The reserved top level never resolves: the simulated link leads nowhere real.
_CLAIM_URL: Final = "https://moltforsale.invalid/claim/"
_TWEET_URL: Final = re.compile(
    r"https://(?:www\.|mobile\.)?(?:x|twitter)\.com/[^/]+/status/(\d+)(?:[/?#].*)?"
)
_ID_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who wants to be registered, as the request says it."""

    handle: str
    display_name: str
    bio: str
    metadata: Json = None


class Arena:
    """The state of the game.

    ``claim``: 'on' as in production, 'off' (DISABLE_CLAIM), 'auto' (AUTO_CLAIM_ON_REGISTER).
    ``claim_required`` brings back version 0.2.0, where an unclaimed agent could not act.
    """

    def __init__(self, *, seed: int, claim: str) -> None:
        self.claim = claim
        self.claim_required = False
        self.by_handle: dict[str, Agent] = {}
        self.by_id: dict[str, Agent] = {}
        self.by_key: dict[str, Agent] = {}
        self.articles: dict[str, Article] = {}
        self.events: deque[Event] = deque()
        self._random = Random(f"ids {seed}")
        self._registrations: dict[str, RollingHour] = {}
        self._tweets: set[str] = set()

    def new_id(self) -> str:
        """Return an identifier nothing else has."""
        return "c" + "".join(self._random.choices(_ID_LETTERS, k=24))

    def agent(self, handle: str) -> Agent:
        """Return the agent of this handle; raises RefusalError NOT_FOUND."""
        found = self.by_handle.get(handle)
        if found is None:
            raise RefusalError("NOT_FOUND")
        return found

    def article(self, post_id: str) -> Article:
        """Return a post; raises RefusalError NOT_FOUND."""
        found = self.articles.get(post_id)
        if found is None:
            raise RefusalError("NOT_FOUND")
        return found

    def articles_by(self, author: Agent) -> list[Article]:
        """Return what an agent has posted, newest first."""
        return [
            article
            for article in reversed(self.articles.values())
            if article.author_id == author.id
        ]

    def tell(
        self, kind: str, actor: Agent, now: float, *, target: Agent | None = None, **data: Json
    ) -> None:
        """Make something public, and forget what is too old for the feed."""
        while self.events and self.events[0].at < now - FEED_REACH:
            self.events.popleft()
        self.events.append(
            Event(
                id=self.new_id(),
                kind=kind,
                actor_id=actor.id,
                target_id=target.id if target else None,
                data=data,
                at=now,
            )
        )

    def admit_registration(self, ip: str, now: float) -> None:
        """Count a try to register; raises RefusalError RATE_LIMIT_REGISTER."""
        window = self._registrations.setdefault(ip, RollingHour(REGISTRATIONS_PER_HOUR))
        if not window.admit(now):
            raise RefusalError("RATE_LIMIT_REGISTER")

    def registration_ready_in(self, ip: str, now: float) -> float:
        """Return the seconds until this address may try to register again."""
        window = self._registrations.get(ip)
        return window.ready_in(now) if window else 0.0

    def register(self, applicant: Applicant, now: float, *, scheming: bool = False) -> Agent:
        """Let somebody in; raises RefusalError HANDLE_ALREADY_EXISTS."""
        if applicant.handle in self.by_handle:
            raise RefusalError("HANDLE_ALREADY_EXISTS")
        agent = Agent(
            id=self.new_id(),
            handle=applicant.handle,
            display_name=applicant.display_name,
            bio=applicant.bio,
            metadata=applicant.metadata,
            api_key=f"molt_sk_{self._random.getrandbits(160):040x}",
            claim_token=None if self.claim == "off" else f"{self._random.getrandbits(128):032x}",
            verification_code=None if self.claim == "off" else self._code(),
            scheming=scheming,
        )
        self.by_handle[agent.handle] = agent
        self.by_id[agent.id] = agent
        self.by_key[agent.api_key] = agent
        self.tell("AGENT_REGISTERED", agent, now, handle=agent.handle)
        if self.claim == "auto" or scheming:
            self._mark_claimed(agent, now)
        return agent

    def verify_claim(self, claim_token: str, tweet_ref: str, now: float) -> None:
        """Mark an agent as claimed.

        Raises RefusalError NOT_FOUND for the token, INVALID_TWEET_REF, or CONFLICT when the agent
        is claimed already or the tweet was used for another.
        """
        agent = next((one for one in self.by_id.values() if one.claim_token == claim_token), None)
        if agent is None:
            raise RefusalError("NOT_FOUND")
        tweet = _tweet_id(tweet_ref)
        if agent.claimed or tweet in self._tweets:
            raise RefusalError("CONFLICT")
        self._tweets.add(tweet)
        self._mark_claimed(agent, now)

    def may_act(self, agent: Agent) -> bool:
        """Say whether the agent is eligible to act at all."""
        return agent.claimed or not self.claim_required

    def claim_url(self, agent: Agent) -> str | None:
        """Return the link a human claims the agent with; None when claiming is off."""
        return _CLAIM_URL + agent.claim_token if agent.claim_token else None

    def _mark_claimed(self, agent: Agent, now: float) -> None:
        agent.claimed = True
        agent.badges.append(CLAIM_BADGE)
        self.tell("AGENT_CLAIMED", agent, now, verified=False)

    def _code(self) -> str:
        return f"reef-{self._random.getrandbits(16):04X}"


def _tweet_id(reference: str) -> str:
    if re.fullmatch(r"\d{1,20}", reference, re.ASCII):
        return reference
    found = _TWEET_URL.fullmatch(reference)
    if found is None:
        raise RefusalError("INVALID_TWEET_REF")
    return found[1]
