import json

import pytest

from bridge.sandbox.pipeworks.exchange import Blocked, Call, Reply
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Got, Visitor

PATH = "/api/pipeline/condition-axis/generate"
BODY: dict[str, object] = {
    "world_id": "pipeworks_web",
    "seed": 123456789,
    "inputs": {"entity": {"identity": {"gender": "male"}, "species": "human"}},
}


def generate(visitor: Visitor, **changed: object) -> Got:
    return visitor.send("POST", PATH, {}, **{**BODY, **changed})


def test_any_session_gets_the_scores_of_a_seed(world: PipeWorks, wanda: Visitor) -> None:
    got = generate(wanda)

    assert got.status == 200
    assert got.content["axes"].keys() == {"age", "demeanor", "health"}
    assert got.content == generate(wanda, bundle_id="axis_core_v1").content
    assert got.content["axes"] != generate(wanda, seed=1).content["axes"]
    assert len(world.mud.characters) == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"seed": 0}, 422, "VALIDATION_ERROR"),
        ({"seed": 2**31}, 422, "VALIDATION_ERROR"),
        ({"extra": 1}, 422, "VALIDATION_ERROR"),
        ({"inputs": {"entity": {"species": "human"}}}, 422, "VALIDATION_ERROR"),
        ({"world_id": "atlantis"}, 404, "WORLD_NOT_FOUND"),
        ({"bundle_id": "pipeworks_web_default"}, 404, "BUNDLE_NOT_FOUND"),
        ({"world_id": "daily_undertaking"}, 501, "UPSTREAM_UNSUPPORTED"),
    ],
)
def test_every_failure_says_its_code(
    wanda: Visitor, changed: dict[str, object], status: int, code: str
) -> None:
    got = generate(wanda, **changed)

    assert got.status == status
    assert got.content["code"] == f"CONDITION_AXIS_{code}"
    assert got.content["stage"] == "axis_input"
    assert isinstance(got.content["detail"], str)


def test_without_the_entity_service_nothing_is_generated(world: PipeWorks, wanda: Visitor) -> None:
    world.integrations.entity = False

    assert generate(wanda).status == 501


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("entity_down", "CONDITION_AXIS_UPSTREAM_GENERATION_FAILED"),
        ("axis_incomplete", "CONDITION_AXIS_UPSTREAM_INCOMPLETE"),
    ],
)
def test_a_failing_service_is_502(world: PipeWorks, wanda: Visitor, fault: str, code: str) -> None:
    world.faults.switch_on(fault)

    got = generate(wanda)

    assert (got.status, got.content["code"]) == (502, code)
    assert generate(wanda).status == 200


def test_a_silent_service_blocks_the_server_and_is_504(world: PipeWorks, wanda: Visitor) -> None:
    world.faults.switch_on("axis_timeout", value=6)
    query = {"session_id": wanda.session_id}

    answer = world.answer(
        Call(method="POST", path=PATH, query=query, body=json.dumps(BODY).encode())
    )

    assert isinstance(answer, Blocked)
    assert answer.seconds == 6
    late = answer.then()
    assert isinstance(late, Reply)
    assert late.status == 504
