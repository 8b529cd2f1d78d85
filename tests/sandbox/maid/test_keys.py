import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.maid import demo
from bridge.sandbox.maid.keys import COMBINATIONS, PERMISSIONS, KeyRing, Window, expand
from bridge.sandbox.maid.wire import HttpError
from bridge.sandbox.maid.world import Maid


def test_a_window_admits_its_limit_and_not_one_more() -> None:
    window = Window(60)

    assert all(window.admit(100.0) for _ in range(60))
    assert not window.admit(100.0)


def test_a_window_slides_rather_than_resets() -> None:
    window = Window(2)
    assert window.admit(0.0)
    assert window.admit(50.0)

    assert not window.admit(59.9)
    assert window.admit(60.0)
    assert not window.admit(109.9)
    assert window.admit(110.0)


def test_a_refused_request_does_not_count() -> None:
    window = Window(1)
    assert window.admit(0.0)

    assert not any(window.admit(float(second)) for second in range(1, 60))

    assert window.admit(60.0)


def test_the_headers_tell_limit_rest_and_when_the_oldest_leaves() -> None:
    window = Window(60)
    window.admit(1_000.5)
    window.admit(1_010.0)

    assert window.headers(1_010.0) == {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": "58",
        "X-RateLimit-Reset": "1061",
    }


def test_a_refusal_says_how_long_to_wait_and_neither_limit_nor_reset() -> None:
    window = Window(1)
    window.admit(0.0)

    refusal = window.refusal(20.0)

    assert refusal.status == 429
    assert refusal.detail == "Rate limit exceeded"
    assert refusal.headers == {"Retry-After": "40", "X-RateLimit-Remaining": "0"}


def test_combinations_stand_for_their_permissions() -> None:
    assert expand(["READ_ALL"]) == ("READ_PUBLIC", "READ_PLAYERS", "READ_WORLD")
    assert expand(["ADMIN", "WRITE_ALL"]) == ("WRITE_PLAYERS", "WRITE_WORLD", "ADMIN")
    assert expand(["FULL_ACCESS"]) == COMBINATIONS["FULL_ACCESS"] == PERMISSIONS


def test_an_unknown_permission_is_named() -> None:
    with pytest.raises(HttpError) as refused:
        expand(["READ_PUBLIC", "READ_MINDS"])

    assert (refused.value.status, refused.value.detail) == (400, "Invalid permission: READ_MINDS")


def test_every_demo_key_has_the_documented_form() -> None:
    for key in demo.api_keys(0.0):
        word, prefix, secret = key.raw.split("_", 2)

        assert word == "maid"
        assert prefix == key.key_id[:8]
        assert len(secret) == 32
        assert demo.key_id(key.raw) == key.key_id


def test_revoked_and_expired_keys_are_not_found() -> None:
    clock = HandClock()
    ring = KeyRing(demo.api_keys(clock.now()))

    assert ring.find(demo.FULL, clock.now()) is not None
    assert ring.find(demo.REVOKED, clock.now()) is None
    assert ring.find(demo.EXPIRED, clock.now()) is None
    assert ring.find(None, clock.now()) is None


def test_a_new_key_has_the_documented_form_and_runs_out_by_the_clock() -> None:
    ring = KeyRing([])

    key = ring.create(
        name="bot",
        permissions=("READ_PUBLIC",),
        created_by="me",
        now=0.0,
        expires_in_days=1,
        rate_limit_rpm=5,
        rng=Maid(seed=1).game.rng,
    )

    assert key.raw.startswith(f"maid_{key.key_id[:8]}_")
    assert len(key.raw) == 4 + 1 + 8 + 1 + 32
    assert ring.find(key.raw, 86_399.0) is key
    assert ring.find(key.raw, 86_400.0) is None
