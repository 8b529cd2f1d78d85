"""JSON web tokens of the two realms that sign in with a password: players and admin users.

HS256, signed by the world itself. An access token lives an hour, a refresh token a week, both by
the world's clock. Refreshing gives a new access token and leaves the refresh token as it was,
as documented; the fault ``rotate_refresh`` gives a new one as well and kills the old one.
Logging out revokes everything that came from the same login.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Literal

from bridge.sandbox.clock import Clock
from bridge.sandbox.faults import Faults
from bridge.sandbox.maid.wire import HttpError, JsonObject, encode

ACCESS_SECONDS = 3_600
REFRESH_SECONDS = 7 * 86_400

Realm = Literal["player", "admin"]
Use = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says: whose it is, and from which login it came."""

    subject: str
    realm: str
    use: str
    login: int
    serial: int
    expires_at: float


class Tokens:
    """Issues, checks and revokes tokens."""

    def __init__(self, *, clock: Clock, faults: Faults, secret: bytes) -> None:
        self._clock = clock
        self._faults = faults
        self._secret = secret
        self._serial = 0
        self._expired_through = 0
        self._ended_logins: set[int] = set()
        self._spent: set[int] = set()

    def sign_in(self, realm: Realm, subject: str) -> JsonObject:
        """Return a fresh pair of tokens, as a login answers."""
        login = self._serial + 1
        return {
            "access_token": self._issue(realm, subject, "access", login),
            "refresh_token": self._issue(realm, subject, "refresh", login),
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
        }

    def refresh(self, realm: Realm, token: str) -> tuple[Claims, JsonObject]:
        """Return whose token it is and what a refresh answers; HttpError 401 if it is no good."""
        claims = self._read(token, realm, "refresh")
        if self._faults.take("refuse_refresh"):
            raise _unauthorized("Invalid refresh token")
        answer: JsonObject = {
            "access_token": self._issue(realm, claims.subject, "access", claims.login),
            "token_type": "bearer",
            "expires_in": ACCESS_SECONDS,
        }
        if self._faults.take("rotate_refresh"):
            self._spent.add(claims.serial)
            answer["refresh_token"] = self._issue(realm, claims.subject, "refresh", claims.login)
        return claims, answer

    def check(self, realm: Realm, authorization: str | None) -> Claims:
        """Return what the Bearer token says; HttpError 401 if there is none or it is no good."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("Not authenticated")
        if self._faults.take("expire_tokens"):
            self._expired_through = self._serial
        claims = self._read(token, realm, "access")
        if claims.serial <= self._expired_through:
            raise _unauthorized("Token has expired")
        return claims

    def revoke(self, claims: Claims) -> None:
        """End the login that the token came from."""
        self._ended_logins.add(claims.login)

    def _issue(self, realm: Realm, subject: str, use: Use, login: int) -> str:
        self._serial += 1
        now = self._clock.now()
        lifetime = ACCESS_SECONDS if use == "access" else REFRESH_SECONDS
        payload: JsonObject = {
            "sub": subject,
            "aud": realm,
            "type": use,
            "sid": login,
            "jti": self._serial,
            "iat": now,
            "exp": now + lifetime,
        }
        signed = f"{_armour(encode({'alg': 'HS256', 'typ': 'JWT'}))}.{_armour(encode(payload))}"
        return f"{signed}.{self._signature(signed)}"

    def _signature(self, signed: str) -> str:
        digest = hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _read(self, token: str, realm: Realm, use: Use) -> Claims:
        signed, _, signature = token.rpartition(".")
        honest = hmac.compare_digest(self._signature(signed).encode(), signature.encode())
        claims = _claims(signed) if honest else None
        if claims is None or (claims.realm, claims.use) != (realm, use):
            raise _unauthorized("Invalid token" if use == "access" else "Invalid refresh token")
        if claims.login in self._ended_logins or claims.serial in self._spent:
            raise _unauthorized("Token has been revoked")
        if self._clock.now() >= claims.expires_at:
            raise _unauthorized("Token has expired")
        return claims


def _unauthorized(detail: str) -> HttpError:
    return HttpError(401, detail, {"WWW-Authenticate": "Bearer"})


def _armour(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _claims(signed: str) -> Claims | None:
    payload = signed.partition(".")[2]
    try:
        stated = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error):
        return None
    return Claims(
        subject=stated["sub"],
        realm=stated["aud"],
        use=stated["type"],
        login=stated["sid"],
        serial=stated["jti"],
        expires_at=stated["exp"],
    )
