from pathlib import Path

import pytest

from bridge.errors import SettingsError
from bridge.settings import Settings
from bridge.settings_sources import (
    Word,
    Words,
    from_environment,
    from_file,
    from_flags,
    settle,
)

GAMES = ("maid", "moltforsale", "pipeworks", "spacemolt")


def settled(words: Words) -> Settings:
    return settle(words, GAMES, state_folder=Path("/state"))


def written(folder: Path, text: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(text)
    return file


def test_a_flag_wins_over_a_variable_which_wins_over_the_file(tmp_path: Path) -> None:
    file = from_file(written(tmp_path, 'tools = "all"\nconfirm = "always"\nread_only = true\n'))
    variables = from_environment({"GAME_BRIDGE_TOOLS": "core", "GAME_BRIDGE_READ_ONLY": "0"}, GAMES)
    flags = from_flags({"tools": "compact", "read_only": None, "confirm": None})

    settings = settled({**file, **variables, **flags})

    assert settings.tools == "compact"
    assert settings.read_only is False
    assert settings.confirm == "always"


def test_nothing_said_gives_the_defaults() -> None:
    assert settled({}) == Settings(games=GAMES, state_folder=Path("/state"))


def test_games_are_those_that_are_named() -> None:
    words = from_flags({"game": ("maid",), "account": ("spacemolt=vex",)})

    assert settled(words).games == ("maid",)


def test_without_names_games_are_those_with_an_account() -> None:
    words = from_flags({"game": (), "account": ("spacemolt=vex", "spacemolt=miner", "maid=eve")})

    settings = settled(words)

    assert settings.games == ("maid", "spacemolt")
    assert settings.accounts_of("spacemolt") == ("vex", "miner")
    assert settings.accounts_of("pipeworks") == ("default",)


def test_every_setting_can_stand_in_the_file(tmp_path: Path) -> None:
    text = """
    games = ["spacemolt"]
    tools = "all"
    toolsets = ["spacemolt:factions"]
    allow = ["maid:admin"]
    read_only = true
    confirm = "never"
    structured = true
    era = "legacy"
    state = "/elsewhere"
    [accounts]
    spacemolt = ["a", "b"]
    [urls]
    maid = "https://maid.example"
    [via]
    spacemolt = "http_v1"
    """

    settings = settled(from_file(written(tmp_path, text)))

    assert settings == Settings(
        games=("spacemolt",),
        tools="all",
        toolsets=("spacemolt:factions",),
        allow=("maid:admin",),
        read_only=True,
        confirm="never",
        structured=True,
        era="legacy",
        state_folder=Path("/elsewhere"),
        accounts={"spacemolt": ("a", "b")},
        urls={"maid": "https://maid.example"},
        via={"spacemolt": "http_v1"},
    )


def test_every_setting_can_be_a_variable() -> None:
    words = from_environment(
        {
            "GAME_BRIDGE_GAMES": "spacemolt, maid",
            "GAME_BRIDGE_READ_ONLY": "yes",
            "GAME_BRIDGE_ERA": "legacy",
            "GAME_BRIDGE_MAID_URL": "https://maid.example",
            "GAME_BRIDGE_SPACEMOLT_VIA": "http_v2",
            "GAME_BRIDGE_SPACEMOLT_ACCOUNT": "a b",
            "PATH": "/bin",
        },
        GAMES,
    )

    settings = settled(words)

    assert settings.games == ("spacemolt", "maid")
    assert settings.read_only
    assert settings.era == "legacy"
    assert settings.urls == {"maid": "https://maid.example"}
    assert settings.via == {"spacemolt": "http_v2"}
    assert settings.accounts == {"spacemolt": ("a", "b")}


def test_a_secret_in_a_variable_is_no_setting() -> None:
    assert from_environment({"GAME_BRIDGE_SPACEMOLT_VEX_PASSWORD": "hidden"}, GAMES) == {}


def test_an_empty_variable_says_nothing() -> None:
    assert from_environment({"GAME_BRIDGE_TOOLS": ""}, GAMES) == {}


def test_a_misspelt_variable_is_named_with_what_was_meant() -> None:
    with pytest.raises(SettingsError, match=r"GAME_BRIDGE_READONLY.*GAME_BRIDGE_READ_ONLY"):
        from_environment({"GAME_BRIDGE_READONLY": "1"}, GAMES)


def test_a_variable_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(SettingsError, match="GAME_BRIDGE_READ_ONLY wants 1 or 0"):
        from_environment({"GAME_BRIDGE_READ_ONLY": "perhaps"}, GAMES)


def test_a_missing_file_says_nothing(tmp_path: Path) -> None:
    assert from_file(tmp_path / "none.toml") == {}


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: there is no such settings file"):
        from_file(tmp_path / "none.toml", must_exist=True)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tool = 'all'", "settings.toml: tool is no setting. Did you mean tools?"),
        ("tools = 3", "settings.toml: tools wants a text, not 3"),
        ("read_only = 'yes'", "settings.toml: read_only wants true or false, not 'yes'"),
        ("games = 'maid'", "settings.toml: games wants a list of texts, not 'maid'"),
        ("games = [1]", "settings.toml: games wants a list of texts"),
        ("urls = 'x'", "settings.toml: urls wants one line per game"),
        ("[accounts]\nmaid = 'eve'", "settings.toml: accounts.maid wants a list of texts"),
        ("tools =", "settings.toml cannot be read"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as raised:
        from_file(written(tmp_path, text))

    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("key", "word", "problem"),
    [
        ("tools", "most", "HERE wants core or all or compact, not 'most'"),
        ("confirm", "maybe", "HERE wants never or destructive or always"),
        ("era", "future", "HERE wants auto or legacy"),
        ("games", ("chess",), "HERE: there is no game 'chess'. There are: maid"),
        ("urls.chess", "https://x", "HERE: there is no game 'chess'"),
        ("toolsets", ("spacemolt",), "HERE wants GAME:TOOLSET, not 'spacemolt'"),
        ("allow", ("chess:admin",), "HERE: there is no game 'chess'"),
        ("accounts.maid", ("a/b",), "HERE: 'a/b' cannot name an account"),
        ("accounts.maid", ("a", "a"), "HERE names no account, or one of them twice"),
    ],
)
def test_an_error_names_who_said_it(key: str, word: str | tuple[str, ...], problem: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settled({key: Word(value=word, origin="HERE")})

    assert problem in str(raised.value)


def test_a_pair_without_its_value_names_the_flag() -> None:
    with pytest.raises(SettingsError, match="--url wants GAME=VALUE, not 'maid'"):
        from_flags({"url": ("maid",)})


def test_the_interval_of_polls_is_said_in_minutes_and_kept_in_seconds() -> None:
    assert settled(from_flags({"poll": ("moltforsale=20",)})).polls == {"moltforsale": 1200.0}


@pytest.mark.parametrize("value", ["often", "-5", "1e9"])
def test_an_interval_that_is_no_number_of_minutes_is_refused(value: str) -> None:
    words = from_environment({"GAME_BRIDGE_MOLTFORSALE_POLL": value}, GAMES)

    with pytest.raises(SettingsError, match="GAME_BRIDGE_MOLTFORSALE_POLL wants minutes"):
        settled(words)


def test_limits_are_left_to_a_game_only_where_the_player_runs_it() -> None:
    here = from_flags({"unpaced": ("maid",), "url": ("maid=http://127.0.0.1:8080",)})

    assert settled(here).unpaced == frozenset({"maid"})
    with pytest.raises(SettingsError, match="--url maid=URL"):
        settled(from_flags({"unpaced": ("maid",)}))
    with pytest.raises(SettingsError, match="there is no game"):
        settled(from_flags({"unpaced": ("chess",)}))
