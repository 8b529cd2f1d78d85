"""One endpoint as a value: where it is, who may call it, what it takes, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bridge.sandbox.maid.forms import Form, FormT, parse
from bridge.sandbox.maid.game import Game
from bridge.sandbox.maid.keys import ApiKey
from bridge.sandbox.maid.records import ROLES, Account, Staff
from bridge.sandbox.maid.tokens import Claims
from bridge.sandbox.maid.wire import HttpError, HttpReply, HttpRequest


@dataclass(frozen=True, slots=True)
class Everybody:
    """No credential is asked for."""


@dataclass(frozen=True, slots=True)
class KeyWith:
    """An API key with this permission."""

    permission: str


@dataclass(frozen=True, slots=True)
class SignedInPlayer:
    """A player's access token."""


@dataclass(frozen=True, slots=True)
class StaffOf:
    """The access token of an admin user with at least this role."""

    role: str


@dataclass(frozen=True, slots=True)
class AdminEitherWay:
    """An API key with ADMIN, or an admin user of that role: the document leaves it open which."""


Guard = Everybody | KeyWith | SignedInPlayer | StaffOf | AdminEitherWay


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as far as the guard asked."""

    key: ApiKey | None = None
    player: Account | None = None
    user: Staff | None = None
    claims: Claims | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that has passed its guard."""

    request: HttpRequest
    path: Mapping[str, str]
    caller: Caller

    @property
    def account(self) -> Account:
        """The player who calls."""
        assert self.caller.player is not None
        return self.caller.player

    @property
    def user(self) -> Staff:
        """The admin user who calls."""
        assert self.caller.user is not None
        return self.caller.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path; ``name`` is what ``executed`` counts it by."""

    name: str
    method: str
    path: str
    guard: Guard
    form: type[Form]
    status: int
    answer: Callable[[Game, Call], HttpReply]


def endpoint(
    name: str,
    place: str,
    guard: Guard,
    handler: Callable[[Game, Call, FormT], object],
    form: type[FormT],
    *,
    status: int = 200,
) -> Endpoint:
    """Return an endpoint at ``place`` ("GET /path/{id}") that checks its input, then acts.

    The handler's result becomes the JSON body; None means there is no body.
    """

    def answer(game: Game, call: Call) -> HttpReply:
        result = handler(game, call, parse(form, call.request))
        if isinstance(result, HttpReply):
            return result
        return HttpReply(status=status) if result is None else HttpReply.of_json(status, result)

    method, _, path = place.partition(" ")
    return Endpoint(
        name=name,
        method=method,
        path=path,
        guard=guard,
        form=form,
        status=status,
        answer=answer,
    )


def authorize(game: Game, guard: Guard, request: HttpRequest) -> Caller:
    """Return who calls; HttpError 401 without a good credential, 403 if it may not do this."""
    authorization = request.headers.get("authorization")
    match guard:
        case Everybody():
            return Caller()
        case KeyWith(permission):
            return Caller(key=_key(game, request, permission))
        case SignedInPlayer():
            return _player(game, authorization)
        case StaffOf(role):
            return _staff(game, authorization, role)
        case AdminEitherWay():
            if "x-api-key" in request.headers or authorization is None:
                return Caller(key=_key(game, request, "ADMIN"))
            return _staff(game, authorization, "ADMIN")


def _key(game: Game, request: HttpRequest, permission: str) -> ApiKey:
    raw = request.headers.get("x-api-key")
    if not raw:
        raise HttpError(401, "API key required")
    key = game.keys.find(raw, game.now())
    if key is None:
        raise HttpError(401, "Invalid API key")
    if permission not in key.permissions:
        raise HttpError(403, f"Insufficient permissions: {permission} required")
    key.last_used = game.now()
    return key


def _player(game: Game, authorization: str | None) -> Caller:
    claims = game.tokens.check("player", authorization)
    account = game.accounts[claims.subject]
    if account.status(game.now()) != "active":
        raise HttpError(403, f"Account is {account.status(game.now())}")
    return Caller(player=account, claims=claims)


def _staff(game: Game, authorization: str | None, role: str) -> Caller:
    claims = game.tokens.check("admin", authorization)
    user = game.staff.get(claims.subject)
    if user is None or not user.is_active:
        raise HttpError(401, "Invalid token", {"WWW-Authenticate": "Bearer"})
    if user.rank < ROLES[role]:
        raise HttpError(403, f"Insufficient role: {role} required")
    return Caller(user=user, claims=claims)
