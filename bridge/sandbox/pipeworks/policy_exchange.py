"""Publishing what rules in a scope, and importing what another server published.

Publishing writes a file on the server. The file holds the contents of every variant; the
manifest in the reply does not, so only the file can be imported.
"""

from collections import Counter

from pydantic import BaseModel, JsonValue, ValidationError

from bridge.sandbox.pipeworks.bodies import (
    PolicyBody,
    PolicyImportRequest,
    PolicyPublishRequest,
    PublishRunQuery,
    SessionOnly,
)
from bridge.sandbox.pipeworks.exchange import JsonObject
from bridge.sandbox.pipeworks.policies import Scope, hash_of, parsed, policy_refusal
from bridge.sandbox.pipeworks.policy_operations import policy_admin, scope_of, variant_from
from bridge.sandbox.pipeworks.state import Mud, stamp_iso

_ROOT = "/srv/mud/exports/policies"
_NOT_IN_MANIFEST = frozenset({"content", "updated_by", "slot_kinds"})


class _Published(PolicyBody):
    """A variant inside an artifact."""

    policy_id: str
    variant: str


class _Artifact(BaseModel):
    """The file that publishing writes."""

    world_id: str
    client_profile: str | None = None
    variants: list[_Published]
    artifact_hash: str = ""


def publish(mud: Mud, query: SessionOnly, body: PolicyPublishRequest) -> JsonObject:
    """Write down what rules in a scope, as a manifest and as a file on the server."""
    account = policy_admin(mud, query.session_id)
    scope = scope_of(mud, ":".join(filter(None, (body.world_id, body.client_profile))))
    now = stamp_iso(mud.clock.now())
    manifest = _manifest(mud, scope, now)
    file = _file_of(mud, scope)
    folder = f"{_ROOT}/{scope[0]}/{scope[1] or 'world'}"
    artifact: JsonObject = {
        "artifact_hash": file["artifact_hash"],
        "artifact_path": f"{folder}/publish_{file['artifact_hash']}.json",
        "latest_path": f"{folder}/latest.json",
    }
    run_id = len(mud.policies.runs) + 1
    mud.policies.runs[run_id] = {
        "publish_run_id": run_id,
        "world_id": scope[0],
        "client_profile": scope[1] or None,
        "actor": body.actor or account.username,
        "created_at": now,
        "manifest": manifest,
        "artifact": artifact,
    }
    mud.policies.artifacts[run_id] = file
    mud.policies.files[str(artifact["artifact_path"])] = file
    mud.policies.files[str(artifact["latest_path"])] = file
    return {"publish_run_id": run_id, "manifest": manifest, "artifact": artifact}


def publish_run(mud: Mud, query: PublishRunQuery) -> JsonObject:
    """Return a publish run, and put its file back on the disk: a GET that writes."""
    policy_admin(mud, query.session_id)
    run = mud.policies.runs.get(query.publish_run_id)
    if run is None:
        raise policy_refusal(
            404, "POLICY_PUBLISH_RUN_NOT_FOUND", f"No publish run {query.publish_run_id}"
        )
    artifact = run["artifact"]
    if isinstance(artifact, dict):
        path = str(artifact["artifact_path"])
        mud.policies.files[path] = mud.policies.artifacts[query.publish_run_id]
        mud.executed["artifact written"] += 1
    return run


def import_artifact(mud: Mud, query: SessionOnly, body: PolicyImportRequest) -> JsonObject:
    """Take over the variants of a published file, and let them rule if wanted."""
    account = policy_admin(mud, query.session_id)
    artifact = _checked_artifact(body.artifact)
    scope = scope_of(mud, ":".join(filter(None, (artifact.world_id, artifact.client_profile))))
    actor = body.actor or account.username
    now = stamp_iso(mud.clock.now())
    entries = [_taken_over(mud, published, at=now, by=actor) for published in artifact.variants]
    counts = Counter(entry["action"] for entry in entries)
    if body.activate:
        for one in artifact.variants:
            mud.policies.activate(scope, one.policy_id, one.variant, at=now, by=actor)
    return {
        "world_id": scope[0],
        "client_profile": scope[1] or None,
        "activate": body.activate,
        "item_count": len(entries),
        "imported_count": counts["imported"],
        "updated_count": counts["updated"],
        "skipped_count": counts["skipped"],
        "error_count": 0,
        "activated_count": len(entries) if body.activate else 0,
        "activation_skipped_count": 0 if body.activate else len(entries),
        "manifest_hash": hash_of(_manifest(mud, scope, "")),
        "items_hash": hash_of([*entries]),
        "artifact_hash": _artifact_hash(body.artifact),
        "variants_hash": hash_of(body.artifact.get("variants")),
        "entries": [*entries],
    }


def _taken_over(mud: Mud, published: _Published, *, at: str, by: str) -> JsonObject:
    """Keep a published variant, and return what became of it."""
    known = (published.policy_id, published.variant) in mud.policies.variants
    changed = mud.policies.keep(
        variant_from(published, published.policy_id, published.variant, at=at, by=by)
    )
    return {
        "policy_id": published.policy_id,
        "variant": published.variant,
        "action": ("updated" if known else "imported") if changed else "skipped",
        "detail": "content differs" if changed else "already there",
    }


def _manifest(mud: Mud, scope: Scope, now: str) -> JsonObject:
    items: list[JsonValue] = []
    for variant in mud.policies.in_force(scope):
        row = variant.row()
        items.append({k: v for k, v in row.items() if k not in _NOT_IN_MANIFEST})
    return {
        "world_id": scope[0],
        "client_profile": scope[1] or None,
        "generated_at": now,
        "item_count": len(items),
        "items_hash": hash_of(items),
        "manifest_hash": hash_of([scope[0], scope[1], items]),
        "items": items,
    }


def _file_of(mud: Mud, scope: Scope) -> JsonObject:
    file: JsonObject = {
        "world_id": scope[0],
        "client_profile": scope[1] or None,
        "variants": [variant.row() for variant in mud.policies.in_force(scope)],
    }
    return file | {"artifact_hash": _artifact_hash(file)}


def _artifact_hash(artifact: JsonObject) -> str:
    return hash_of({k: v for k, v in artifact.items() if k != "artifact_hash"})


def _checked_artifact(raw: JsonObject) -> _Artifact:
    try:
        artifact = _Artifact.model_validate(raw)
    except ValidationError as error:
        missing = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
        raise policy_refusal(
            422, "POLICY_IMPORT_ARTIFACT_INVALID", f"Not a published artifact: {missing}"
        ) from None
    for published in artifact.variants:
        parsed(published.policy_id)
    if artifact.artifact_hash and artifact.artifact_hash != _artifact_hash(raw):
        raise policy_refusal(
            409, "POLICY_IMPORT_ARTIFACT_HASH_MISMATCH", "The artifact was changed."
        )
    return artifact
