"""The policies that a fresh server has."""

from typing import Final

from bridge.sandbox.pipeworks.exchange import JsonObject

AXIS_BUNDLE: Final = "axis_core_v1"

STOCK: Final[dict[str, JsonObject]] = {
    "axis_bundle:axis.bundles:axis_core_v1": {
        "axes": {
            "age": ["young", "grown", "old"],
            "demeanor": ["resentful", "guarded", "open"],
            "health": ["weary", "sound", "hale"],
        },
        "version": "1",
    },
    "clothing_block:image.blocks.clothing:oilskin_coat": {"text": "a patched oilskin coat"},
    "descriptor_layer:image.descriptors:plain_layer": {
        "references": ["tone_profile:image.tones:soot_and_brass"]
    },
    "image_block:image.blocks:lamplight": {"text": "lit from one side by a gas lamp"},
    "location:world.locations:condensate_landing": {"text": "an iron landing under pipes"},
    "manifest_bundle:world.manifests:pipeworks_web_default": {
        "manifest": {
            "composition_order": ["descriptor_layer", "tone_profile", "species_block"],
            "required_runtime_inputs": ["entity.identity.gender", "entity.species"],
        },
        "version": 1,
    },
    "prompt:translation.prompts:in_character": {
        "text": "Rewrite the line as {character_name} would say it. {profile}"
    },
    "registry:image.registries:clothing_registry": {
        "entries": [{"id": "oilskin_coat", "status": "active"}]
    },
    "registry:image.registries:species_registry": {"entries": []},
    "species_block:image.blocks.species:human": {"text": "a person of the lower quarters"},
    "tone_profile:image.tones:soot_and_brass": {"prompt_block": "muted, soot and brass"},
}
