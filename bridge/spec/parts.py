"""The smaller parts of a spec; ``model`` says what they are parts of."""

from pydantic import BaseModel, ConfigDict, JsonValue

STRICT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
"""Every part of a spec is frozen, and unknown keys are errors."""


class Part(BaseModel):
    """The base of these parts."""

    model_config = STRICT


class AppPing(Part):
    """A ping the application itself wants, beside the protocol's."""

    frame: dict[str, JsonValue]
    every: float = 25.0


class Credential(Part):
    """Something that says who we are."""

    label: str
    secret: bool = False
    optional: bool = False


class Subscription(Part):
    """Kinds of events that an event stream offers, and how they are asked for."""

    kinds: list[str]
    frame: dict[str, JsonValue]
    """The frame that names the wanted kinds, where ``{kinds}`` stands; each replaces the last."""
    query: str | None = None
    """The key of the handshake's query that names them too, parted by commas."""


class Pages(Part):
    """How a list comes in parts. The command has the parameters ``page`` and ``page_size``.

    ``{offset}`` may stand for the number of entries before the page. With a parameter ``up_to``,
    as many pages are read as it takes.
    """

    items: str
    """Dotted path of the list."""
    more: str
    """Dotted path of what says that there are further pages."""
    total: str = "total"
    """Dotted path of the number of all entries."""
    size: int = 50
    """Entries of a page where nothing is said."""
    most: int = 100
    """The most entries that one request may ask for."""
