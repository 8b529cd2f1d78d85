import pytest

from bridge.cli.http import host_and_port
from bridge.errors import SettingsError


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_a_place_to_listen_is_a_host_and_a_port(where: str, expected: tuple[str, int]) -> None:
    assert host_and_port(where) == expected


@pytest.mark.parametrize(
    "where", ["8080", ":8080", "localhost", "localhost:", "localhost:99999", "a:b"]
)
def test_anything_else_is_refused_with_an_example(where: str) -> None:
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1:8080"):
        host_and_port(where)
