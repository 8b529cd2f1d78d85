"""The pipeline: axis scores for an entity, without making a character."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, RootModel, ValidationError

from bridge.sandbox.pipeworks.bodies import SessionOnly
from bridge.sandbox.pipeworks.characters import axes_from
from bridge.sandbox.pipeworks.exchange import (
    Answer,
    Blocked,
    JsonObject,
    RefusedError,
    Reply,
    refusal,
)
from bridge.sandbox.pipeworks.sessions import signed_in
from bridge.sandbox.pipeworks.state import Mud, stamp_iso


class ConditionAxisBody(RootModel[dict[str, JsonValue]]):
    """Any JSON object; what it must hold is checked by the operation itself."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Identity(_Strict):
    gender: str


class _Entity(_Strict):
    identity: _Identity
    species: str
    axes: dict[str, JsonValue] | None = None


class _Inputs(_Strict):
    entity: _Entity


class _Wanted(_Strict):
    world_id: Annotated[str, Field(min_length=1)]
    seed: Annotated[int, Field(ge=1, le=2_147_483_647)] = 1
    bundle_id: str | None = None
    inputs: _Inputs


def generate(mud: Mud, query: SessionOnly, body: ConditionAxisBody) -> Answer:
    """Return scores for an entity; every failure says its code."""
    signed_in(mud, query.session_id)
    wanted = _checked(body.root)
    bundle_id, version = _bundle(mud, wanted)
    if mud.faults.take("axis_timeout"):
        return Blocked(seconds=mud.faults.value("axis_timeout"), then=_timed_out)
    if mud.faults.take("entity_down"):
        raise _failure(502, "UPSTREAM_GENERATION_FAILED", "The axis service failed.")
    if mud.faults.take("axis_incomplete"):
        raise _failure(502, "UPSTREAM_INCOMPLETE", "The axis service left axes out.")
    content: JsonObject = {
        "world_id": wanted.world_id,
        "bundle_id": bundle_id,
        "bundle_version": version,
        "policy_hash": mud.policies.scope_hash(wanted.world_id),
        "seed": wanted.seed,
        "axes": {**axes_from(wanted.seed)},
        "provenance": {
            "source": "mud_server_canonical",
            "served_via": "/api/pipeline/condition-axis/generate",
            "generator": "entity_state_generation",
            "generator_version": "v2.1.0",
            "generator_capabilities": ["axes_v2", "deterministic_seed"],
            "generated_at": stamp_iso(mud.clock.now()),
        },
    }
    return Reply(content=content)


def _checked(raw: dict[str, JsonValue]) -> _Wanted:
    try:
        return _Wanted.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise _failure(422, "VALIDATION_ERROR", f"{where}: {first['msg']}") from None


def _bundle(mud: Mud, wanted: _Wanted) -> tuple[str, str]:
    """Return id and version of the axis bundle that rules in the wanted world."""
    if wanted.world_id not in mud.worlds:
        raise _failure(404, "WORLD_NOT_FOUND", f"World {wanted.world_id!r} not found.")
    bundle = mud.policies.of_kind(wanted.world_id, "axis_bundle")
    if bundle is None or not mud.integrations.entity:
        raise _failure(501, "UPSTREAM_UNSUPPORTED", "No axis generation for this world.")
    bundle_id = bundle.policy_id.rpartition(":")[2]
    if wanted.bundle_id not in {None, bundle_id}:
        raise _failure(404, "BUNDLE_NOT_FOUND", f"Bundle {wanted.bundle_id!r} is not active.")
    return bundle_id, str(bundle.policy_version)


def _timed_out() -> Answer:
    late = _failure(504, "UPSTREAM_TIMEOUT", "The axis service did not answer in time.")
    return Reply(status=late.status, content=late.content)


def _failure(status: Literal[404, 422, 501, 502, 504], code: str, detail: str) -> RefusedError:
    return refusal(status, detail, code=f"CONDITION_AXIS_{code}", stage="axis_input")
