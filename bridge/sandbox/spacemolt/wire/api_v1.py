"""HTTP API v1: ``POST /api/v1/<command>``, one flat list of commands."""

from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.shapes import GameError
from bridge.sandbox.spacemolt.wire.desk import Answer, Call, Desk, Waiting, parse


class DeskV1(Desk):
    """The desk of v1."""

    def ask(self, command: str, call: Call) -> Answer | Waiting:
        """Answer a call of a command, or of ``session``."""
        if command == "session":
            return self.open_session(call)
        if spoilt := self.refuse_early(call):
            return spoilt
        if command == "agentlogs":
            return self.log_line(call)
        try:
            payload = parse(call.body)
        except GameError as refusal:
            return self.failure(refusal, None)
        return self.run(command, payload, call)

    def log_line(self, call: Call) -> Answer:
        """Take a line for the developers' log."""
        try:
            session = self.enter(call)
            check(self.world.game.engine.find("agentlogs"), parse(call.body))
            self.world.limits.log_line(session.id)
        except GameError as refusal:
            return self.failure(refusal, None)
        self.world.executed["agentlogs"] += 1
        return Answer(content={"ok": True})
