import json

import pytest

from bridge.sandbox.pipeworks.exchange import Call, Reply
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor


def reply(world: PipeWorks, call: Call) -> Reply:
    answer = world.answer(call)
    assert isinstance(answer, Reply)
    return answer


def detail(answer: Reply) -> object:
    assert isinstance(answer.content, dict)
    return answer.content["detail"]


def test_a_missing_field_echoes_the_whole_body_with_its_password(world: PipeWorks) -> None:
    sent = {"username": "greta", "password": "tin whistle in fog"}

    got = Visitor(world).post("/register", **sent)

    assert got.status == 422
    assert got.content == {
        "detail": [
            {
                "type": "missing",
                "loc": ["body", "password_confirm"],
                "msg": "Field required",
                "input": sent,
            }
        ]
    }


def test_a_missing_session_id_is_422_and_not_401(world: PipeWorks) -> None:
    in_query = Visitor(world).get("/characters")
    in_body = Visitor(world).post("/logout")

    assert [in_query.status, in_body.status] == [422, 422]
    assert in_query.content["detail"] == [
        {"type": "missing", "loc": ["query", "session_id"], "msg": "Field required", "input": None}
    ]


def test_faults_of_path_query_and_body_come_in_one_list(world: PipeWorks) -> None:
    answer = reply(
        world,
        Call(method="GET", path="/admin/database/table/users", query={"limit": "0", "offset": "x"}),
    )

    assert answer.status == 422
    faults = detail(answer)
    assert isinstance(faults, list)
    assert [(f["loc"], f["type"]) for f in faults if isinstance(f, dict)] == [
        (["query", "session_id"], "missing"),
        (["query", "limit"], "greater_than_equal"),
        (["query", "offset"], "int_parsing"),
    ]


def test_a_path_parameter_of_the_wrong_type_is_named_so(steward: Visitor) -> None:
    got = steward.get("/api/policy-publish/latest")

    assert got.status == 422
    assert got.content["detail"][0]["loc"] == ["path", "publish_run_id"]


def test_query_and_body_are_both_checked_where_both_are_needed(world: PipeWorks) -> None:
    got = Visitor(world).post("/api/policy-publish")

    assert [fault["loc"] for fault in got.content["detail"]] == [
        ["query", "session_id"],
        ["body", "world_id"],
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "loc"),
    [
        (b"", "application/json", "missing", ["body"]),
        (b"{not json", "application/json", "json_invalid", ["body", 1]),
        (b"[1]", "application/json", "model_attributes_type", ["body"]),
        (
            b"username=a&password=b",
            "application/x-www-form-urlencoded",
            "model_attributes_type",
            ["body"],
        ),
    ],
)
def test_only_json_objects_are_bodies(
    world: PipeWorks, body: bytes, content_type: str, kind: str, loc: list[object]
) -> None:
    headers = {"content-type": content_type}
    answer = reply(world, Call(method="POST", path="/login", headers=headers, body=body))

    assert answer.status == 422
    faults = detail(answer)
    assert isinstance(faults, list)
    assert isinstance(faults[0], dict)
    assert (faults[0]["type"], faults[0]["loc"]) == (kind, loc)


def test_a_number_is_no_text_but_a_text_may_be_a_number(wanda: Visitor) -> None:
    assert wanda.post("/command", command=5).status == 422
    assert wanda.post("/characters/select", character_id=str(wanda.character_id)).status == 200


def test_unknown_extra_fields_are_ignored(wanda: Visitor) -> None:
    assert wanda.post("/command", command="look", shout=True).status == 200


@pytest.mark.parametrize("path", ["/nowhere", "/api/lab/world-prompts/x", "/docs", "/redoc"])
def test_what_is_not_there_is_404(world: PipeWorks, path: str) -> None:
    answer = reply(world, Call(method="GET", path=path))

    assert (answer.status, answer.content) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    ("method", "path"),
    [("HEAD", "/health"), ("GET", "/command"), ("POST", "/health"), ("POST", "/admin/nowhere")],
)
def test_a_known_path_with_another_method_is_405(world: PipeWorks, method: str, path: str) -> None:
    answer = reply(world, Call(method=method, path=path))

    assert (answer.status, answer.content) == (405, {"detail": "Method Not Allowed"})
    assert "allow" in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/admin",
        "/admin/",
        "/admin/nowhere",
        "/admin/user/manage",
        "/play",
        "/play/a",
        "/play/a/b/c",
    ],
)
def test_any_unknown_get_under_admin_and_play_is_a_page(world: PipeWorks, path: str) -> None:
    answer = reply(world, Call(method="GET", path=path))

    assert answer.status == 200
    assert answer.media.startswith("text/html")
    assert answer.encoded().startswith(b"<!doctype html>")


def test_a_trailing_slash_is_redirected_with_method_and_body_kept(world: PipeWorks) -> None:
    answer = reply(world, Call(method="POST", path="/command/", body=b"{}"))

    assert answer.status == 307
    assert answer.headers["location"] == "/command"


def test_an_unknown_path_with_a_trailing_slash_is_404(world: PipeWorks) -> None:
    assert reply(world, Call(method="GET", path="/chat/")).status == 404


def test_a_lone_surrogate_in_a_body_is_echoed_as_an_escape(world: PipeWorks) -> None:
    body = rb'{"username": "\ud83d"}'

    answer = reply(world, Call(method="POST", path="/login", body=body))

    assert answer.status == 422
    assert json.loads(answer.encoded())["detail"][0]["input"] == {"username": "\ud83d"}


def test_encoded_colons_in_a_policy_id_are_fine(steward: Visitor) -> None:
    got = steward.get("/api/policies/species_block:image.blocks.species:human")

    assert got.status == 200
    assert got.content["policy_key"] == "human"
