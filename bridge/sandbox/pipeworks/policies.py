"""The policies of a server: variants, which of them rule where, and what was published.

A policy id is ``type:namespace:key``. Which variant rules is said per scope: a world, or a world
and a client profile that overlays it. Contents are plain JSON; hashes are over its sorted form.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pydantic import JsonValue

from bridge.sandbox.pipeworks.exchange import JsonObject, RefusedError, refusal
from bridge.sandbox.pipeworks.policy_stock import STOCK

TYPES: Final = (
    "axis_bundle",
    "clothing_block",
    "descriptor_layer",
    "image_block",
    "location",
    "manifest_bundle",
    "prompt",
    "registry",
    "species_block",
    "tone_profile",
)
STATUSES: Final = ("draft", "candidate", "active", "archived")
_ID: Final = re.compile(r"([a-z_]+):([A-Za-z0-9_.-]+):([A-Za-z0-9_.-]+)")
_NEEDED: Final = {
    "axis_bundle": "axes",
    "descriptor_layer": "references",
    "manifest_bundle": "manifest",
    "registry": "entries",
    "tone_profile": "prompt_block",
}

Scope: TypeAlias = tuple[str, str]  # world, client profile or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One version of a policy's content."""

    policy_id: str
    variant: str
    schema_version: str
    policy_version: int
    status: str
    content: JsonObject
    updated_at: str
    updated_by: str

    def row(self) -> JsonObject:
        """Return the variant as the server shows it."""
        kind, namespace, key = parsed(self.policy_id)
        return {
            "policy_id": self.policy_id,
            "policy_type": kind,
            "namespace": namespace,
            "policy_key": key,
            "variant": self.variant,
            "schema_version": self.schema_version,
            "policy_version": self.policy_version,
            "status": self.status,
            "content": self.content,
            "content_hash": hash_of(self.content),
            "updated_at": self.updated_at,
            "updated_by": self.updated_by,
            "slot_kinds": ["body"] if kind == "clothing_block" else [],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A pointer set: this variant rules in this scope from now on."""

    id: int
    scope: Scope
    policy_id: str
    variant: str
    at: str
    by: str
    rollback_of: int | None = None

    def row(self) -> JsonObject:
        """Return the activation as the server shows it."""
        return {
            "world_id": self.scope[0],
            "client_profile": self.scope[1] or None,
            "policy_id": self.policy_id,
            "variant": self.variant,
            "activated_at": self.at,
            "activated_by": self.by,
            "rollback_of_activation_id": self.rollback_of,
            "audit_event_id": self.id,
        }


@dataclass(slots=True)
class PolicyShelf:
    """Every variant, every activation, and every published run."""

    variants: dict[tuple[str, str], Variant] = field(default_factory=dict)
    activations: list[Activation] = field(default_factory=list)
    runs: dict[int, JsonObject] = field(default_factory=dict)
    artifacts: dict[int, JsonObject] = field(default_factory=dict)
    validations: list[JsonObject] = field(default_factory=list)
    files: dict[str, JsonObject] = field(default_factory=dict)

    def found(self, at: str) -> None:
        """Put the stock policies on the shelf and let them rule in the default world."""
        for policy_id, content in STOCK.items():
            self.keep(
                Variant(
                    policy_id=policy_id,
                    variant="v1",
                    schema_version="1.0",
                    policy_version=1,
                    status="active",
                    content=content,
                    updated_at=at,
                    updated_by="bootstrap",
                )
            )
            self.activate(("pipeworks_web", ""), policy_id, "v1", at=at, by="bootstrap")

    def keep(self, variant: Variant) -> bool:
        """Store a variant; says whether it is new or differs from what was there."""
        key = (variant.policy_id, variant.variant)
        before = self.variants.get(key)
        self.variants[key] = variant
        return before is None or before.content != variant.content

    def activate(
        self,
        scope: Scope,
        policy_id: str,
        variant: str,
        *,
        at: str,
        by: str,
        rollback_of: int | None = None,
    ) -> Activation:
        """Let a variant rule in a scope."""
        entry = Activation(
            id=len(self.activations) + 1,
            scope=scope,
            policy_id=policy_id,
            variant=variant,
            at=at,
            by=by,
            rollback_of=rollback_of,
        )
        self.activations.append(entry)
        return entry

    def ruling(self, scope: Scope, *, effective: bool = True) -> list[Activation]:
        """Return the last activation per policy; effective ones include the world's own."""
        scopes = [(scope[0], ""), scope] if effective else [scope]
        last: dict[str, Activation] = {}
        for wanted in scopes:
            last |= {a.policy_id: a for a in self.activations if a.scope == wanted}
        return [last[policy_id] for policy_id in sorted(last)]

    def in_force(self, scope: Scope) -> list[Variant]:
        """Return the variants that rule in a scope."""
        found = (self.variants.get((a.policy_id, a.variant)) for a in self.ruling(scope))
        return [variant for variant in found if variant is not None]

    def of_kind(self, world_id: str, kind: str) -> Variant | None:
        """Return the first ruling variant of a type in a world."""
        return next(
            (v for v in self.in_force((world_id, "")) if parsed(v.policy_id)[0] == kind), None
        )

    def scope_hash(self, world_id: str) -> str:
        """Return one hash over everything that rules in a world."""
        return hash_of([hash_of(v.content) for v in self.in_force((world_id, ""))])


def hash_of(content: JsonValue) -> str:
    """Return the SHA-256 of the content's sorted JSON."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parsed(policy_id: str) -> tuple[str, str, str]:
    """Return type, namespace and key of a policy id; otherwise refuse with 422."""
    found = _ID.fullmatch(policy_id)
    if found is None or found[1] not in TYPES:
        raise policy_refusal(422, "POLICY_ID_INVALID", f"Invalid policy id: {policy_id!r}")
    return found[1], found[2], found[3]


def faults_of(kind: str, status: str, content: JsonObject) -> list[str]:
    """Return what is wrong with a variant, each fault as a sentence."""
    faults = []
    if status not in STATUSES:
        faults.append(f"status must be one of {', '.join(STATUSES)}")
    needed = _NEEDED.get(kind, "text")
    if not content.get(needed) and content.get(needed) != []:
        faults.append(f"content.{needed} is required for {kind}")
    return faults


def policy_refusal(status: int, code: str, detail: str) -> RefusedError:
    """Return a refusal of the policy API, with its code."""
    return refusal(status, detail, code=code, stage="policy")
