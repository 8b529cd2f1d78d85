import pytest

from bridge.sandbox.pipeworks.exchange import Blocked, Call, Reply
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Got, Visitor

AXES = {"health": {"label": "weary", "score": 0.1}}
REGISTRY = "registry:image.registries:species_registry"


def compiled(visitor: Visitor, **changed: object) -> Got:
    wanted = {
        "world_id": "pipeworks_web",
        "species": "human",
        "gender": "female",
        "axes": AXES,
        **changed,
    }
    return visitor.post("/api/lab/compile-image-prompt", **wanted)


def translated(visitor: Visitor, world_id: str = "pipeworks_web", **changed: object) -> Got:
    return visitor.post(
        "/api/lab/translate", world_id=world_id, axes=AXES, ooc_message="hello", **changed
    )


@pytest.mark.parametrize(
    "path",
    [
        "/api/lab/worlds",
        "/api/lab/world-config/pipeworks_web",
        "/api/lab/world-image-policy-bundle/pipeworks_web",
    ],
)
def test_the_lab_needs_an_admin(admin: Visitor, wanda: Visitor, path: str) -> None:
    assert wanda.get(path).status == 403
    assert admin.get(path).status == 200


def test_worlds_say_whether_they_translate(admin: Visitor) -> None:
    rows = admin.get("/api/lab/worlds").content["worlds"]

    assert {r["world_id"]: r["translation_enabled"] for r in rows} == {
        "pipeworks_web": True,
        "daily_undertaking": False,
    }


@pytest.mark.parametrize("world_id", ["daily_undertaking", "atlantis"])
def test_a_world_without_translation_has_no_config_and_no_bundle(
    admin: Visitor, world_id: str
) -> None:
    assert admin.get(f"/api/lab/world-config/{world_id}").status == 404
    assert admin.get(f"/api/lab/world-image-policy-bundle/{world_id}").status == 404


def test_translating_without_a_model_falls_back(admin: Visitor) -> None:
    content = translated(admin).content

    assert (content["ic_text"], content["status"]) == (None, "fallback.api_error")
    assert "health: weary" in content["rendered_prompt"]


def test_translating_with_a_model_gives_a_text(world: PipeWorks, admin: Visitor) -> None:
    world.translate_with(str.upper)

    content = translated(admin, prompt_template_override="As {character_name}:").content

    assert (content["ic_text"], content["status"]) == ("HELLO", "success")
    assert content["rendered_prompt"] == "As Lab Subject:"


def test_translating_where_it_is_off_or_unknown(admin: Visitor, wanda: Visitor) -> None:
    assert translated(admin, "daily_undertaking").status == 503
    assert translated(admin, "atlantis").status == 404
    assert translated(wanda).status == 403


def test_a_slow_model_blocks_the_lab_too(world: PipeWorks, admin: Visitor) -> None:
    world.faults.switch_on("llm_delay", value=3)
    body = (
        f'{{"session_id": "{admin.session_id}", "world_id": "pipeworks_web",'
        ' "axes": {}, "ooc_message": "hello"}'
    )

    answer = world.answer(Call(method="POST", path="/api/lab/translate", body=body.encode()))

    assert isinstance(answer, Blocked)
    assert answer.seconds == 3
    assert isinstance(answer.then(), Reply)


def test_no_picture_until_a_species_is_registered(admin: Visitor) -> None:
    assert compiled(admin).status == 409

    entries = [{"id": "human_v1", "species": "human", "status": "active"}]
    admin.send(
        "PUT",
        f"/api/policies/{REGISTRY}/variants/v1",
        {},
        schema_version="1.0",
        policy_version=2,
        status="active",
        content={"entries": entries},
    )

    got = compiled(admin, world_context=["rain"])
    assert got.status == 200
    assert got.content["selected_species_block_id"] == "human_v1"
    assert got.content["compiled_prompt"] == "female human, health: weary, rain"
    assert compiled(admin, species="goblin").status == 409


def test_a_picture_needs_a_known_gender_and_world(admin: Visitor, wanda: Visitor) -> None:
    assert compiled(admin, gender="other").status == 422
    assert compiled(admin, world_id="daily_undertaking").status == 404
    assert compiled(wanda).status == 403
