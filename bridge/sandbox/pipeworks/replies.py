"""The shapes of the answers, in a short notation, and the JSON Schemas they stand for.

``name:type``, where a type is a JSON type or the name of another shape, ``[type]`` a list of it,
``{type}`` a map to it; ``?`` after the type allows null, ``~`` after the name allows absence, and
``=text`` gives what is meant then.
"""

from typing import Final

from bridge.sandbox.pipeworks.exchange import JsonObject

_CREATED = (
    "success:boolean message:string character_id~:integer? character_name~:string?"
    " world_id~:string? {more}entity_state~:object? entity_state_error~:string?"
)
_ACTIVATION = (
    "world_id:string client_profile:string? policy_id:string variant:string activated_at:string"
    " activated_by:string rollback_of_activation_id:integer? audit_event_id~:integer?"
)
_COMPILED = (
    "world_id:string policy_schema:string? policy_bundle_id:string?"
    " policy_bundle_version:integer-or-string? policy_hash:string required_runtime_inputs:[string]"
    " missing_components:[string] "
)
_DONE = "success:boolean message:string"
_PUBLISHED = (
    "policy_id:string policy_type:string namespace:string policy_key:string variant:string"
    " schema_version:string policy_version:integer status:string content_hash:string"
    " updated_at:string"
)

SHAPES: Final = {
    "CharacterAxisDelta": "axis_name:string old_score:number new_score:number delta:number",
    "CharacterAxisEvent": (
        "event_id:integer world_id:string event_type:string event_type_description:string?"
        " timestamp:string? metadata:{string} deltas:[CharacterAxisDelta]"
    ),
    "CharacterAxisScore": ("axis_id:integer axis_name:string axis_score:number axis_label:string?"),
    "CharactersResponse": "characters:[object]",
    "ChatPruneResponse": _DONE + " pruned_count:integer",
    "ClearOllamaContextResponse": _DONE,
    "CommandResponse": _DONE,
    "ConditionAxisGenerateResponse": (
        "world_id:string bundle_id:string bundle_version:string policy_hash:string? seed:integer"
        " axes:{number} provenance:ConditionAxisProvenanceResponse"
    ),
    "ConditionAxisProvenanceResponse": (
        "source:string served_via:string generator:string generator_version:string"
        " generator_capabilities~:[string] generated_at:string"
    ),
    "CreateCharacterResponse": _CREATED.format(more="seed~:integer? "),
    "CreateUserResponse": _DONE,
    "DatabaseCharacterAxisEventsResponse": "character_id:integer events:[CharacterAxisEvent]",
    "DatabaseCharacterAxisStateResponse": (
        "character_id:integer world_id:string state_seed:integer? state_version:string?"
        " state_updated_at:string? base_state:object? current_state:object?"
        " axes:[CharacterAxisScore]"
    ),
    "DatabaseChatResponse": "messages:[object]",
    "DatabaseConnectionsResponse": "connections:[object]",
    "DatabasePlayerLocationsResponse": "locations:[object]",
    "DatabasePlayersResponse": "players:[object]",
    "DatabaseSchemaForeignKey": (
        "from_column:string ref_table:string ref_column:string on_update:string on_delete:string"
    ),
    "DatabaseSchemaResponse": "tables:[DatabaseSchemaTable]",
    "DatabaseSchemaTable": ("name:string columns:[string] foreign_keys:[DatabaseSchemaForeignKey]"),
    "DatabaseSessionsResponse": "sessions:[object]",
    "DatabaseTableInfo": "name:string columns:[string] row_count:integer",
    "DatabaseTableRowsResponse": "table:string columns:[string] rows:[[anything]]",
    "DatabaseTablesResponse": "tables:[DatabaseTableInfo]",
    "DatabaseWorldStatusResponse": "worlds:[DatabaseWorldStatusRow]",
    "DatabaseWorldStatusRow": (
        "world_id:string name:string description:string is_active:boolean is_online:boolean"
        " active_session_count:integer active_character_count:integer last_activity~:string?"
        " active_characters:[WorldActiveCharacterSession]"
    ),
    "HTTPValidationError": "detail~:[ValidationError]",
    "KickCharacterResponse": _DONE + " removed_sessions:integer",
    "KickSessionResponse": _DONE,
    "LabImageCompileResponse": _COMPILED
    + (
        "axis_hash:string selected_descriptor_layer_id:string? selected_tone_profile_id:string?"
        " selected_species_block_id:string? selected_clothing_profile_id:string?"
        " selected_clothing_slot_ids:{string?} compiled_prompt:string generation_defaults:object"
    ),
    "LabImagePolicyBundleResponse": _COMPILED
    + (
        "composition_order:[string] descriptor_layer_path:string? tone_profile_path:string?"
        " species_registry_path:string? clothing_registry_path:string?"
    ),
    "LabTranslateResponse": (
        "ic_text:string? status:string profile_summary:string rendered_prompt:string"
        " prompt_template:string model:string world_config:LabWorldConfig"
    ),
    "LabWorldConfig": (
        "world_id:string name:string model:string active_axes:[string] strict_mode:boolean"
        " max_output_chars:integer timeout_seconds:number translation_enabled:boolean"
    ),
    "LabWorldSummary": "world_id:string name:string translation_enabled:boolean",
    "LabWorldsResponse": "worlds:[LabWorldSummary]",
    "LoginDirectResponse": (
        "success:boolean message:string session_id~:string? role~:string?"
        " character_name~:string? world_id~:string?"
    ),
    "LoginResponse": (
        "success:boolean message:string session_id~:string? role~:string?"
        " characters~:[object] available_worlds~:[object]"
    ),
    "ManageCharacterResponse": _DONE + " character_id:integer action:string",
    "OllamaCommandResponse": "success:boolean output:string",
    "PolicyActivationEntryResponse": _ACTIVATION,
    "PolicyActivationListResponse": (
        "world_id:string client_profile:string? items:[PolicyActivationEntryResponse]"
    ),
    "PolicyCapabilitiesResponse": (
        "authorized:boolean role:string allowed_policy_types:[string] allowed_statuses:[string]"
    ),
    "PolicyHashDirectoryResponse": "path:string file_count:integer hash:string",
    "PolicyHashSnapshotResponse": (
        "hash_version:string canonical_root:string generated_at:string file_count:integer"
        " root_hash:string directories:[PolicyHashDirectoryResponse]"
    ),
    "PolicyImportEntryResponse": ("policy_id:string? variant:string? action:string detail:string"),
    "PolicyImportResponse": (
        "world_id:string client_profile:string? activate:boolean item_count:integer"
        " imported_count:integer updated_count:integer skipped_count:integer"
        " error_count:integer activated_count:integer activation_skipped_count:integer"
        " manifest_hash:string items_hash:string artifact_hash:string variants_hash:string"
        " entries:[PolicyImportEntryResponse]"
    ),
    "PolicyListResponse": "items:[PolicyObjectResponse]",
    "PolicyObjectResponse": (_PUBLISHED + " content:object updated_by:string slot_kinds:[string]"),
    "PolicyPublishArtifactResponse": (
        "artifact_hash:string artifact_path:string latest_path:string"
    ),
    "PolicyPublishManifestItemResponse": _PUBLISHED,
    "PolicyPublishManifestResponse": (
        "world_id:string client_profile:string? generated_at:string item_count:integer"
        " items_hash:string manifest_hash:string items:[PolicyPublishManifestItemResponse]"
    ),
    "PolicyPublishResponse": (
        "publish_run_id:integer manifest:PolicyPublishManifestResponse"
        " artifact:PolicyPublishArtifactResponse"
    ),
    "PolicyPublishRunResponse": (
        "publish_run_id:integer world_id:string client_profile:string? actor:string"
        " created_at:string manifest:PolicyPublishManifestResponse"
        " artifact:PolicyPublishArtifactResponse"
    ),
    "PolicyValidateResponse": (
        "policy_id:string variant:string is_valid:boolean errors:[string] content_hash:string"
        " validated_at:string validated_by:string validation_run_id:integer"
    ),
    "RegisterGuestResponse": _CREATED.format(more="") + " username~:string?",
    "RegisterResponse": _DONE,
    "SelectCharacterResponse": _DONE + " character_name~:string?",
    "ServerStopResponse": _DONE,
    "StatusResponse": "active_players:[string] current_room:string? inventory:string",
    "UserManagementResponse": _DONE,
    "ValidationError": "loc:[integer-or-string] msg:string type:string",
    "WorldActiveCharacterSession": (
        "character_id:integer character_name:string username~:string? session_id:string"
        " last_activity~:string? client_type~:string=unknown"
    ),
}


def schemas() -> JsonObject:
    """Return the JSON Schema of every shape, by name."""
    return {name: _shape(fields) for name, fields in SHAPES.items()}


def reference(name: str) -> JsonObject:
    """Return a reference to a shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def _shape(fields: str) -> JsonObject:
    properties: JsonObject = {}
    required = []
    for field in fields.split():
        name, _, rest = field.partition(":")
        kind, _, default = rest.partition("=")
        if not name.endswith("~"):
            required.append(name)
        properties[name.rstrip("~")] = _type(kind) | ({"default": default} if default else {})
    schema: JsonObject = {"type": "object", "properties": properties}
    if required:
        schema["required"] = [*required]
    return schema


def _type(kind: str) -> JsonObject:
    if kind.endswith("?") or kind == "integer-or-string":
        parts = [*kind.rstrip("?").split("-or-"), *(["null"] if kind.endswith("?") else [])]
        return {"anyOf": [_type(part) for part in parts]}
    if kind.startswith("["):
        return {"type": "array", "items": _type(kind[1:-1])}
    if kind.startswith("{"):
        return {"type": "object", "additionalProperties": _type(kind[1:-1])}
    if kind == "anything":
        return {}
    if kind == "object":
        return {"type": "object", "additionalProperties": True}
    return reference(kind) if kind in SHAPES else {"type": kind}
