from bridge.sandbox.pipeworks.exchange import JsonObject
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Got, Visitor


def publish(visitor: Visitor, **changed: object) -> Got:
    return visitor.send("POST", "/api/policy-publish", {}, world_id="pipeworks_web", **changed)


def import_file(visitor: Visitor, artifact: JsonObject, **changed: object) -> Got:
    return visitor.send("POST", "/api/policy-import", {}, artifact=artifact, **changed)


def test_publishing_writes_a_file_that_holds_the_contents(world: PipeWorks, admin: Visitor) -> None:
    got = publish(admin, actor="somebody").content

    file = world.file_on_server(got["artifact"]["artifact_path"])
    assert file == world.file_on_server(got["artifact"]["latest_path"])
    assert isinstance(file["variants"], list)
    assert len(file["variants"]) == got["manifest"]["item_count"] == 11
    assert "content" not in got["manifest"]["items"][0]


def test_reading_a_publish_run_puts_its_file_back(world: PipeWorks, admin: Visitor) -> None:
    made = publish(admin, actor="somebody").content
    path = made["artifact"]["artifact_path"]
    del world.mud.policies.files[path]

    got = admin.get(f"/api/policy-publish/{made['publish_run_id']}").content

    assert got["actor"] == "somebody"
    assert got["manifest"] == made["manifest"]
    assert world.file_on_server(path)["artifact_hash"] == made["artifact"]["artifact_hash"]
    assert world.executed["artifact written"] == 1


def test_an_unknown_run_or_world_is_404(admin: Visitor, wanda: Visitor) -> None:
    assert admin.get("/api/policy-publish/99").status == 404
    got = admin.send("POST", "/api/policy-publish", {}, world_id="atlantis")
    assert (got.status, got.content["code"]) == (404, "POLICY_WORLD_NOT_FOUND")
    assert publish(wanda).status == 403


def test_a_file_is_imported_into_another_server(world: PipeWorks, admin: Visitor) -> None:
    made = publish(admin).content
    file = world.file_on_server(made["artifact"]["artifact_path"])
    other = PipeWorks(residents=False)
    other.mud.policies.variants.clear()
    steward = Visitor.logged_in(other, "steward", "dry-kettle-lantern")

    first = import_file(steward, file).content
    again = import_file(steward, file, activate=False).content

    assert (first["imported_count"], first["activated_count"]) == (11, 11)
    assert (again["skipped_count"], again["activated_count"]) == (11, 0)
    assert first["artifact_hash"] == made["artifact"]["artifact_hash"]


def test_a_changed_variant_counts_as_updated(world: PipeWorks, admin: Visitor) -> None:
    file = dict(world.file_on_server(publish(admin).content["artifact"]["latest_path"]))
    variants = file["variants"]
    assert isinstance(variants, list)
    assert isinstance(variants[1], dict)
    file["variants"] = [{**variants[1], "content": {"text": "a sailcloth apron"}}]
    del file["artifact_hash"]

    got = import_file(admin, file).content

    assert (got["updated_count"], got["entries"][0]["action"]) == (1, "updated")


def test_the_manifest_of_the_reply_cannot_be_imported(admin: Visitor) -> None:
    got = import_file(admin, publish(admin).content["manifest"])

    assert (got.status, got.content["code"]) == (422, "POLICY_IMPORT_ARTIFACT_INVALID")


def test_a_tampered_file_is_refused(world: PipeWorks, admin: Visitor) -> None:
    file = world.file_on_server(publish(admin).content["artifact"]["latest_path"])

    got = import_file(admin, {**file, "variants": []})

    assert (got.status, got.content["code"]) == (409, "POLICY_IMPORT_ARTIFACT_HASH_MISMATCH")
