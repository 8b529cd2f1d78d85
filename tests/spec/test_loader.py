import tomllib
from pathlib import Path

import jsonschema
import pytest

from bridge.errors import SpecError
from bridge.spec.loader import game_ids, json_schema, load_game, load_games, spec_folder

GAME = """
format = 1

[game]
id = "toy"
title = "Toy"
about = "A game."
docs = "https://example.org"
verified_against = "1"

[upstream.http]
kind = "http"
url = "http://localhost:1"
path = "/{command}"

[toolsets]
all = { about = "Everything." }

[commands.look]
toolset = "all"
effect = "query"
description = "Look."
"""

WAIT = """
[commands.wait]
toolset = "all"
effect = "write"
description = "Wait."
"""


def write(folder: Path, main: str = GAME, **more: str) -> None:
    """Write the toy's file and, in a folder beside it, one file for each further text."""
    (folder / "toy.toml").write_text(main, encoding="utf-8")
    for name, text in more.items():
        (folder / "toy").mkdir(exist_ok=True)
        (folder / "toy" / f"{name}.toml").write_text(text, encoding="utf-8")


def mistake(folder: Path) -> tuple[str, str, str]:
    """Return the file, the key and the problem of the first mistake."""
    with pytest.raises(SpecError) as wrong:
        load_game(folder, "toy")
    assert str(wrong.value).startswith(wrong.value.file)
    return str(Path(wrong.value.file).relative_to(folder)), wrong.value.key, wrong.value.problem


# -- What can be read ---------------------------------------------------------


def test_every_game_that_comes_with_the_bridge_can_be_read() -> None:
    games = load_games(spec_folder())

    assert list(games) == ["maid", "moltforsale", "pipeworks", "spacemolt"]
    assert all(spec.game.id == game and spec.commands for game, spec in games.items())


def test_a_game_is_its_file_and_the_files_in_its_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        f'{GAME}\n[[errors]]\ncode = ["a"]\n[via.http]\nlook = {{ path = "/l" }}',
        b_waiting=f'{WAIT}\n[[errors]]\ncode = ["b"]\n[via.http]\nwait = {{ path = "/w" }}',
        a_feeds='[feeds.all]\ntitle = "All"',
    )

    spec = load_game(tmp_path, "toy")

    assert list(spec.commands) == ["look", "wait"]
    assert [rule.code for rule in spec.errors] == [["a"], ["b"]]
    assert list(spec.via["http"]) == ["look", "wait"]
    assert list(spec.feeds) == ["all"]


@pytest.mark.parametrize(
    ("feeds", "told"),
    [("", "Everything the game tells"), ('[feeds.all]\ntitle = "Talk"', "Talk")],
)
def test_every_game_has_a_feed_of_everything(tmp_path: Path, feeds: str, told: str) -> None:
    write(tmp_path, GAME, more=f'{feeds}\n[feeds.chat]\ntitle = "Chat"')

    spec = load_game(tmp_path, "toy")

    assert sorted(spec.feeds) == ["all", "chat"]
    assert (spec.feeds["all"].title, spec.feeds["all"].kinds) == (told, ["*"])


def test_games_are_told_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml", "game.schema.json"):
        (tmp_path / name).write_text("")

    assert game_ids(tmp_path) == ["a", "b"]


# -- Mistakes -----------------------------------------------------------------


def test_a_game_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert mistake(tmp_path) == ("toy.toml", "", "there is no such file")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "toy.toml").mkdir()

    assert mistake(tmp_path) == ("toy.toml", "", "cannot be read: Is a directory")


@pytest.mark.parametrize("text", ["[game", 'a = "\\x"', "a = [" * 3000, "a = 1\na = 2"])
def test_what_is_no_toml_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    write(tmp_path, GAME, more=text)

    file, key, problem = mistake(tmp_path)

    assert (file, key) == ("toy/more.toml", "")
    assert problem.startswith("not TOML: ")


def test_a_file_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "toy.toml").write_bytes(b'a = "\xff"')

    assert mistake(tmp_path)[2].startswith("not TOML: ")


@pytest.mark.parametrize(
    ("wrong", "key", "problem"),
    [
        ('[commands.wait]\ntehn = "x"', "commands.wait.tehn", "unknown key; did you mean 'then'?"),
        (
            '[upstream.x]\nkind = "http"\nulr = "http://localhost"',
            "upstream.x.ulr",
            "unknown key; did you mean 'url'?",
        ),
        ('[commands.wait]\nzzzzzz = "x"', "commands.wait.zzzzzz", "unknown key"),
        ('[comands.wait]\na = "x"', "comands", "unknown key; did you mean 'commands'?"),
        (
            '[records.order]\nid = { type = "string", minLenght = 1 }',
            "records.order.id.minLenght",
            "unknown key; did you mean 'minLength'?",
        ),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_known_one(
    tmp_path: Path, wrong: str, key: str, problem: str
) -> None:
    needed = 'toolset = "all"\neffect = "write"\ndescription = "Wait."\n'
    write(tmp_path, GAME, more=wrong.replace("[commands.wait]\n", f"[commands.wait]\n{needed}"))

    assert mistake(tmp_path) == ("toy/more.toml", key, problem)


@pytest.mark.parametrize(
    ("wrong", "key", "problem"),
    [
        ('[commands]\nwait = "x"', "commands.wait", "Input should be a valid dictionary"),
        (WAIT.replace('"write"', '"wrte"'), "commands.wait.effect", "Input should be 'query'"),
        (f"{WAIT}offered = 2024-01-01", "commands.wait.offered", "Input should be a valid boolean"),
        (f"{WAIT}params.a = {{}}", "commands.wait.params.a.type", "Field required"),
        (WAIT.replace("wait", "Wait"), "commands.Wait", "String should match pattern"),
        ("[cooldowns]\na = { seconds = nan }", "cooldowns.a.seconds", "Input should be a finite"),
        ("[cooldowns]\na = { seconds = 0 }", "cooldowns.a.seconds", "Input should be greater"),
        ("[cooldowns]\na = { seconds = 1, limit = 0 }", "cooldowns.a.limit", "Input should be gr"),
        ('[upstream.x]\nkind = "http"', "upstream.x.url", "Field required"),
        ('[upstream.x]\nkind = "htp"', "upstream.x", "Input tag 'htp' found"),
        ('[[events]]\nsource = "poll"\nevery = 0', "events.0.every", "Input should be greater"),
        ('[feeds.a]\ntitle = "A"\nkeep = 0', "feeds.a.keep", "Input should be greater"),
        ("feeds = 1", "feeds", "Input should be a valid dictionary"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_with_its_key(
    tmp_path: Path, wrong: str, key: str, problem: str
) -> None:
    write(tmp_path, GAME, more=wrong)

    file, told, said = mistake(tmp_path)

    assert (file, told) == ("toy/more.toml", key)
    assert said.startswith(problem)


def test_a_name_that_is_not_declared_is_told_with_its_file(tmp_path: Path) -> None:
    write(tmp_path, GAME, more=WAIT.replace('"all"', '"al"'))

    assert mistake(tmp_path) == (
        "toy/more.toml",
        "commands.wait.toolset",
        "'al' is not declared; did you mean 'all'?",
    )


def test_what_is_missing_is_told_with_the_main_file(tmp_path: Path) -> None:
    write(tmp_path, GAME.replace("format = 1", ""))

    assert mistake(tmp_path) == ("toy.toml", "format", "Field required")


def test_a_game_is_named_as_its_file(tmp_path: Path) -> None:
    write(tmp_path, GAME.replace('id = "toy"', 'id = "toys"'))

    assert mistake(tmp_path) == ("toy.toml", "game.id", "must be 'toy', as the file is named")


@pytest.mark.parametrize(
    ("again", "key"),
    [
        ("format = 1", "format"),
        ('[game]\nguide = "x"\ntitle = "x"', "game.title"),
        ('[toolsets]\nall = { about = "x" }', "toolsets.all"),
        ('[commands.look]\nwords = ["see"]', "commands.look"),
        ('[via.http]\nlook = { path = "/x" }', "via.http.look"),
        ("[upstream.http]\ntimeout = 5", "upstream.http"),
    ],
)
def test_nothing_is_declared_twice(tmp_path: Path, again: str, key: str) -> None:
    main = f'{GAME}\n[via.http]\nlook = {{ path = "/l" }}'
    write(tmp_path, main, more=again)

    assert mistake(tmp_path) == (
        "toy/more.toml",
        key,
        f"is declared in {tmp_path / 'toy.toml'} already",
    )


def test_an_entry_of_a_list_is_counted_within_its_own_file(tmp_path: Path) -> None:
    rule = '[[errors]]\ncode = ["x"]\n'
    write(tmp_path, GAME + rule * 3, a=rule * 2, b=f"{rule}{rule}tehn = 1")

    assert mistake(tmp_path) == (
        "toy/b.toml",
        "errors.1.tehn",
        "unknown key; did you mean 'then'?",
    )


def test_the_lists_of_one_table_do_not_grow_in_another_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        GAME.replace("[upstream", 'redact = ["key"]\n[upstream'),
        more='[game]\nredact = ["x"]',
    )

    assert mistake(tmp_path)[1] == "game.redact"


# -- For editors --------------------------------------------------------------


def test_the_schema_takes_files_that_hold_a_game_or_a_part_of_one() -> None:

    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    parts = [spec_folder() / "spacemolt" / part for part in ("http_v2.toml", "flight.toml")]

    for file in (*spec_folder().glob("*.toml"), *parts):
        validator.validate(tomllib.loads(file.read_text(encoding="utf-8")))


def test_the_schema_finds_what_the_loader_finds() -> None:
    with pytest.raises(jsonschema.ValidationError, match="tehn"):
        jsonschema.validate({"errors": [{"tehn": "tell"}]}, json_schema())
