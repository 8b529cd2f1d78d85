"""The 58 operations of the server, in the order in which it tries them."""

from typing import Final

from pydantic import BaseModel

from bridge.sandbox.pipeworks import (
    accounts,
    bodies,
    characters,
    commands,
    lab,
    pipeline,
    policy_exchange,
    policy_operations,
)
from bridge.sandbox.pipeworks.catalogue_admin import ADMIN_READS, ADMIN_WRITES
from bridge.sandbox.pipeworks.exchange import Call, JsonObject, Reply
from bridge.sandbox.pipeworks.operations import Operation, reads, writes, writes_with
from bridge.sandbox.pipeworks.state import Mud

_LAB: Final = "/api/lab"
_PAGE: Final = (
    "<!doctype html><html><head><title>MUD Server</title></head>"
    "<body><div id='app'></div></body></html>"
)


def _login(mud: Mud, call: Call, _: BaseModel, sent: BaseModel) -> JsonObject:
    """Log in; a header says what kind of client it is."""
    body = bodies.LoginRequest.model_validate(sent, from_attributes=True)
    return accounts.login(mud, body, call.headers.get("x-client-type", ""))


def _page(_mud: Mud, _: BaseModel) -> Reply:
    """Return the shell of a browser application, whatever was asked for."""
    return Reply(content=_PAGE, media="text/html; charset=utf-8")


_PLAYER: Final = (
    reads("/", "root", bodies.Nothing, None, accounts.root),
    reads("/health", "health_check", bodies.Nothing, None, accounts.health),
    Operation(
        method="POST",
        path="/login",
        name="login",
        parameters=bodies.Nothing,
        body=bodies.LoginRequest,
        reply="LoginResponse",
        run=_login,
    ),
    writes(
        "/login-direct",
        "login_direct",
        bodies.LoginDirectRequest,
        "LoginDirectResponse",
        accounts.login_direct,
    ),
    writes("/register", "register", bodies.RegisterRequest, "RegisterResponse", accounts.register),
    writes(
        "/register-guest",
        "register_guest",
        bodies.RegisterGuestRequest,
        "RegisterGuestResponse",
        accounts.register_guest,
    ),
    writes("/logout", "logout", bodies.LogoutRequest, None, accounts.logout),
    reads(
        "/characters",
        "list_characters",
        bodies.CharactersQuery,
        "CharactersResponse",
        characters.list_characters,
    ),
    writes(
        "/characters/select",
        "select_character",
        bodies.SelectCharacterRequest,
        "SelectCharacterResponse",
        characters.select_character,
    ),
    writes(
        "/characters/create",
        "create_character",
        bodies.PlayerCreateCharacterRequest,
        "CreateCharacterResponse",
        characters.create_character,
    ),
    writes(
        "/change-password",
        "change_password",
        bodies.ChangePasswordRequest,
        None,
        accounts.change_password,
    ),
    writes(
        "/command", "execute_command", bodies.CommandRequest, "CommandResponse", commands.command
    ),
    reads("/chat/{session_id}", "get_chat", bodies.SessionOnly, None, commands.chat),
    reads(
        "/ping/{session_id}",
        "heartbeat",
        bodies.SessionOnly,
        None,
        accounts.ping,
        method="POST",
    ),
    reads(
        "/status/{session_id}",
        "get_status",
        bodies.SessionOnly,
        "StatusResponse",
        commands.status,
    ),
)
_API: Final = (
    reads(
        f"{_LAB}/worlds",
        "list_lab_worlds",
        bodies.SessionOnly,
        "LabWorldsResponse",
        lab.lab_worlds,
        tag="lab",
    ),
    reads(
        f"{_LAB}/world-config/{{world_id}}",
        "get_world_config",
        bodies.LabWorldQuery,
        "LabWorldConfig",
        lab.world_config,
        tag="lab",
    ),
    reads(
        f"{_LAB}/world-image-policy-bundle/{{world_id}}",
        "get_world_image_policy_bundle",
        bodies.LabWorldQuery,
        "LabImagePolicyBundleResponse",
        lab.image_policy_bundle,
        tag="lab",
    ),
    writes(
        f"{_LAB}/compile-image-prompt",
        "compile_image_prompt",
        bodies.LabImageCompileRequest,
        "LabImageCompileResponse",
        lab.compile_image_prompt,
        tag="lab",
    ),
    writes(
        f"{_LAB}/translate",
        "lab_translate",
        bodies.LabTranslateRequest,
        "LabTranslateResponse",
        lab.translate,
        tag="lab",
    ),
    reads(
        "/api/policy/hash-snapshot",
        "hash_snapshot",
        bodies.HashSnapshotQuery,
        "PolicyHashSnapshotResponse",
        policy_operations.hash_snapshot,
        tag="policy",
    ),
    reads(
        "/api/policy-capabilities",
        "get_policy_capabilities",
        bodies.SessionOnly,
        "PolicyCapabilitiesResponse",
        policy_operations.capabilities,
        tag="policy",
    ),
    reads(
        "/api/policies",
        "list_policies",
        bodies.PoliciesQuery,
        "PolicyListResponse",
        policy_operations.list_policies,
        tag="policy",
    ),
    reads(
        "/api/policies/{policy_id}",
        "get_policy",
        bodies.PolicyQuery,
        "PolicyObjectResponse",
        policy_operations.one_policy,
        tag="policy",
    ),
    writes_with(
        "/api/policies/{policy_id}/validate",
        "validate_policy_variant",
        (bodies.PolicyValidateQuery, bodies.PolicyValidateRequest),
        "PolicyValidateResponse",
        policy_operations.validate_policy,
        tag="policy",
    ),
    writes_with(
        "/api/policies/{policy_id}/variants/{variant}",
        "upsert_policy_variant",
        (bodies.PolicyVariantQuery, bodies.PolicyUpsertRequest),
        "PolicyObjectResponse",
        policy_operations.upsert_policy,
        method="PUT",
        tag="policy",
    ),
    writes_with(
        "/api/policy-activations",
        "set_policy_activation",
        (bodies.SessionOnly, bodies.PolicyActivationRequest),
        "PolicyActivationEntryResponse",
        policy_operations.activate_policy,
        tag="policy",
    ),
    reads(
        "/api/policy-activations",
        "list_policy_activations",
        bodies.ActivationsQuery,
        "PolicyActivationListResponse",
        policy_operations.list_activations,
        tag="policy",
    ),
    writes_with(
        "/api/policy-publish",
        "publish_policies",
        (bodies.SessionOnly, bodies.PolicyPublishRequest),
        "PolicyPublishResponse",
        policy_exchange.publish,
        tag="policy",
    ),
    reads(
        "/api/policy-publish/{publish_run_id}",
        "get_publish_run",
        bodies.PublishRunQuery,
        "PolicyPublishRunResponse",
        policy_exchange.publish_run,
        tag="policy",
    ),
    writes_with(
        "/api/policy-import",
        "import_policy_artifact",
        (bodies.SessionOnly, bodies.PolicyImportRequest),
        "PolicyImportResponse",
        policy_exchange.import_artifact,
        tag="policy",
    ),
    writes_with(
        "/api/pipeline/condition-axis/generate",
        "generate_condition_axis",
        (bodies.SessionOnly, pipeline.ConditionAxisBody),
        "ConditionAxisGenerateResponse",
        pipeline.generate,
        tag="pipeline",
    ),
)
_PAGES: Final = (
    reads("/admin", "admin_root", bodies.Nothing, None, _page, html=True),
    reads("/admin/{path}", "admin_shell", bodies.PathOnly, None, _page, html=True),
    reads("/play", "play_root", bodies.Nothing, None, _page, html=True),
    reads("/play/{world_id}", "play_world_root", bodies.PlayWorld, None, _page, html=True),
    reads("/play/{world_id}/{path}", "play_world_shell", bodies.PlayPath, None, _page, html=True),
)

OPERATIONS: Final = (*_PLAYER, *ADMIN_READS, *ADMIN_WRITES, *_API, *_PAGES)
