"""Whether anything may be sent to a game at all, asked right before it is.

- While a game has shut this address out, nothing is: every request would prolong it.
- Connecting and signing in count against the cooldowns that the spec names for them, together
  with what all accounts behind this address do, in every process of the user. Games shut out
  whoever knocks too often.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bridge.gateway.services import Services
from bridge.gateway.shared.gates import NotNow
from bridge.gateway.shared.notebook import Notebook
from bridge.protocol.cooldowns import CooldownBook, NotYet, clock_time
from bridge.protocol.judge import Verdict
from bridge.protocol.session import STEP_COMMAND
from bridge.protocol.verdict import Refused
from bridge.spec.model import GameSpec

ADDRESS = ""
"""The notebook of what counts for the whole address, whoever plays."""
LONGEST_WAIT_SECONDS = 12.0
"""A wait at the door is waited out by us up to here."""
SHORT_WAITS = 3
"""So many such waits before one request."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What stands between us and one game."""

    spec: GameSpec
    services: Services
    where: str
    """What tells this server of the game from others."""

    def shut_out(self) -> NotYet | None:
        """Return how long the game wants nothing from this address, None if it may be asked."""
        now = self.services.now()
        gate = self.services.gates.opens_at(self.spec.game.id, now)
        if gate <= now:
            return None
        return NotYet(
            cooldown="address",
            seconds=gate - now,
            code="ip_timed_out",
            about=f"{self.spec.game.title} has shut this address out; nothing is sent.",
        )

    def check(self) -> None:
        """Raise NotNow while the game wants nothing from this address."""
        not_yet = self.shut_out()
        if not_yet is not None:
            raise NotNow(self._refused(not_yet))

    def heed(self, verdict: Verdict) -> None:
        """Send nothing more for as long as a refusal that holds for the whole address."""
        outcome = verdict.outcome
        if isinstance(outcome, Refused) and verdict.ip_wide and outcome.wait:
            self.services.gates.close(self.spec.game.id, self.services.now() + outcome.wait)

    async def enter(self, cooldowns: Collection[str]) -> None:
        """Count a request at the game's door, after a short wait if need be. Raises NotNow."""
        self.check()
        if not cooldowns or self.spec.game.id in self.services.settings.unpaced:
            return
        waits_left = SHORT_WAITS
        while (not_yet := await self._counted(cooldowns)) is not None:
            if not_yet.seconds > LONGEST_WAIT_SECONDS or not waits_left:
                raise NotNow(self._refused(not_yet))
            waits_left -= 1
            await self.services.sleep(not_yet.seconds)
            self.check()

    async def _counted(self, cooldowns: Collection[str]) -> NotYet | None:
        """Count it if there is room; return how long there is none otherwise."""
        notebook = address_notebook(self.spec, self.services)
        request = STEP_COMMAND.model_copy(update={"cooldowns": list(cooldowns)})

        def work() -> NotYet | None:
            now = self.services.now()
            not_yet = notebook.book.ready_in(request, {}, now)
            if not_yet is None:
                notebook.book.note(request, {}, now, succeeded=True)
            return not_yet

        return await notebook.change({"at": self.where}, work)

    def _refused(self, not_yet: NotYet) -> Refused:
        until = clock_time(self.services.now() + not_yet.seconds)
        return Refused(
            code=not_yet.code,
            message=f"{not_yet.about} It is free again at {until}.",
            hint="Nothing was sent. Do something else until then.",
            wait=not_yet.seconds,
            local=True,
        )


def address_notebook(spec: GameSpec, services: Services) -> Notebook:
    """Return the notes on what counts for the whole address, one for all accounts of a game."""
    game, state = spec.game.id, services.settings.state_folder
    if game not in services.addresses:
        services.addresses[game] = Notebook(
            # An empty path stands for no state folder.
            folder=state if state.name else None,
            game=game,
            account=ADDRESS,
            book=CooldownBook(spec, scopes=("ip",)),
            now=services.now,
        )
    return services.addresses[game]
