"""What each endpoint accepts, as models, so that bad input is answered as FastAPI answers it.

Unknown parameters and fields are refused too: a misspelled one should not pass unnoticed.
"""

import json
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bridge.sandbox.maid.wire import HttpError, HttpRequest

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
Role = Literal["VIEWER", "MODERATOR", "BUILDER", "ADMIN", "SUPERADMIN"]


class Form(BaseModel):
    """Input to an endpoint; this one takes none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


FormT = TypeVar("FormT", bound=Form)


class PlayersQuery(Form):
    """Which players to list, and which page of them."""

    page: int = Field(1, ge=1)
    page_size: int = Field(50, ge=1, le=100)
    search: str | None = None
    status: Literal["active", "banned", "suspended"] | None = None
    role: str | None = None
    online_only: bool = False
    sort_by: Literal["username", "created_at", "last_login", "status"] = "username"
    sort_order: Literal["asc", "desc"] = "asc"


class SliceQuery(Form):
    """Which part of a list of the world."""

    offset: int = Field(0, ge=0)
    limit: int = Field(50, ge=1, le=100)


class RoomsQuery(SliceQuery):
    """Which rooms."""

    area_id: str | None = None


class NpcsQuery(SliceQuery):
    """Which NPCs."""

    room_id: str | None = None
    npc_type: str | None = None
    is_hostile: bool | None = None


class ItemsQuery(SliceQuery):
    """Which items."""

    room_id: str | None = None
    item_type: str | None = None
    is_takeable: bool | None = None


class KeysQuery(Form):
    """Which API keys."""

    include_inactive: bool = False


class PlayerUpdate(Form):
    """New account data."""

    email: str | None = Field(None, pattern=_EMAIL)
    metadata: dict[str, JsonValue] | None = None


class Kick(Form):
    """Why a player is disconnected."""

    reason: str = Field(min_length=1)


class Ban(Form):
    """Why a player is banned, and for how long; without a duration, for good."""

    reason: str = Field(min_length=1)
    duration_hours: int | None = Field(None, ge=1)


class Pricing(Form):
    """What a model costs, in dollars per thousand tokens."""

    provider: str = Field(min_length=1)
    model: str = Field(min_length=1)
    input_cost_per_1k: float = Field(ge=0)
    output_cost_per_1k: float = Field(ge=0)


class Login(Form):
    """Name and password."""

    username: str
    password: str


class Refresh(Form):
    """The refresh token."""

    refresh_token: str


class NewCharacter(Form):
    """Name and class of a new character."""

    name: str = Field(min_length=2, max_length=32)
    calling: str = Field(alias="class", min_length=1)


class Settings(Form):
    """What a player's client looks like."""

    color_mode: str | None = None
    screen_width: int | None = Field(None, ge=20, le=500)
    brief_mode: bool | None = None


class Broadcast(Form):
    """A message to everybody who is online."""

    message: str = Field(min_length=1)
    prefix: str = "[SERVER]"


class Shutdown(Form):
    """When and why the server goes down."""

    delay_seconds: int = Field(60, ge=0)
    reason: str = Field(min_length=1)
    broadcast_warning: bool = True


class NewKey(Form):
    """A new API key."""

    name: str = Field(min_length=1)
    permissions: list[str] = Field(min_length=1)
    expires_in_days: int | None = Field(None, ge=1)
    rate_limit_rpm: int = Field(60, ge=1)


class NewStaff(Form):
    """A new admin user."""

    username: str = Field(min_length=1)
    password: str = Field(min_length=8)
    role: Role


class StaffUpdate(Form):
    """New role or status of an admin user."""

    role: Role | None = None
    is_active: bool | None = None
    status: Literal["active", "inactive"] | None = None


def parse(form: type[FormT], request: HttpRequest) -> FormT:
    """Return the request's input: the query of a GET, the JSON body of the rest.

    Raises HttpError 422 with a list of what is wrong.
    """
    if request.method in {"GET", "DELETE"}:
        return _checked(form, "query", dict(request.query))
    if not form.model_fields:
        return form()
    return _checked(form, "body", _json_body(request))


def _checked(form: type[FormT], place: str, value: object) -> FormT:
    try:
        return form.model_validate(value, from_attributes=True)
    except ValidationError as error:
        detail = [{**one, "loc": [place, *one["loc"]]} for one in error.errors(include_url=False)]
        raise HttpError(422, detail) from None


def _json_body(request: HttpRequest) -> object:
    if not request.body:
        raise HttpError(422, [_problem("missing", "Field required", ["body"], None)])
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        return request.body.decode(errors="replace")
    try:
        return json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        place = getattr(error, "pos", 0)
        problem = _problem("json_invalid", "JSON decode error", ["body", place], {})
        raise HttpError(422, [problem]) from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _problem(kind: str, message: str, place: list[object], given: object) -> dict[str, object]:
    return {"type": kind, "loc": place, "msg": message, "input": given}
