import pytest

from bridge.errors import SettingsError
from bridge.gateway.addresses import address, how_to_reach, ways
from bridge.settings import Settings
from bridge.spec.loader import load_game, spec_folder
from bridge.spec.model import GameSpec, HttpUpstream

SPACEMOLT = load_game(spec_folder(), "spacemolt")


def at(url: str, upstream: str = "http_v2") -> str:
    return address(SPACEMOLT, upstream, Settings(urls={"spacemolt": url}))


@pytest.mark.parametrize("game", ["spacemolt", "moltforsale", "maid", "pipeworks"])
def test_every_game_is_reached_encrypted_or_on_this_machine(game: str) -> None:
    spec = load_game(spec_folder(), game)

    for way in ways(spec, Settings()):
        local = way.base_url.startswith(("http://localhost", "ws://localhost"))
        assert local or way.base_url.startswith(("https://", "wss://"))


@pytest.mark.parametrize(
    ("given", "http", "websocket"),
    [
        ("https://my.host", "https://my.host/api/v2", "wss://my.host/ws"),
        ("wss://my.host:8443/", "https://my.host:8443/api/v2", "wss://my.host:8443/ws"),
        (
            "http://127.0.0.1:8770/sm",
            "http://127.0.0.1:8770/sm/api/v2",
            "ws://127.0.0.1:8770/sm/ws",
        ),
        ("http://[::1]:80", "http://[::1]:80/api/v2", "ws://[::1]:80/ws"),
        ("ws://localhost", "http://localhost/api/v2", "ws://localhost/ws"),
    ],
)
def test_an_address_given_by_the_player_takes_the_place_of_host_and_scheme(
    given: str, http: str, websocket: str
) -> None:
    assert at(given) == http
    assert at(given, "websocket") == websocket


@pytest.mark.parametrize(
    "given",
    [
        "http://my.host",
        "ws://my.host",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.7:8000",
        "http://0.0.0.0:8000",
    ],
)
def test_nothing_travels_unencrypted_to_another_machine(given: str) -> None:
    with pytest.raises(SettingsError, match="credentials only travel encrypted"):
        at(given)


@pytest.mark.parametrize(
    "given", ["my.host", "ftp://my.host", "https://", "https://[::1", "https://h:99999", "//h"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="not an address like"):
        at(given)


@pytest.mark.parametrize(
    "given", ["https://vex:hunter2@my.host", "https://hunter2@my.host/x", "http://a:hunter2@[::1"]
)
def test_a_password_in_an_address_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(SettingsError, match="must not carry") as caught:
        at(given)

    assert "hunter2" not in str(caught.value)


def test_a_spec_of_the_players_own_cannot_name_an_unencrypted_address_either() -> None:
    insecure = HttpUpstream(kind="http", url="http://my.host")
    spec = GameSpec.model_copy(SPACEMOLT, update={"upstream": {"http": insecure}})

    with pytest.raises(SettingsError, match=r"The spec of spacemolt names http://my\.host"):
        ways(spec, Settings())


def test_an_upstream_that_there_is_not_is_refused_naming_those_there_are() -> None:
    with pytest.raises(SettingsError, match="websocket, http_v2, http_v1"):
        ways(SPACEMOLT, Settings(via={"spacemolt": "telnet"}))


def test_of_a_game_that_players_host_it_is_said_where_it_was_looked_for() -> None:
    pipeworks = load_game(spec_folder(), "pipeworks")
    given = Settings(urls={"pipeworks": "https://mud.example/behind?a=b"})

    assert "http://localhost:8000." in how_to_reach(pipeworks, Settings())
    assert "https://mud.example. " in how_to_reach(pipeworks, given)
    assert "--url pipeworks=URL" in how_to_reach(pipeworks, given)
    assert "Try again later" in how_to_reach(SPACEMOLT, Settings())
