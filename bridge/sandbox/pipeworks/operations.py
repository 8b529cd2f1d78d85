"""Operations: matching a call to one, checking what it carries, and describing them all.

The server this stands for is built with FastAPI, and so are its habits: all faults of a request
come as one list that echoes what was sent, passwords too; a trailing slash is redirected; a
known path with another method is 405.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

from pydantic import BaseModel, JsonValue, ValidationError

from bridge.sandbox.pipeworks.bodies import Nothing
from bridge.sandbox.pipeworks.exchange import (
    Answer,
    Call,
    JsonObject,
    RefusedError,
    Reply,
    refusal,
)
from bridge.sandbox.pipeworks.state import Mud

P = TypeVar("P", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)
Result: TypeAlias = JsonObject | Answer
Run: TypeAlias = Callable[[Mud, Call, BaseModel, BaseModel], Result]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: where it is, what it takes, and what it does."""

    method: str
    path: str
    name: str
    parameters: type[BaseModel]
    body: type[BaseModel] | None
    reply: str | None
    run: Run
    tag: str | None = None
    html: bool = False

    @property
    def key(self) -> str:
        """What a success is counted under: ``GET /chat/{session_id}``, or ``login``."""
        if self.method == "GET":
            return f"GET {self.path}"
        return re.sub(r"/\{[^}]*\}", "", self.path).strip("/")

    def match(self, path: str) -> dict[str, str] | None:
        """Return the path's parameters, None if this is not the operation's path."""
        found = re.fullmatch(_pattern(self.path), path)
        return found.groupdict() if found else None


def reads(
    path: str,
    name: str,
    parameters: type[P],
    reply: str | None,
    run: Callable[[Mud, P], Result],
    *,
    method: str = "GET",
    tag: str | None = None,
    html: bool = False,
) -> Operation:
    """Return an operation without a body."""
    return Operation(
        method=method,
        path=path,
        name=name,
        parameters=parameters,
        body=None,
        reply=reply,
        run=lambda mud, _, given, __: run(mud, cast("P", given)),
        tag=tag,
        html=html,
    )


def writes(
    path: str,
    name: str,
    body: type[B],
    reply: str | None,
    run: Callable[[Mud, B], Result],
    *,
    tag: str | None = None,
) -> Operation:
    """Return a POST operation that takes everything in its body."""
    return Operation(
        method="POST",
        path=path,
        name=name,
        parameters=Nothing,
        body=body,
        reply=reply,
        run=lambda mud, _, __, sent: run(mud, cast("B", sent)),
        tag=tag,
    )


def writes_with(
    path: str,
    name: str,
    takes: tuple[type[P], type[B]],
    reply: str | None,
    run: Callable[[Mud, P, B], Result],
    *,
    method: str = "POST",
    tag: str | None = None,
) -> Operation:
    """Return an operation that takes parameters, in path or query, and a body."""
    return Operation(
        method=method,
        path=path,
        name=name,
        parameters=takes[0],
        body=takes[1],
        reply=reply,
        run=lambda mud, _, given, sent: run(mud, cast("P", given), cast("B", sent)),
        tag=tag,
    )


def find(operations: Sequence[Operation], call: Call) -> tuple[Operation, dict[str, str]] | Reply:
    """Return the operation of a call and its path parameters, or the reply if there is none."""
    matches = [(o, found) for o in operations if (found := o.match(call.path)) is not None]
    for operation, found in matches:
        if operation.method == call.method:
            return operation, found
    if matches:
        allow = {"allow": matches[0][0].method}
        return Reply(status=405, content={"detail": "Method Not Allowed"}, headers=allow)
    bare = call.path.rstrip("/")
    if bare != call.path and any(o.match(bare) is not None for o in operations):
        return Reply(status=307, content="", media="text/plain", headers={"location": bare})
    return Reply(status=404, content={"detail": "Not Found"})


def perform(mud: Mud, operation: Operation, found: dict[str, str], call: Call) -> Answer:
    """Check what the call carries and execute it; a refusal becomes its reply."""
    try:
        given, sent = _checked(operation, found, call)
        result = operation.run(mud, call, given, sent)
    except RefusedError as refused:
        return Reply(status=refused.status, content=refused.content)
    return Reply(content=result) if isinstance(result, dict) else result


def _pattern(path: str) -> str:
    """Return a path template as a pattern; the parameter ``path`` takes slashes too."""
    whole = path.replace("{path}", "(?P<path>.*)")
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", whole)


def _checked(
    operation: Operation, found: dict[str, str], call: Call
) -> tuple[BaseModel, BaseModel]:
    """Return parameters and body, or refuse with every fault of both at once."""
    faults: list[JsonValue] = []
    names = operation.parameters.model_fields
    given = {name: value for name, value in {**call.query, **found}.items() if name in names}
    parameters, body = None, None
    try:
        parameters = operation.parameters.model_validate(given)
    except ValidationError as error:
        faults += [_parameter_fault(fault, found) for fault in _listed(error)]
    wanted = operation.body or Nothing
    try:
        body = wanted.model_validate({} if operation.body is None else _parsed_body(call))
    except ValidationError as error:
        faults += [{**fault, "loc": ["body", *_loc(fault)]} for fault in _listed(error)]
    except _UnreadableError as unreadable:
        faults.append(unreadable.fault)
    if parameters is None or body is None:
        raise RefusedError(422, {"detail": faults})
    return parameters, body


class _UnreadableError(Exception):
    """A body that is no JSON object at all."""

    def __init__(self, fault: JsonObject) -> None:
        super().__init__(str(fault["msg"]))
        self.fault = fault


def _parsed_body(call: Call) -> JsonObject:
    if not call.body:
        raise _UnreadableError(
            {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
        )
    kind = call.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise _no_object(call.body.decode("utf-8", "replace"))
    try:
        content = json.loads(call.body)
    except json.JSONDecodeError as error:
        raise _UnreadableError(
            {
                "type": "json_invalid",
                "loc": ["body", error.pos],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": error.msg},
            }
        ) from None
    except (UnicodeDecodeError, RecursionError):
        raise refusal(400, "There was an error parsing the body") from None
    if not isinstance(content, dict):
        raise _no_object(content)
    return content


def _no_object(content: JsonValue) -> _UnreadableError:
    return _UnreadableError(
        {
            "type": "model_attributes_type",
            "loc": ["body"],
            "msg": "Input should be a valid dictionary or object to extract fields from",
            "input": content,
        }
    )


def _listed(error: ValidationError) -> Iterable[JsonObject]:
    return cast("Iterable[JsonObject]", error.errors(include_url=False))


def _loc(fault: JsonObject) -> list[JsonValue]:
    return list(cast("Iterable[JsonValue]", fault["loc"]))


def _parameter_fault(fault: JsonObject, found: dict[str, str]) -> JsonObject:
    name = str(_loc(fault)[0])
    missing = fault["type"] == "missing"
    return {
        **fault,
        "loc": ["path" if name in found else "query", name],
        "input": None if missing else fault["input"],
    }
