"""What the operations accept: JSON bodies and parameters, as the server's own document types them.

Unknown extra fields are ignored, and values are coerced the way FastAPI does it ("3" is a
number), because the real server does both.
"""

from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

Filled = Annotated[str, Field(min_length=1)]


class Nothing(BaseModel):
    """No fields at all."""


class SessionOnly(BaseModel):
    """A session id and nothing else, in the body, the path or the query."""

    session_id: str


class LogoutRequest(SessionOnly):
    """Ends a session."""


class ServerStopRequest(SessionOnly):
    """Stops the server."""


class ClearOllamaContextRequest(SessionOnly):
    """Forgets what the language model remembers."""


class RegisterRequest(BaseModel):
    """A visitor account without a character."""

    username: str
    password: str
    password_confirm: str


class RegisterGuestRequest(BaseModel):
    """A visitor account with a character; the server invents the user name."""

    password: str
    password_confirm: str
    character_name: str


class LoginRequest(BaseModel):
    """User name and password, and the world whose characters are wanted."""

    username: str
    password: str
    world_id: str | None = None


class LoginDirectRequest(BaseModel):
    """The login that was retired."""

    username: str
    password: str
    world_id: str
    character_name: str | None = None
    create_character: bool = False


class ChangePasswordRequest(BaseModel):
    """The current password and the next one."""

    session_id: str
    old_password: str
    new_password: str


class SelectCharacterRequest(BaseModel):
    """The character that a session shall play."""

    session_id: str
    character_id: int
    world_id: str | None = None


class PlayerCreateCharacterRequest(BaseModel):
    """The world in which a character is wanted."""

    session_id: str
    world_id: str


class CommandRequest(BaseModel):
    """One line of a player."""

    session_id: str
    command: str


class CreateUserRequest(BaseModel):
    """An account made by an admin."""

    session_id: str
    username: str
    password: str
    password_confirm: str
    role: str


class CreateCharacterRequest(BaseModel):
    """A character made by an admin for somebody else."""

    session_id: str
    target_username: str
    world_id: str


class UserManagementRequest(BaseModel):
    """What shall be done to an account."""

    session_id: str
    target_username: str
    action: str
    new_role: str | None = None
    new_password: str | None = None


class KickSessionRequest(BaseModel):
    """The session to end."""

    session_id: str
    target_session_id: str
    reason: str | None = None


class KickCharacterRequest(BaseModel):
    """The character whose sessions shall end."""

    session_id: str
    character_id: int
    reason: str | None = None


class ManageCharacterRequest(BaseModel):
    """What shall be done to a character."""

    session_id: str
    character_id: int
    action: str


class ChatPruneRequest(BaseModel):
    """Which chat lines are old enough to go."""

    session_id: str
    max_age_hours: int
    world_id: str | None = None
    room: str | None = None


class OllamaCommandRequest(BaseModel):
    """A command for a language model server, at any address."""

    session_id: str
    server_url: str
    command: str


class LabAxisValue(BaseModel):
    """Where a character stands on one axis."""

    label: str
    score: float


class LabImageCompileRequest(BaseModel):
    """What a picture shall show."""

    session_id: str
    world_id: str
    species: str
    gender: str
    axes: dict[str, LabAxisValue]
    world_context: list[str] = Field(default_factory=list)
    occupation_signals: list[str] = Field(default_factory=list)
    model_id: str | None = None
    aspect_ratio: str | None = None
    seed: int | None = None


class LabTranslateRequest(BaseModel):
    """A line of a player that shall be put into a character's mouth."""

    session_id: str
    world_id: str
    axes: dict[str, LabAxisValue]
    channel: str = "say"
    ooc_message: str
    character_name: str = "Lab Subject"
    seed: int = -1
    temperature: float = 0.7
    prompt_template_override: str | None = None


class PolicyBody(BaseModel):
    """One variant of a policy."""

    schema_version: Filled
    policy_version: Annotated[int, Field(ge=1)]
    status: Filled
    content: dict[str, JsonValue]


class PolicyValidateRequest(PolicyBody):
    """A variant to be checked."""

    validated_by: str | None = None


class PolicyUpsertRequest(PolicyBody):
    """A variant to be kept."""

    updated_by: str | None = None


class PolicyActivationRequest(BaseModel):
    """The variant that shall rule in a world."""

    world_id: Filled
    client_profile: str | None = None
    policy_id: Filled
    variant: Filled
    activated_by: str | None = None
    rollback_of_activation_id: Annotated[int, Field(ge=1)] | None = None


class PolicyPublishRequest(BaseModel):
    """The scope to be published."""

    world_id: Filled
    client_profile: str | None = None
    actor: str | None = None


class PolicyImportRequest(BaseModel):
    """A published artifact, as the server wrote it to a file."""

    artifact: dict[str, JsonValue]
    actor: str | None = None
    activate: bool = True


class CharactersQuery(SessionOnly):
    """Whose characters, in which world."""

    world_id: str | None = None
    exclude_legacy_defaults: bool = False


class CharacterQuery(SessionOnly):
    """One character."""

    character_id: int


class AxisEventsQuery(CharacterQuery):
    """The last events of one character."""

    limit: int = 50


class TableQuery(SessionOnly):
    """A page of a table."""

    table_name: str
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    offset: Annotated[int, Field(ge=0)] = 0


class ChatMessagesQuery(SessionOnly):
    """The newest chat lines."""

    limit: int = 100
    world_id: str | None = None


class LabWorldQuery(SessionOnly):
    """One world, named in the path."""

    world_id: str


class HashSnapshotQuery(BaseModel):
    """The world whose policies are hashed."""

    session_id: Filled
    world_id: Filled = "pipeworks_web"


class PoliciesQuery(SessionOnly):
    """Filters for policies."""

    policy_type: str | None = None
    namespace: str | None = None
    status: str | None = None


class PolicyQuery(SessionOnly):
    """One policy, and which variant of it."""

    policy_id: str
    variant: str | None = None


class PolicyVariantQuery(SessionOnly):
    """One variant, named in the path."""

    policy_id: str
    variant: str


class PolicyValidateQuery(SessionOnly):
    """One variant, named in the query."""

    policy_id: str
    variant: Filled


class ActivationsQuery(BaseModel):
    """The scope whose activations are wanted."""

    scope: Filled
    session_id: str
    effective: bool = True


class PublishRunQuery(SessionOnly):
    """One publish run."""

    publish_run_id: int


class PathOnly(BaseModel):
    """The rest of a path that a browser shell swallows."""

    path: str


class PlayWorld(BaseModel):
    """A world named in the path of the player's browser shell."""

    world_id: str


class PlayPath(PlayWorld):
    """A world and the rest of the path."""

    path: str
