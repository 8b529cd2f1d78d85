from pathlib import Path

import pytest

from bridge.server.gatekeeper import FAILURES, WINDOW_SECONDS, Denied, Gatekeeper
from bridge.server.http_clients import BEGINNING, HttpClient, HttpClients

HERE = {"host": "127.0.0.1:8123"}


class Clock:
    time = 1_000.0

    def now(self) -> float:
        return self.time


def keeper(
    host: str = "127.0.0.1", *, token: str | None = None, clock: Clock | None = None
) -> Gatekeeper:
    laptop = HttpClient(name="laptop", shares_accounts=False)
    return Gatekeeper(
        host=host,
        find=lambda given: laptop if given == token else None,
        beginning=lambda given: given[:6] if token and given[:6] == token[:6] else "",
        needs_token=token is not None,
        has_clients=lambda: False,
        now=(clock or Clock()).now,
    )


def bearer(token: str) -> dict[str, str]:
    return {**HERE, "authorization": f"Bearer {token}"}


def status(answer: HttpClient | Denied | None) -> int | None:
    return answer.status if isinstance(answer, Denied) else None


def test_on_loopback_without_clients_anybody_on_this_machine_is_let_in() -> None:
    assert keeper().admit(HERE, "127.0.0.1") is None


def test_on_loopback_too_a_token_is_needed_from_when_a_client_is_named() -> None:
    named = [False, True, False]
    door = keeper()
    door.has_clients = lambda: named.pop(0)

    assert [status(door.admit(HERE, "127.0.0.1")) for _ in range(3)] == [None, 401, 401]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8123", "", "127.0.0.1.evil.example"]
)
def test_a_name_that_was_made_to_point_here_is_refused(host: str) -> None:
    assert status(keeper().admit({"host": host}, "127.0.0.1")) == 421


@pytest.mark.parametrize("host", ["localhost:8123", "[::1]:8123", "127.0.0.1"])
def test_this_machine_has_several_names(host: str) -> None:
    assert keeper().admit({"host": host}, "127.0.0.1") is None


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "http://[", "http://]:1", ""],
)
def test_a_page_from_elsewhere_is_refused(origin: str) -> None:
    assert status(keeper().admit({**HERE, "origin": origin}, "127.0.0.1")) == 403


def test_a_page_of_this_machine_is_let_in_on_loopback_only() -> None:
    page = {"origin": "http://localhost:6274"}

    assert keeper().admit({**HERE, **page}, "127.0.0.1") is None
    outside = keeper("0.0.0.0", token="gb_right")  # noqa: S104 - the subject of the test
    assert status(outside.admit({**bearer("gb_right"), **page}, "10.0.0.9")) == 403


def test_the_right_token_lets_its_client_in() -> None:
    client = keeper("0.0.0.0", token="gb_right").admit(bearer("gb_right"), "10.0.0.9")  # noqa: S104 - the subject

    assert isinstance(client, HttpClient)
    assert client.name == "laptop"


@pytest.mark.parametrize("headers", [HERE, bearer("gb_wrong"), {"authorization": "Basic gb_right"}])
def test_anything_else_is_asked_for_a_token(headers: dict[str, str]) -> None:
    answer = keeper("0.0.0.0", token="gb_right").admit(headers, "10.0.0.9")  # noqa: S104 - the subject

    assert isinstance(answer, Denied)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_whoever_fails_too_often_waits_and_nobody_else_does() -> None:
    clock = Clock()
    door = keeper("0.0.0.0", token="gb_right", clock=clock)  # noqa: S104 - the subject
    for _ in range(FAILURES):
        assert status(door.admit(bearer("gb_rigid"), "10.0.0.9")) == 401

    assert status(door.admit(bearer("gb_right"), "10.0.0.9")) == 429
    assert isinstance(door.admit(bearer("gb_right"), "10.0.0.10"), HttpClient)
    clock.time += WINDOW_SECONDS + 1
    assert isinstance(door.admit(bearer("gb_right"), "10.0.0.9"), HttpClient)


def test_a_stranger_behind_the_same_proxy_does_not_shut_out_the_owner() -> None:
    door = keeper("0.0.0.0", token="gb_right")  # noqa: S104 - the subject
    for number in range(FAILURES):
        door.admit(bearer(f"gb_wrong{number}"), "10.0.0.9")

    assert status(door.admit(bearer("gb_wrong"), "10.0.0.9")) == 429
    assert isinstance(door.admit(bearer("gb_right"), "10.0.0.9"), HttpClient)


def test_whose_token_a_wrong_one_resembles_is_known_by_its_beginning(tmp_path: Path) -> None:
    clients = HttpClients(tmp_path / "http-clients.json")
    token = clients.add("laptop", shares_accounts=True)

    assert clients.beginning(f"{token[:12]}wrong") == token[:BEGINNING]
    assert clients.beginning("gb_wrong") == ""
    assert clients.beginning("") == ""


def test_a_token_is_told_once_and_only_its_digest_is_kept(tmp_path: Path) -> None:
    clients = HttpClients(tmp_path / "state" / "http-clients.json")

    token = clients.add("laptop", shares_accounts=True)

    assert clients.find(token) == HttpClient(name="laptop", shares_accounts=True)
    assert token not in clients.file.read_text()
    assert clients.file.stat().st_mode & 0o077 == 0
    assert clients.find("gb_wrong") is None


def test_a_new_token_replaces_the_old_one_and_a_removed_client_is_out(tmp_path: Path) -> None:
    clients = HttpClients(tmp_path / "http-clients.json")
    old = clients.add("laptop", shares_accounts=False)

    new = clients.add("laptop", shares_accounts=False)

    assert clients.find(old) is None
    assert clients.find(new) is not None
    assert clients.remove("laptop")
    assert clients.find(new) is None
    assert clients.names() == []
