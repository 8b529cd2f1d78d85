"""What a spec file may say: one game, written down as data.

Constants, ``{placeholders}``, dotted paths into replies and closed lists of words; no expressions.
Everything is frozen, and an unknown key is an error. Sections come in one order: the game, how to
reach it, who we are, how often, what can be done, what can go wrong, what it tells us.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from bridge.spec.parts import (
    STRICT,
    AppPing,
    Choice,
    Credential,
    Method,
    Name,
    Pages,
    Show,
    Spelling,
    Subscription,
    Tail,
)

Effect = Literal["query", "write", "mutation", "irreversible"]
"""What a command does: nothing, something at once, something on a tick, something not to undo."""

ParamType = Literal["string", "integer", "number", "boolean", "array", "object"]


class Strict(BaseModel):
    """The base of every part of a spec: frozen, and unknown keys are errors."""

    model_config = STRICT


# -- The game -----------------------------------------------------------------


class Game(Strict):
    """Which game this is."""

    id: Name
    title: str
    about: str
    """One sentence: what it is like to play."""
    docs: str
    verified_against: str
    guide: str = ""
    """How to play, for a model: the loop, the first steps, the mistakes. Markdown."""
    check: Name | None = None
    """The query that tells what happened when a reply is lost."""
    farewell: Name | None = None
    """What to send when the bridge is stopped while it is signed in over HTTP."""
    redact: list[str] = []
    """Keys that are cut out of every result and event, however deep they stand."""
    status: Name | None = None
    """The query behind the status resource."""


# -- How to reach it ----------------------------------------------------------


class HttpUpstream(Strict):
    """An HTTP API."""

    kind: Literal["http"]
    url: str
    path: str = ""
    """Where commands go that name no path of their own; may use ``{command}``."""
    method: Method = "POST"
    apart: bool = False
    """Carries only the commands that name it, and those whatever way is wanted for the others."""
    only_listed: bool = False
    """Only the commands spelt out in this upstream's ``via`` table can be sent."""
    result: str | None = None
    """Dotted path of the result in a reply; the whole body where absent."""
    text: str | None = None
    """Dotted path of the game's own rendering of the result, where it has one."""
    error: str | None = None
    """Dotted path of the error in a reply that failed."""
    pending: dict[str, JsonValue] = {}
    """Dotted paths and values; each of them marks a success as accepted, not done."""
    timeout: float = 30.0
    """Seconds to wait for the answer to a query."""
    mutation_timeout: float = 330.0
    """Seconds to wait for the answer to anything else."""
    headers: dict[str, str] = {}


class WebSocketUpstream(Strict):
    """A WebSocket, for commands (``typed_frames``) or for listening only (``event_stream``).

    A socket that takes what a player types (``look``, ``north``) would be a third dialect, carried
    by a room of its own beside ``gateway/connections/live.py`` and ``gateway/watching/stream.py``. No game that is
    written down here documents one.
    """

    kind: Literal["websocket"]
    url: str
    dialect: Literal["typed_frames", "event_stream"]
    greeting: str | None = None
    """The type of the frame the game sends first."""
    correlation: str = "request_id"
    """The key of a frame that says which call it answers."""
    pending: dict[str, JsonValue] = {}
    """Dotted paths and values; each of them marks a reply as the first phase of two."""
    settled_by: list[str] = []
    """Frame types that end a call of two phases."""
    refused_by: list[str] = ["error"]
    """Frame types that mean no."""
    single: bool = False
    """The game allows one connection per account: the newest wins."""
    displaced_by: list[int] = []
    """Close codes that mean somebody else has signed in: final."""
    displaced_reasons: list[str] = []
    """Words in a close reason that mean the same."""
    rejected_by: list[int] = [1008, 4003, 4401, 4403]
    """Close codes that mean the credential is refused: no reconnect."""
    auth: Name | None = None
    """The auth whose ``show`` applies to the handshake."""
    cooldowns: list[Name] = []
    """What opening a connection counts against."""
    ping: AppPing | None = None
    reply_timeout: float = 20.0
    """Seconds within which every command is answered or acknowledged."""
    settle_timeout: float = 600.0
    """Seconds after that within which it is settled; then its fate counts as unknown."""


Upstream = Annotated[HttpUpstream | WebSocketUpstream, Field(discriminator="kind")]


# -- Who we are ---------------------------------------------------------------


class Step(Strict):
    """One request of a sign-in; one that sends nothing chooses from what was kept before."""

    post: str | None = None
    get: str | None = None
    command: Name | None = None
    send: dict[str, str] = {}
    keep: dict[Name, str] = {}
    """What to keep of the reply: name -> dotted path; in the vault if it is a credential too."""
    choose: Choice | None = None
    optional: list[str] = []
    """Members of ``send`` that are left out when they have no value."""
    cooldowns: list[Name] = []
    """What it counts against; a step with a command counts as that command does."""


class Auth(Strict):
    """A way to be known to the game."""

    show: Show | None = None
    after: Name | None = None
    """Another auth that must be signed in first; its kept values are shared."""
    sign_in: list[Step] = []
    renew: Step | None = None
    idle_timeout: float | None = None
    """Seconds of silence after which the game forgets us."""
    rival_within: float | None = None
    """Seconds: lost again so soon after a renewal, another client uses the account. It rests."""
    public: list[Name] = []
    """Kept values that are no secret, such as names: quirks and polls are told them."""


# -- How often ----------------------------------------------------------------


class Cooldown(Strict):
    """How often something may be done: ``limit`` times in ``seconds``."""

    seconds: float = Field(gt=0)
    limit: int = Field(default=1, ge=1)
    per: list[str] = []
    """Parameters whose values each have a count of their own."""
    scope: Literal["account", "key", "ip"] = "account"
    on: Literal["success", "attempt"] = "success"
    """Whether refused attempts count too."""
    holds: Literal["named", "queued", "unqueued", "all"] = "named"
    """Which commands it holds back: those that name it, or also all of a sort."""
    code: str | None = None
    """The code the game itself would answer with."""
    about: str = ""


# -- What can be done ---------------------------------------------------------


class Toolset(Strict):
    """A named group of commands."""

    about: str
    default: bool = False
    admin: bool = False
    """Needs an explicit ``--allow``."""


class Param(Strict):
    """One parameter of a command, or one field of a record."""

    type: ParamType
    description: str = ""
    optional: bool = False
    enum: list[str] = []
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = Field(default=None, alias="minLength")
    max_length: int | None = Field(default=None, alias="maxLength")
    min_items: int | None = Field(default=None, alias="minItems")
    max_items: int | None = Field(default=None, alias="maxItems")
    pattern: str | None = None
    items: str | None = None
    """Of an array: a record's name, or a plain type."""
    record: str | None = None
    """Of an object: the record that lists its fields."""
    values: ParamType | None = None
    """Of an object without a record: the type of its values."""
    place: Literal["path", "query", "body", "header", "nowhere"] | None = Field(
        default=None, alias="in"
    )
    wire: str | None = Field(default=None, alias="as")
    """The name on the wire, where it differs."""
    aliases: list[str] = []
    """Names that models invent for it."""
    names: str | None = None
    """What it refers to: system, poi, item, ship, player, room, ..."""
    secret: bool = False
    """Never offered to a model."""


class Command(Strict):
    """Something that can be done in the game; offered to models as a tool."""

    toolset: Name
    effect: Effect
    description: str
    title: str | None = None
    auth: Name | None = None
    """Which auth it needs; ``none`` for none, the first one declared where absent."""
    signs_in: Name | None = None
    """The auth that its success signs in to, over the way it went, as what it stores."""
    offered: bool = True
    """Whether models see it; the bridge may still use it itself."""
    core: bool = False
    """Shown by default. A game that marks no command shows its default toolsets."""
    params: dict[Name, Param] = {}
    method: Method | None = None
    path: str | None = None
    body: dict[str, JsonValue] | None = None
    """Fixed members of the body; strings may use placeholders."""
    ask: Step | None = None
    """A question to ask first; what it keeps fills placeholders, and nobody else is told it."""
    query: dict[str, str] = {}
    result: str | None = None
    text: str | None = None
    queued: bool | None = None
    """Runs on a tick; true of mutations where absent."""
    query_when: dict[str, list[str]] = {}
    """Values of a parameter with which it changes nothing."""
    repeatable: bool = False
    """Doing it twice is the same as once."""
    confirm: bool = False
    lasts: float | None = None
    """Seconds after which the game deletes the account that it makes; it may be made anew then."""
    stores: dict[Name, str] = {}
    """Credential -> dotted path into the result, or a ``{placeholder}``."""
    redact: list[str] = []
    """Dotted paths that are cut out of results; ``*`` stands for any key or index."""
    drop: list[str] = []
    """Dotted paths that are left out to save room; ``--structured`` keeps them."""
    drop_unless: Name | None = None
    """A boolean parameter with which nothing is left out."""
    pages: Pages | None = None
    cooldowns: list[Name] = []
    empty_when: dict[str, JsonValue] = {}
    """Dotted paths and values that mark a success in which nothing happened."""
    empty_unless: list[str] = []
    """Dotted paths of what may have happened instead; if one is there, it was no empty success."""
    upstreams: list[Name] = []
    """The only upstreams that take it; all where empty."""
    untrusted: bool | str = False
    """The result carries other players' words; or only the part at this dotted path does."""
    reply: Literal["data", "page"] = "data"
    """Whether a page of HTML is an answer or a sign that something is wrong."""
    permission: str | None = None
    """What the game wants of the credential; told when it is missing."""
    words: list[str] = []
    """Words a player would use for it, for ``bridge_find``."""
    see: list[Name] = []
    """What to call first."""
    tells: list[Name] = []
    """Feeds whose news stand in the result, so that they count as read."""
    check: Name | None = None
    timeout: float | None = None


# -- What can go wrong --------------------------------------------------------


class ErrorRule(Strict):
    """What a refusal means; the first rule that matches counts."""

    code: list[str] = []
    """Codes, with ``*`` for any characters."""
    status: list[int] = []
    text: list[str] = []
    """Words of the message, any of them, case ignored."""
    when: dict[str, JsonValue] = {}
    """Dotted paths of the reply and their values; also makes a 200 a refusal."""
    header: dict[str, str] = {}
    then: Literal["tell", "wait", "retry", "sign_in_again", "stop", "done"] = "tell"
    wait: str | list[str] = []
    """Seconds to wait: dotted paths into the error, ``header:NAME``, numbers; the first found."""
    auth: Name | None = None
    """Of ``sign_in_again``: the only auth that is lost; all that the command needs if absent."""
    scope: Literal["account", "ip"] = "account"
    """Whom the wait holds back."""
    hint: str = ""
    """What to do next, for a model."""
    name: str | None = None
    """A clearer code than the game's own."""


# -- What it tells us ---------------------------------------------------------


class EventSource(Strict):
    """Where events come from and how to read them."""

    source: Literal["push", "reply", "poll"]
    items: str | None = None
    """Dotted path of the list of events; the whole frame or reply is one event where absent."""
    kind: list[str] = ["type"]
    """Dotted paths of the kind, the first present counts."""
    data: str | None = None
    identity: str | None = None
    """Dotted path of what makes an event the same event."""
    command: Name | None = None
    """The query that is polled."""
    every: float = Field(default=10.0, gt=0)
    """Seconds between two polls."""
    on_request: tuple[float, float] | None = None
    """Polled only if the player sets an interval; the shortest and the longest, in seconds."""
    jitter: float = 0.0
    """Seconds, at most, that are added to each interval by chance."""
    novelty: Literal["all", "identity", "tail_lines"] = "all"
    tail: Tail | None = None
    """Of ``tail_lines``: which lines they are."""
    drop: list[str] = []
    """Kinds that are not kept."""
    snapshot: dict[Name, dict[str, JsonValue]] = {}
    """Queries, with arguments, whose answers are recorded after every gap in what was pushed."""


class Feed(Strict):
    """A named group of events that a player can read and subscribe to."""

    title: str
    kinds: list[str] = ["*"]
    """Kinds, with ``*`` for any characters."""
    keep: int = Field(default=200, ge=1)
    untrusted: bool = False
    """Other players' words."""
    on_request: bool = False
    """Its kinds are only subscribed to while somebody asks for this very feed."""


class GameSpec(Strict):
    """One game as data."""

    format: Literal[1]
    game: Game
    upstream: dict[Name, Upstream]
    via: dict[Name, dict[Name, Spelling]] = {}
    credentials: dict[Name, Credential] = {}
    auth: dict[Name, Auth] = {}
    cooldowns: dict[Name, Cooldown] = {}
    toolsets: dict[Name, Toolset]
    records: dict[Name, dict[Name, Param]] = {}
    commands: dict[Name, Command]
    errors: list[ErrorRule] = []
    events: list[EventSource] = []
    subscriptions: list[Subscription] = []
    feeds: dict[Name, Feed] = {}

    def auth_of(self, command: Command) -> str | None:
        """Return the name of the auth that the command needs, None for none."""
        if command.auth is not None:
            return None if command.auth == "none" else command.auth
        return next(iter(self.auth), None)


def is_queued(command: Command) -> bool:
    """Say whether the command waits for a tick."""
    return command.effect == "mutation" if command.queued is None else command.queued
