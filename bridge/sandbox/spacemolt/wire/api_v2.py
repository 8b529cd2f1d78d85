"""HTTP API v2: ``POST /api/v2/{tool}/{action}``, text beside structured content."""

from dataclasses import replace
from math import ceil

from bridge.sandbox.spacemolt.checking import check
from bridge.sandbox.spacemolt.rules.manual import command_view
from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.state.goods import ship_classes
from bridge.sandbox.spacemolt.views.ships import class_view
from bridge.sandbox.spacemolt.views.state import game_state
from bridge.sandbox.spacemolt.wire import storage_tool
from bridge.sandbox.spacemolt.wire.api_v1 import DeskV1
from bridge.sandbox.spacemolt.wire.desk import Answer, Call, Waiting, parse, status_of
from bridge.sandbox.spacemolt.wire.operations import STORAGE, Operation, find, operations
from bridge.sandbox.spacemolt.wire.rendering import render
from bridge.sandbox.spacemolt.wire.sessions import Session


class DeskV2(DeskV1):
    """The desk of v2."""

    def success(
        self, result: JsonObject, session: Session | None, *, riding: bool = True
    ) -> Answer:
        """Return a result as text and as structured content."""
        content = {
            "result": render(result),
            "structuredContent": result,
            **self.around(session, riding=riding),
            "error": None,
        }
        return Answer(content=content)

    def failure(self, refusal: GameError, session: Session | None) -> Answer:
        """Return a refusal; limits say ``retry_after`` in whole seconds."""
        code = "invalid_params" if refusal.code == "invalid_payload" else refusal.code
        error: JsonObject = {"code": code, "message": refusal.message}
        if refusal.details is not None:
            error["details"] = refusal.details
        if refusal.wait_seconds is not None:
            error["retry_after"] = max(1, ceil(refusal.wait_seconds))
        content = {"result": None, **self.around(session), "error": error}
        return Answer(content=content, status=status_of(refusal))

    def open_session(self, call: Call) -> Answer:
        """Open a session; the answer has no structured content."""
        answer = super().open_session(call)
        if isinstance(answer.content, dict) and "structuredContent" in answer.content:
            content = {k: v for k, v in answer.content.items() if k != "structuredContent"}
            return replace(answer, content=content)
        return answer

    def use(self, tool: str, action: str, call: Call) -> Answer | Waiting:
        """Answer a call of a tool; the action may also stand in the body."""
        if spoilt := self.refuse_early(call):
            return spoilt
        session: Session | None = None
        try:
            payload = parse(call.body)
            if not action and isinstance(payload.get("action"), str):
                action = payload.pop("action")
            session = self.enter(call)
            operation = find(tool, action)
            check(operation.form, payload)
            name, payload = self._meaning(operation, payload)
        except GameError as refusal:
            return self.failure(refusal, session)
        if name:
            outcome = self.run(name, payload, call)
            return self._with_sections(operation, outcome, session)
        return self._state(operation, session)

    def _meaning(self, operation: Operation, payload: JsonObject) -> tuple[str, JsonObject]:
        """Return the command that a call means, '' when it only shows a part of the state."""
        given = {name: value for name, value in payload.items() if value is not None}
        if operation.tool == STORAGE and operation.action != "help":
            return storage_tool.command_for(self.world.game.universe, operation.action, given)
        return operation.command, operation.translate(given)

    def _with_sections(
        self, operation: Operation, outcome: Answer | Waiting, session: Session
    ) -> Answer | Waiting:
        """Replace the result of a command whose v2 form shows sections of the state."""
        answered = isinstance(outcome, Answer) and outcome.status == 200
        if not (operation.sections and answered and session.player):
            return outcome
        assert isinstance(outcome, Answer)
        assert isinstance(outcome.content, dict)
        state = game_state(self.world.game.engine, session.player, operation.sections)
        content = {**outcome.content, "result": render(state), "structuredContent": state}
        return replace(outcome, content=content)

    def _state(self, operation: Operation, session: Session) -> Answer:
        engine, action = self.world.game.engine, operation.action
        if action == "login_token":
            refusal = GameError("auth_failed", "That token is not valid.")
            return self.failure(refusal, session)
        if session.player is None:
            refusal = GameError("not_authenticated", "You must login first.")
            return self.failure(refusal, session)
        self.world.executed[f"{operation.tool}/{action}"] += 1
        if action == "help":
            return self.success(storage_tool.help_view(), session)
        if action == "get_ships":
            ships = [class_view(model) for model in ship_classes().values()]
            message = f"{len(ships)} ship classes."
            result = {"ships": ships, "count": len(ships), "message": message}
            return self.success(result, session)
        return self.success(game_state(engine, session.player, operation.sections), session)

    def explain(self, tool: str) -> Answer:
        """Explain the actions of a tool; nobody need be signed in for that."""
        chosen = [operation for (name, _), operation in operations().items() if name == tool]
        if not chosen:
            return self.failure(GameError("unknown_command", f"There is no tool '{tool}'."), None)
        lines = []
        for operation in chosen:
            view = command_view(replace(operation.form, name=operation.action or tool))
            lines.append(f"{view['format']}: {view['description']}")
        content = {"result": "\n".join(lines), **self.around(None), "error": None}
        return Answer(content=content)

    def notifications(self, query: JsonObject, call: Call) -> Answer:
        """Return queued notifications; the throttle of get_notifications holds here too."""
        if spoilt := self.refuse_early(call):
            return spoilt
        session: Session | None = None
        try:
            session = self.enter(call)
            result = self.poll(query, session)
        except GameError as refusal:
            return self.failure(refusal, session)
        content = {
            "result": result,
            "notifications": result["notifications"],
            "session": session.view(),
            "error": None,
        }
        return Answer(content=content)
