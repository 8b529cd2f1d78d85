"""What a game says on an open connection without being asked: events for the journal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.gateway.services import Services
from bridge.protocol.events import NewEvent, from_frame
from bridge.protocol.render import Way
from bridge.protocol.wire import Frame
from bridge.quirks.games import quirks_of

LONGEST_KEPT_TEXT = 2_000
"""Characters of a message that could not be read that are kept in the journal."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """Takes down what one account is told."""

    way: Way
    account: str
    services: Services
    tell: Callable[[Sequence[NewEvent]], None]
    """Called with the events before they are recorded."""

    async def record(self, frames: Sequence[Frame], rest: str = "") -> None:
        """Record what frames tell, and the rest of a message that could not be read."""
        now = self.services.now()
        expand = quirks_of(self.way.spec.game.id).expand
        told = [data for each in frames for data in expand(each.data)]
        events = [event for data in told for event in from_frame(self.way.spec, data, now)]
        if rest.strip():
            events.append(self._unreadable(rest, now))
        if events:
            self.tell(events)
            await self.services.feeds.record(self.way.spec.game.id, self.account, events)

    def _unreadable(self, rest: str, now: float) -> NewEvent:
        # Cut short only afterwards: half a secret would not be recognised.
        shown = self.services.vault.secrets.redact(rest)[:LONGEST_KEPT_TEXT]
        return NewEvent(kind="bridge.unreadable", at=now, data={"text": shown}, untrusted=True)
