import base64
import hmac
import json

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.faults import Faults
from bridge.sandbox.maid.tokens import ACCESS_SECONDS, REFRESH_SECONDS, Tokens
from bridge.sandbox.maid.wire import HttpError, JsonObject

SECRET = b"a secret of at least thirty-two bytes"


class Issuer:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.faults = Faults()
        self.tokens = Tokens(clock=self.clock, faults=self.faults, secret=SECRET)

    def passes(self, token: object) -> bool:
        try:
            self.tokens.check("player", f"Bearer {token}")
        except HttpError as refusal:
            return (refusal.status, refusal.headers) != (401, {"WWW-Authenticate": "Bearer"})
        return True

    def refreshed(self, pair: JsonObject) -> JsonObject:
        return self.tokens.refresh("player", str(pair["refresh_token"]))[1]


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def test_a_login_gives_both_tokens_as_documented(issuer: Issuer) -> None:
    pair = issuer.tokens.sign_in("player", "p1")

    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 3_600)
    assert issuer.tokens.check("player", f"bearer {pair['access_token']}").subject == "p1"


def test_a_token_is_a_jwt_signed_with_hs256(issuer: Issuer) -> None:
    token = str(issuer.tokens.sign_in("player", "p1")["access_token"])

    signed, _, signature = token.rpartition(".")
    head, payload = (
        json.loads(base64.urlsafe_b64decode(f"{part}==")) for part in signed.split(".")
    )

    assert head == {"alg": "HS256", "typ": "JWT"}
    assert (payload["sub"], payload["exp"] - payload["iat"]) == ("p1", ACCESS_SECONDS)
    digest = hmac.new(SECRET, signed.encode(), "sha256").digest()
    assert base64.urlsafe_b64decode(f"{signature}=") == digest


def test_an_access_token_runs_out_by_the_clock(issuer: Issuer) -> None:
    token = issuer.tokens.sign_in("player", "p1")["access_token"]

    issuer.clock.advance(ACCESS_SECONDS - 1)
    assert issuer.passes(token)
    issuer.clock.advance(1)
    assert not issuer.passes(token)


def test_a_refresh_gives_no_new_refresh_token_and_leaves_the_old_one(issuer: Issuer) -> None:
    pair = issuer.tokens.sign_in("player", "p1")

    first, second = issuer.refreshed(pair), issuer.refreshed(pair)

    assert set(first) == set(second) == {"access_token", "token_type", "expires_in"}
    assert issuer.passes(first["access_token"])


def test_rotation_gives_a_new_refresh_token_and_kills_the_old_one(issuer: Issuer) -> None:
    pair = issuer.tokens.sign_in("player", "p1")
    issuer.faults.switch_on("rotate_refresh")

    rotated = issuer.refreshed(pair)

    assert issuer.refreshed(rotated)["access_token"]
    with pytest.raises(HttpError, match="revoked"):
        issuer.refreshed(pair)


def test_a_refresh_can_be_refused(issuer: Issuer) -> None:
    pair = issuer.tokens.sign_in("player", "p1")
    issuer.faults.switch_on("refuse_refresh")

    with pytest.raises(HttpError, match="Invalid refresh token"):
        issuer.refreshed(pair)

    assert issuer.refreshed(pair)


def test_a_refresh_token_runs_out_too(issuer: Issuer) -> None:
    pair = issuer.tokens.sign_in("player", "p1")
    issuer.clock.advance(REFRESH_SECONDS)

    with pytest.raises(HttpError, match="expired"):
        issuer.refreshed(pair)


def test_the_fault_expires_every_token_so_far_but_no_later_one(issuer: Issuer) -> None:
    pair = issuer.tokens.sign_in("player", "p1")
    issuer.faults.switch_on("expire_tokens")

    assert not issuer.passes(pair["access_token"])
    assert not issuer.passes(pair["access_token"])
    assert issuer.passes(issuer.refreshed(pair)["access_token"])


def test_logging_out_ends_the_whole_login_and_no_other(issuer: Issuer) -> None:
    pair, other = (issuer.tokens.sign_in("player", "p1") for _ in range(2))
    issuer.tokens.revoke(issuer.tokens.check("player", f"Bearer {pair['access_token']}"))

    assert not issuer.passes(pair["access_token"])
    assert issuer.passes(other["access_token"])
    with pytest.raises(HttpError, match="revoked"):
        issuer.refreshed(pair)


@pytest.mark.parametrize("header", [None, "", "Basic abc", "Bearer", "Bearer "])
def test_without_a_bearer_token_nobody_is_signed_in(issuer: Issuer, header: str | None) -> None:
    with pytest.raises(HttpError, match="Not authenticated"):
        issuer.tokens.check("player", header)


def test_a_token_opens_only_what_it_is_for(issuer: Issuer) -> None:
    admin = issuer.tokens.sign_in("admin", "a1")
    pair = issuer.tokens.sign_in("player", "p1")

    assert not issuer.passes(admin["access_token"])
    assert not issuer.passes(pair["refresh_token"])
    with pytest.raises(HttpError):
        issuer.tokens.refresh("player", str(pair["access_token"]))


def test_a_forged_token_is_refused(issuer: Issuer) -> None:
    token = str(issuer.tokens.sign_in("player", "p1")["access_token"])
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = "p2"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    assert not issuer.passes(f"{head}.{forged}.{signature}")
    assert not issuer.passes("not-a-token")
    assert not issuer.passes("...")
