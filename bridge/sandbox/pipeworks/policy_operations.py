"""The policy operations; every one of them takes the session id in the query."""

from typing import TYPE_CHECKING, Final

from bridge.sandbox.pipeworks.bodies import (
    ActivationsQuery,
    HashSnapshotQuery,
    PoliciesQuery,
    PolicyActivationRequest,
    PolicyBody,
    PolicyQuery,
    PolicyUpsertRequest,
    PolicyValidateQuery,
    PolicyValidateRequest,
    PolicyVariantQuery,
    SessionOnly,
)
from bridge.sandbox.pipeworks.exchange import JsonObject, refusal
from bridge.sandbox.pipeworks.policies import (
    STATUSES,
    TYPES,
    Scope,
    Variant,
    faults_of,
    hash_of,
    parsed,
    policy_refusal,
)
from bridge.sandbox.pipeworks.sessions import administrator
from bridge.sandbox.pipeworks.state import Account, Mud, stamp_iso

if TYPE_CHECKING:
    from pydantic import JsonValue

_AREA: Final = "Policy API"


def policy_admin(mud: Mud, session_id: str) -> Account:
    """Return the account of somebody who may touch policies."""
    return administrator(mud, session_id, _AREA)


def scope_of(mud: Mud, text: str) -> Scope:
    """Return ``world`` or ``world:client`` as a scope; unknown worlds are refused with 404."""
    world_id, _, client = text.partition(":")
    if not world_id.strip():
        raise policy_refusal(422, "POLICY_SCOPE_INVALID", f"Invalid scope: {text!r}")
    if world_id not in mud.worlds:
        raise policy_refusal(404, "POLICY_WORLD_NOT_FOUND", f"There is no world {world_id}")
    return world_id, client


def capabilities(mud: Mud, query: SessionOnly) -> JsonObject:
    """Tell what the caller's role may write."""
    account = policy_admin(mud, query.session_id)
    return {
        "authorized": True,
        "role": account.role,
        "allowed_policy_types": list(TYPES),
        "allowed_statuses": list(STATUSES),
    }


def list_policies(mud: Mud, query: PoliciesQuery) -> JsonObject:
    """List variants; an unknown filter value finds none."""
    policy_admin(mud, query.session_id)
    wanted = {
        "policy_type": query.policy_type,
        "namespace": query.namespace,
        "status": query.status,
    }
    rows = [variant.row() for variant in mud.policies.variants.values()]
    items: list[JsonValue] = [
        row for row in rows if all(row[key] == value for key, value in wanted.items() if value)
    ]
    return {"items": items}


def one_policy(mud: Mud, query: PolicyQuery) -> JsonObject:
    """Return one variant: the named one, else the newest."""
    policy_admin(mud, query.session_id)
    parsed(query.policy_id)
    found = [
        v
        for v in mud.policies.variants.values()
        if v.policy_id == query.policy_id and query.variant in {None, v.variant}
    ]
    if not found:
        raise policy_refusal(404, "POLICY_NOT_FOUND", f"There is no policy {query.policy_id}")
    return max(found, key=lambda v: v.policy_version).row()


def validate_policy(
    mud: Mud, query: PolicyValidateQuery, body: PolicyValidateRequest
) -> JsonObject:
    """Check a variant and note that it was checked; bad content is no error here."""
    account = policy_admin(mud, query.session_id)
    kind, _, _ = parsed(query.policy_id)
    faults: list[JsonValue] = [*faults_of(kind, body.status, body.content)]
    result: JsonObject = {
        "policy_id": query.policy_id,
        "variant": query.variant,
        "is_valid": not faults,
        "errors": faults,
        "content_hash": hash_of(body.content),
        "validated_at": stamp_iso(mud.clock.now()),
        "validated_by": body.validated_by or account.username,
        "validation_run_id": len(mud.policies.validations) + 1,
    }
    mud.policies.validations.append(result)
    return result


def upsert_policy(mud: Mud, query: PolicyVariantQuery, body: PolicyUpsertRequest) -> JsonObject:
    """Keep a variant if it is valid."""
    account = policy_admin(mud, query.session_id)
    kind, _, _ = parsed(query.policy_id)
    if faults := faults_of(kind, body.status, body.content):
        raise policy_refusal(422, "POLICY_VALIDATION_ERROR", " ".join(faults))
    variant = variant_from(
        body,
        query.policy_id,
        query.variant,
        at=stamp_iso(mud.clock.now()),
        by=body.updated_by or account.username,
    )
    mud.policies.keep(variant)
    return variant.row()


def variant_from(body: PolicyBody, policy_id: str, name: str, *, at: str, by: str) -> Variant:
    """Return a variant with the content of a request."""
    return Variant(
        policy_id=policy_id,
        variant=name,
        schema_version=body.schema_version,
        policy_version=body.policy_version,
        status=body.status,
        content=body.content,
        updated_at=at,
        updated_by=by,
    )


def activate_policy(mud: Mud, query: SessionOnly, body: PolicyActivationRequest) -> JsonObject:
    """Let a variant rule in a scope, or the one that an earlier activation had set."""
    account = policy_admin(mud, query.session_id)
    scope = scope_of(mud, _scope_text(body.world_id, body.client_profile))
    parsed(body.policy_id)
    name = _rolled_back(mud, scope, body) or body.variant
    if (body.policy_id, name) not in mud.policies.variants:
        raise policy_refusal(
            422, "POLICY_ACTIVATION_ERROR", f"No variant {name} of {body.policy_id}"
        )
    return mud.policies.activate(
        scope,
        body.policy_id,
        name,
        at=stamp_iso(mud.clock.now()),
        by=body.activated_by or account.username,
        rollback_of=body.rollback_of_activation_id,
    ).row()


def list_activations(mud: Mud, query: ActivationsQuery) -> JsonObject:
    """List what rules in a scope, by default with what it inherits from its world."""
    policy_admin(mud, query.session_id)
    scope = scope_of(mud, query.scope)
    return {
        "world_id": scope[0],
        "client_profile": scope[1] or None,
        "items": [a.row() for a in mud.policies.ruling(scope, effective=query.effective)],
    }


def hash_snapshot(mud: Mud, query: HashSnapshotQuery) -> JsonObject:
    """Hash everything that rules in a world, by type."""
    policy_admin(mud, query.session_id)
    if query.world_id not in mud.worlds:
        raise refusal(404, f"There is no world {query.world_id}")
    by_type: dict[str, list[str]] = {}
    for variant in mud.policies.in_force((query.world_id, "")):
        by_type.setdefault(parsed(variant.policy_id)[0], []).append(hash_of(variant.content))
    directories: list[JsonValue] = [
        {"path": kind, "file_count": len(hashes), "hash": hash_of([*hashes])}
        for kind, hashes in sorted(by_type.items())
    ]
    return {
        "hash_version": "policy_tree_hash_v1",
        "canonical_root": f"worlds/{query.world_id}/policies",
        "generated_at": stamp_iso(mud.clock.now()),
        "file_count": sum(len(hashes) for hashes in by_type.values()),
        "root_hash": hash_of(directories),
        "directories": directories,
    }


def _scope_text(world_id: str, client_profile: str | None) -> str:
    return f"{world_id}:{client_profile}" if client_profile else world_id


def _rolled_back(mud: Mud, scope: Scope, body: PolicyActivationRequest) -> str | None:
    """Return the variant of the activation that shall come back, if one was named."""
    wanted = body.rollback_of_activation_id
    if wanted is None:
        return None
    earlier = next((a for a in mud.policies.activations if a.id == wanted), None)
    if earlier is None:
        raise policy_refusal(
            404, "POLICY_ROLLBACK_EVENT_NOT_FOUND", f"No activation event {wanted}"
        )
    if (earlier.policy_id, earlier.scope) != (body.policy_id, scope):
        raise policy_refusal(
            409, "POLICY_ROLLBACK_POLICY_MISMATCH", "That activation was of something else."
        )
    return earlier.variant
