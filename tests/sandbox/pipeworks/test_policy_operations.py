import pytest

from tests.sandbox.pipeworks.visitor import Got, Visitor

PROMPT = "prompt:translation.prompts:in_character"
BODY = {"schema_version": "1.0", "policy_version": 2, "status": "active"}


def put(visitor: Visitor, policy_id: str = PROMPT, variant: str = "v2", **changed: object) -> Got:
    body = {**BODY, "content": {"text": "Say it so."}, **changed}
    return visitor.send("PUT", f"/api/policies/{policy_id}/variants/{variant}", {}, **body)


def activate(visitor: Visitor, **changed: object) -> Got:
    body = {"world_id": "pipeworks_web", "policy_id": PROMPT, "variant": "v1", **changed}
    return visitor.send("POST", "/api/policy-activations", {}, **body)


def ruling(visitor: Visitor, scope: str, **query: object) -> dict[str, str]:
    items = visitor.get("/api/policy-activations", scope=scope, **query).content["items"]
    return {item["policy_id"]: item["variant"] for item in items}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/policy-capabilities", {}),
        ("/api/policies", {}),
        (f"/api/policies/{PROMPT}", {}),
        ("/api/policy-activations", {"scope": "pipeworks_web"}),
        ("/api/policy/hash-snapshot", {}),
    ],
)
def test_policies_need_an_admin(
    admin: Visitor, wanda: Visitor, path: str, query: dict[str, str]
) -> None:
    assert wanda.get(path, **query).status == 403
    assert admin.get(path, **query).status == 200


def test_capabilities_name_role_types_and_statuses(admin: Visitor) -> None:
    content = admin.get("/api/policy-capabilities").content

    assert content["role"] == "admin"
    assert len(content["allowed_policy_types"]) == 10
    assert content["allowed_statuses"] == ["draft", "candidate", "active", "archived"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 11),
        ({"policy_type": "registry"}, 2),
        ({"namespace": "image.tones"}, 1),
        ({"status": "archived"}, 0),
        ({"policy_type": "nonsense"}, 0),
    ],
)
def test_policies_are_filtered_and_unknown_values_find_none(
    admin: Visitor, query: dict[str, str], found: int
) -> None:
    assert len(admin.get("/api/policies", **query).content["items"]) == found


def test_the_newest_variant_is_returned_unless_one_is_named(admin: Visitor) -> None:
    put(admin)

    assert admin.get(f"/api/policies/{PROMPT}").content["variant"] == "v2"
    assert admin.get(f"/api/policies/{PROMPT}", variant="v1").content["variant"] == "v1"
    got = admin.get(f"/api/policies/{PROMPT}", variant="v9")
    assert got.status == 404
    assert (got.content["code"], got.content["stage"]) == ("POLICY_NOT_FOUND", "policy")


@pytest.mark.parametrize("policy_id", ["nonsense", "prompt:a", "novel:a:b", "prompt:a:b:c"])
def test_an_invalid_policy_id_is_422_with_a_code(admin: Visitor, policy_id: str) -> None:
    got = admin.get(f"/api/policies/{policy_id}")

    assert (got.status, got.content["code"]) == (422, "POLICY_ID_INVALID")


def test_bad_content_is_a_valid_answer_of_the_check_and_is_noted(admin: Visitor) -> None:
    def check(**body: object) -> Got:
        return admin.send("POST", f"/api/policies/{PROMPT}/validate", {"variant": "v3"}, **body)

    bad = check(**BODY, content={})
    good = check(**BODY, content={"text": "Fine."}, validated_by="somebody")

    assert (bad.status, bad.content["is_valid"], len(bad.content["errors"])) == (200, False, 1)
    assert (good.content["is_valid"], good.content["validated_by"]) == (True, "somebody")
    assert [bad.content["validation_run_id"], good.content["validation_run_id"]] == [1, 2]
    assert admin.send("POST", f"/api/policies/{PROMPT}/validate", {}, **BODY).status == 422


def test_only_a_valid_variant_is_kept(admin: Visitor) -> None:
    assert put(admin, updated_by="somebody").content["updated_by"] == "somebody"
    for got in (put(admin, content={}), put(admin, status="great")):
        assert (got.status, got.content["code"]) == (422, "POLICY_VALIDATION_ERROR")
    assert put(admin, policy_version=0).content["detail"][0]["loc"] == ["body", "policy_version"]


def test_an_activation_takes_effect_and_can_be_rolled_back(admin: Visitor) -> None:
    put(admin)
    first = activate(admin).content["audit_event_id"]

    assert activate(admin, variant="v2").status == 200
    assert ruling(admin, "pipeworks_web")[PROMPT] == "v2"

    back = activate(admin, variant="v2", rollback_of_activation_id=first).content
    assert (back["variant"], back["rollback_of_activation_id"]) == ("v1", first)
    assert ruling(admin, "pipeworks_web")[PROMPT] == "v1"


def test_a_client_profile_overlays_its_world(admin: Visitor) -> None:
    put(admin)
    activate(admin, variant="v2", client_profile="tui")

    assert ruling(admin, "pipeworks_web:tui")[PROMPT] == "v2"
    assert len(ruling(admin, "pipeworks_web:tui")) == 11
    assert ruling(admin, "pipeworks_web:tui", effective="false") == {PROMPT: "v2"}
    assert ruling(admin, "pipeworks_web")[PROMPT] == "v1"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"world_id": "atlantis"}, 404, "POLICY_WORLD_NOT_FOUND"),
        ({"variant": "v9"}, 422, "POLICY_ACTIVATION_ERROR"),
        ({"rollback_of_activation_id": 999}, 404, "POLICY_ROLLBACK_EVENT_NOT_FOUND"),
        ({"rollback_of_activation_id": 1}, 409, "POLICY_ROLLBACK_POLICY_MISMATCH"),
    ],
)
def test_an_impossible_activation_says_its_code(
    admin: Visitor, changed: dict[str, object], status: int, code: str
) -> None:
    got = activate(admin, **changed)

    assert (got.status, got.content["code"]) == (status, code)


def test_a_scope_is_required_and_must_name_a_world(admin: Visitor) -> None:
    assert admin.get("/api/policy-activations").status == 422
    assert admin.get("/api/policy-activations", scope=":tui").status == 422
    assert admin.get("/api/policy-activations", scope="atlantis").status == 404


def test_a_snapshot_changes_with_what_rules(admin: Visitor) -> None:
    before = admin.get("/api/policy/hash-snapshot").content
    put(admin)
    activate(admin, variant="v2")
    after = admin.get("/api/policy/hash-snapshot").content

    assert before["file_count"] == after["file_count"] == 11
    assert before["root_hash"] != after["root_hash"]


def test_the_snapshot_of_an_unknown_world_is_404_without_a_code(admin: Visitor) -> None:
    got = admin.get("/api/policy/hash-snapshot", world_id="atlantis")

    assert got.status == 404
    assert got.content.keys() == {"detail"}
