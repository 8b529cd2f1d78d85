"""Fights over an account: who loses one keeps out of the way for a while, so that nobody fights on.

Where a server allows one session per account, two clients that both sign in again throw each other
out for ever. So a session that is lost right after it was renewed is not renewed at once. A kick
looks the same, and nobody can tell which it was: after a rest it is tried again, when somebody
wants to play and not only to listen. Each rest is twice as long as the one before it, until a
session has lasted.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from bridge.protocol.cooldowns import clock_time
from bridge.protocol.verdict import Refused
from bridge.spec.model import GameSpec

Identity = Mapping[str, JsonValue]
"""The credentials of an auth that are no secret."""


@dataclass(slots=True)
class _Story:
    """How it went with one auth."""

    whose: Identity
    renewed_at: float = -math.inf
    """When it was last signed in to because it was lost."""
    fights: int = 0
    """How many were lost without a session that lasted between them."""
    rests_until: float = -math.inf


@dataclass(slots=True)
class Standoffs:
    """Which of an account's auths must not be signed in to for now."""

    spec: GameSpec
    now: Callable[[], float]
    _stories: dict[str, _Story] = field(default_factory=dict)

    def renewed(self, auth: str, whose: Identity) -> None:
        """Heed that an auth was signed in to because it was lost."""
        self._story(auth, whose).renewed_at = self.now()

    def lost(self, auth: str, whose: Identity) -> None:
        """Heed that a session was lost, and not by an act of our own."""
        within, story = self.spec.auth[auth].rival_within, self._story(auth, whose)
        if within is None or self.now() - story.renewed_at > within:
            story.fights = 0
            return
        story.rests_until = self.now() + within * 2**story.fights
        story.fights += 1

    def rest_of(self, auth: str, whose: Identity) -> Refused | None:
        """Return why an auth must not be signed in to with these credentials, None if it may."""
        story = self._story(auth, whose)
        return self._refused(story) if story.rests_until > self.now() else None

    def any_rest(self) -> Refused | None:
        """Return why some auth must not be signed in to, None if all may."""
        rests = [each for each in self._stories.values() if each.rests_until > self.now()]
        return self._refused(rests[0]) if rests else None

    def lost_last(self) -> Refused | None:
        """Return what to say when a fight was lost and nobody has signed in since, else None."""
        lost = [each for each in self._stories.values() if each.rests_until > each.renewed_at]
        return self._refused(lost[0]) if lost else None

    def clear(self) -> None:
        """Forget all: somebody has signed in on purpose, or as another account."""
        self._stories.clear()

    def _story(self, auth: str, whose: Identity) -> _Story:
        """Return the story of an auth, which begins anew with other credentials."""
        if auth not in self._stories or self._stories[auth].whose != whose:
            self._stories[auth] = _Story(whose)
        return self._stories[auth]

    def _refused(self, story: _Story) -> Refused:
        return Refused(
            code="displaced",
            message=f"The session of this {self.spec.game.title} account ended again right after "
            "it was renewed: another client is using the account, or somebody throws it out. "
            f"It is left alone until {clock_time(story.rests_until)}.",
            hint="Close the other client if there is one. The first call of a "
            f"{self.spec.game.id}_ tool after that time signs in again.",
            local=True,
        )
