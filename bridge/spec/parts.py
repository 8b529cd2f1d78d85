"""The smaller parts of a spec; ``model`` says what they are parts of."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

STRICT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)
"""Every part of a spec is frozen, and unknown keys are errors."""


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=45)]
"""How things are named in specs: they become parts of tool names and URIs."""


Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Part(BaseModel):
    """The base of these parts."""

    model_config = STRICT


class AppPing(Part):
    """A ping the application itself wants, beside the protocol's."""

    frame: dict[str, JsonValue]
    every: float = Field(default=25.0, gt=0)


class Credential(Part):
    """Something that says who we are."""

    label: str
    secret: bool = False
    optional: bool = False
    brief: bool = False
    """Good for a short time only: the player is not asked for it together with the account."""
    spare: Name | None = None
    """Another credential: it holds a new value while nobody knows whether the game took it.

    A sign-in that is refused is tried once more with it.
    """


class Show(Part):
    """How a credential travels: in a header, a query key, or as a parameter of each command."""

    header: str | None = None
    query: str | None = None
    param: str | None = None
    value: str


class Choice(Part):
    """One entry picked from a list in a reply: the wanted one, else the only one."""

    items: str
    """Dotted path of the list."""
    where: dict[str, JsonValue] = {}
    """Dotted paths and values that an entry must have."""
    match: list[str]
    """Keys of an entry that may equal the wanted value."""
    wanted: str
    """A credential that names the wanted entry; may be absent."""
    keep: dict[Name, str]
    """What to keep of the entry: name -> dotted path."""
    missing: str = ""
    """What to tell the player when there is nothing to choose, or too much."""
    hint: str = ""
    """What to do then."""
    optional: bool = False
    """When there is nothing to choose, or too much, the sign-in goes on without it."""


class Tail(Part):
    """How news is told from history where a game shows the last lines of the place we are in."""

    beside: Name
    """The query that says which place it is: asked before and after the lines."""
    place: str
    """Dotted path of the place in its result."""
    present: str | None = None
    """Dotted path, also there, of the list of names of those who are there."""
    window: int
    """How many messages are shown at most."""
    own: str | None = None
    """How our own lines begin; may use public kept values."""
    whose: str | None = None
    """What the lines belong to beside the place, such as the id of our character."""


class Subscription(Part):
    """Kinds of events that an event stream offers, and how they are asked for."""

    kinds: list[str]
    frame: dict[str, JsonValue]
    """The frame that names the wanted kinds, where ``{kinds}`` stands; each replaces the last."""
    query: str | None = None
    """The key of the handshake's query that names them too, parted by commas."""


class Spelling(Part):
    """How one upstream spells one command."""

    path: str | None = None
    method: Method | None = None
    rename: dict[str, str] = {}
    """Our parameter name -> the upstream's."""
    add: dict[str, JsonValue] = {}
    """Fixed values that this upstream wants beside the arguments."""
    cannot: list[str] = []
    """Parameters this upstream does not take; a call that needs one goes elsewhere."""
    cannot_when: dict[str, list[str]] = {}
    """Values of a parameter with which a call goes elsewhere."""
    sent_when: dict[str, dict[str, list[str]]] = {}
    """Parameter -> the values of another one with which it is sent; else it is left out."""


class Pages(Part):
    """How a list comes in parts. The command has the parameters ``page`` and ``page_size``.

    ``{offset}`` may stand for the number of entries before the page. With a parameter ``up_to``,
    as many pages are read as it takes.
    """

    items: str
    """Dotted path of the list."""
    more: str
    """Dotted path of what says that there are further pages."""
    named: str | None = None
    """What the list is called in results; as in the reply where absent."""
    total: str = "total"
    """Dotted path of the number of all entries."""
    size: int = 50
    """Entries of a page where nothing is said."""
    most: int = 100
    """The most entries that one request may ask for."""
