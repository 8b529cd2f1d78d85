"""The lab: translating a line, and composing the prompt of a picture, without playing."""

from typing import Final

from pydantic import JsonValue

from bridge.sandbox.pipeworks.bodies import (
    LabAxisValue,
    LabImageCompileRequest,
    LabTranslateRequest,
    LabWorldQuery,
    SessionOnly,
)
from bridge.sandbox.pipeworks.characters import AXES
from bridge.sandbox.pipeworks.exchange import Answer, Blocked, JsonObject, Reply, refusal
from bridge.sandbox.pipeworks.policies import Variant, hash_of
from bridge.sandbox.pipeworks.sessions import administrator
from bridge.sandbox.pipeworks.state import GameWorld, Mud

_AREA: Final = "Lab API"
_MODEL: Final = "lamplighter:7b"


def lab_worlds(mud: Mud, query: SessionOnly) -> JsonObject:
    """List the worlds, and whether they translate."""
    administrator(mud, query.session_id, _AREA)
    return {
        "worlds": [
            {
                "world_id": world.id,
                "name": world.stock.name,
                "translation_enabled": world.stock.translated,
            }
            for world in mud.worlds.values()
        ]
    }


def world_config(mud: Mud, query: LabWorldQuery) -> JsonObject:
    """Return how a world translates; 404 also when it does not."""
    administrator(mud, query.session_id, _AREA)
    world = mud.worlds.get(query.world_id)
    if world is None or not world.stock.translated:
        raise refusal(404, f"No translation for world '{query.world_id}'")
    return _config(world)


def image_policy_bundle(mud: Mud, query: LabWorldQuery) -> JsonObject:
    """Return which policies make the pictures of a world."""
    administrator(mud, query.session_id, _AREA)
    bundle = _manifest(mud, query.world_id)
    manifest = _inner(bundle)
    return {
        "world_id": query.world_id,
        "policy_schema": bundle.schema_version,
        "policy_bundle_id": bundle.policy_id.rpartition(":")[2],
        "policy_bundle_version": bundle.policy_version,
        "policy_hash": mud.policies.scope_hash(query.world_id),
        "composition_order": manifest.get("composition_order", []),
        "required_runtime_inputs": manifest.get("required_runtime_inputs", []),
        "descriptor_layer_path": _id_of(mud, query.world_id, "descriptor_layer"),
        "tone_profile_path": _id_of(mud, query.world_id, "tone_profile"),
        "species_registry_path": "registry:image.registries:species_registry",
        "clothing_registry_path": "registry:image.registries:clothing_registry",
        "missing_components": [],
    }


def compile_image_prompt(mud: Mud, body: LabImageCompileRequest) -> JsonObject:
    """Compose the prompt of a picture; 409 until the species registry has an entry."""
    administrator(mud, body.session_id, _AREA)
    bundle = _manifest(mud, body.world_id)
    if body.gender not in {"male", "female"}:
        raise refusal(422, "gender must be male or female")
    species = _registered(mud, body.world_id, "species_registry", body.species)
    if species is None:
        raise refusal(409, f"No selectable species block for '{body.species}'")
    axes = _listed(body.axes)
    prompt = ", ".join(
        [f"{body.gender} {body.species}", *axes, *body.world_context, *body.occupation_signals]
    )
    return {
        "world_id": body.world_id,
        "policy_schema": bundle.schema_version,
        "policy_bundle_id": bundle.policy_id.rpartition(":")[2],
        "policy_bundle_version": bundle.policy_version,
        "policy_hash": mud.policies.scope_hash(body.world_id),
        "axis_hash": hash_of([*axes]),
        "required_runtime_inputs": _inner(bundle).get("required_runtime_inputs", []),
        "selected_descriptor_layer_id": _id_of(mud, body.world_id, "descriptor_layer"),
        "selected_tone_profile_id": _id_of(mud, body.world_id, "tone_profile"),
        "selected_species_block_id": species,
        "selected_clothing_profile_id": None,
        "selected_clothing_slot_ids": {},
        "compiled_prompt": prompt,
        "generation_defaults": {"model_id": body.model_id, "seed": body.seed},
        "missing_components": [],
    }


def translate(mud: Mud, body: LabTranslateRequest) -> Answer:
    """Rewrite a line; the server waits for the language model like for a player's line."""
    administrator(mud, body.session_id, _AREA)
    world = mud.worlds.get(body.world_id)
    if world is None:
        raise refusal(404, f"World '{body.world_id}' not found")
    if not world.stock.translated:
        raise refusal(503, f"Translation is off for world '{body.world_id}'")
    profile = ", ".join(_listed(body.axes))
    template = body.prompt_template_override or _template(mud, body.world_id)
    there = mud.integrations.translator
    content: JsonObject = {
        "ic_text": mud.rewrite(body.ooc_message) if there else None,
        "status": "success" if there else "fallback.api_error",
        "profile_summary": profile,
        "rendered_prompt": template.replace("{profile}", profile).replace(
            "{character_name}", body.character_name
        ),
        "prompt_template": template,
        "model": _MODEL,
        "world_config": _config(world),
    }
    if mud.faults.take("llm_delay"):
        return Blocked(seconds=mud.faults.value("llm_delay"), then=lambda: Reply(content=content))
    return Reply(content=content)


def _config(world: GameWorld) -> JsonObject:
    return {
        "world_id": world.id,
        "name": world.stock.name,
        "model": _MODEL,
        "active_axes": [*AXES],
        "strict_mode": False,
        "max_output_chars": 280,
        "timeout_seconds": 120.0,
        "translation_enabled": world.stock.translated,
    }


def _listed(axes: dict[str, LabAxisValue]) -> list[str]:
    return [f"{name}: {value.label}" for name, value in sorted(axes.items())]


def _template(mud: Mud, world_id: str) -> str:
    prompt = mud.policies.of_kind(world_id, "prompt")
    return str(prompt.content["text"]) if prompt else ""


def _manifest(mud: Mud, world_id: str) -> Variant:
    bundle = mud.policies.of_kind(world_id, "manifest_bundle")
    if bundle is None:
        raise refusal(404, f"No active manifest for world '{world_id}'")
    return bundle


def _inner(bundle: Variant) -> JsonObject:
    manifest = bundle.content.get("manifest")
    return manifest if isinstance(manifest, dict) else {}


def _id_of(mud: Mud, world_id: str, kind: str) -> str | None:
    variant = mud.policies.of_kind(world_id, kind)
    return variant.policy_id if variant else None


def _registered(mud: Mud, world_id: str, registry: str, species: str) -> str | None:
    """Return the id of an active registry entry for a species."""
    for variant in mud.policies.in_force((world_id, "")):
        if variant.policy_id.endswith(f":{registry}"):
            return _entry(variant.content.get("entries"), species)
    return None


def _entry(entries: JsonValue, species: str) -> str | None:
    for entry in entries if isinstance(entries, list) else []:
        if (
            isinstance(entry, dict)
            and entry.get("status") == "active"
            and entry.get("species") == species
        ):
            return str(entry.get("id"))
    return None
