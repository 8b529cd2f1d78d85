import pytest

from bridge.spec.checks import check, kept_values
from tests.spec.toy import HTTP, SOCKET, command, toy

STREAM = """
[upstream.stream]
kind = "websocket"
url = "ws://localhost:1/events"
dialect = "event_stream"
"""


def problems(*sections: str, upstream: str | None = None) -> list[str]:
    spec = toy(*sections) if upstream is None else toy(*sections, upstream=upstream)
    return [f"{'.'.join(key)}: {problem}" for key, problem in check(spec)]


def test_a_game_in_which_every_name_means_something_has_no_problem() -> None:
    assert not problems(
        """
[credentials]
key = { label = "Key", secret = true }
name = { label = "Name" }

[auth.first]
show = { header = "X-Key", value = "{key}" }
sign_in = [{ post = "/in/{name}", send = { key = "{key}", name = "{name}" }, optional = ["name"], keep = { token = "t" } }]
renew = { get = "/again", keep = { token = "t" } }

[auth.second]
after = "first"
show = { query = "token", value = "{token}" }
sign_in = [{ command = "enter" }, { get = "/list", choose = { items = "all", match = ["id"], wanted = "name", keep = { who = "id" }, missing = "None." } }]

[cooldowns]
pair = { seconds = 5, per = ["whom"] }

[records.order]
id = { type = "string" }
parts = { type = "array", items = "part", optional = true }

[records.part]
id = { type = "string" }
size = { type = "object", record = "size", optional = true }
twice = { type = "object", record = "size", optional = true }

[records.size]
height = { type = "number" }

[via.http]
enter = { path = "/go/{whom}", rename = { whom = "id" }, add = { token = "{token}" }, cannot = ["how"] }

[[events]]
source = "poll"
command = "look"

[[subscriptions]]
kinds = ["chat"]
frame = { type = "subscribe", types = "{kinds}" }
""",
        command(
            "enter",
            'params.whom = { type = "string", aliases = ["who"] }',
            'params.how = { type = "string", optional = true, enum = ["fast"], pattern = "^f" }',
            'cooldowns = ["pair"]',
            'body = { by = "{name}", to = "{whom}", as = "{who}", new = "{new_password}" }',
            'query = { how = "{how}" }',
            'stores = { key = "{new_password}" }',
            'see = ["look"]',
            'check = "look"',
            'auth = "second"',
            'query_when = { how = ["fast"] }',
            'upstreams = ["http"]',
        ),
        command("look", 'auth = "none"', 'path = "/look/{token}"', 'upstreams = ["http"]'),
    )


# -- Names that are not declared ----------------------------------------------


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('toolset = "al"', "toolset: 'al' is not declared; did you mean 'all'?"),
        ('cooldowns = ["slow"]', "cooldowns: 'slow' is not declared"),
        ('upstreams = ["htp"]', "upstreams: 'htp' is not declared; did you mean 'http'?"),
        ('see = ["lok"]', "see: 'lok' is not declared; did you mean 'look'?"),
        ('query_when = { how = ["x"] }', "query_when: 'how' is not declared"),
        ('stores = { key = "a.b" }', "stores: 'key' is not declared"),
        ('check = "status"', "check: 'status' is not declared"),
        ('auth = "player"', "auth: 'player' is not declared"),
        ('drop_unless = "whole"', "drop_unless: 'whole' is not declared"),
        ('tells = ["chat"]', "tells: 'chat' is not declared"),
        ('pages = { items = "a", more = "b" }', "pages: 'page' is not declared"),
    ],
)
def test_a_command_names_only_what_is_declared(line: str, problem: str) -> None:
    assert f"commands.look.{problem}" in problems(command("look", line))


def test_the_game_names_only_its_own_commands() -> None:
    spec = toy(command("look"))
    game = spec.game.model_copy(update={"check": "lok", "status": "look"})

    assert list(check(spec.model_copy(update={"game": game}))) == [
        (("game", "check"), "'lok' is not declared; did you mean 'look'?")
    ]


def test_an_upstream_spells_only_commands_and_parameters_that_there_are() -> None:
    said = problems(
        """
[via.htp]
[via.http]
lok = {}
look = { rename = { when = "at" }, cannot = ["hw"] }
""",
        command("look", 'params.how = { type = "string" }'),
    )

    assert said == [
        "via.htp: 'htp' is not declared; did you mean 'http'?",
        "via.http.lok: 'lok' is not declared; did you mean 'look'?",
        "via.http.look.rename: 'when' is not declared",
        "via.http.look.rename: 'hw' is not declared; did you mean 'how'?",
    ]


def test_a_poll_names_the_command_that_is_polled() -> None:
    assert problems(
        '[[events]]\nsource = "poll"\n[[events]]\nsource = "poll"\ncommand = "lok"', command("look")
    ) == [
        "events.0: a poll needs the command that is polled",
        "events.1.command: 'lok' is not declared; did you mean 'look'?",
    ]


def test_only_the_last_lines_of_a_place_need_a_tail() -> None:
    poll = '[[events]]\nsource = "poll"\ncommand = "look"\n'
    tail = 'tail = { beside = "lok", place = "room", window = 20, own = "{who}: " }\n'

    assert problems(f'{poll}novelty = "tail_lines"', command("look")) == [
        "events.0: tail_lines, and nothing else, need a tail"
    ]
    assert problems(f"{poll}{tail}", command("look")) == [
        "events.0: tail_lines, and nothing else, need a tail",
        "events.0.beside: 'lok' is not declared; did you mean 'look'?",
        "events.0.tail: {who} is no parameter, credential or kept value",
    ]


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ('[[errors]]\nauth = "player"', "errors.0.auth: 'player' is not declared"),
        (
            '[credentials]\nkey = { label = "K", spare = "old" }',
            "credentials.key.spare: 'old' is not declared",
        ),
        ('[auth.player]\npublic = ["who"]', "auth.player.public: 'who' is not declared"),
        (
            '[auth.player]\nsign_in = [{ post = "/in", cooldowns = ["slow"] }]',
            "auth.player.sign_in.cooldowns: 'slow' is not declared",
        ),
        (
            '[[events]]\nsource = "push"\nsnapshot = { look = {} }',
            "events.0.snapshot: 'look' is not declared",
        ),
    ],
)
def test_the_other_sections_name_only_what_is_declared(section: str, problem: str) -> None:
    assert problems(section) == [problem]


def test_a_cooldown_counts_by_parameters_that_its_commands_have() -> None:
    assert problems(
        '[cooldowns]\npair = { seconds = 5, per = ["target"] }',
        command("jail", 'cooldowns = ["pair"]', 'params.targets = { type = "string" }'),
    ) == ["commands.jail.cooldowns.pair: 'target' is not declared; did you mean 'targets'?"]


def test_the_name_of_a_tool_must_fit_its_hosts() -> None:
    assert problems(command("a" * 41)) == []
    assert problems(command("a" * 42)) == [
        f"commands.{'a' * 42}: the tool name is longer than 45 characters"
    ]


# -- Placeholders -------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ('path = "/look/{hwo}"', "path"),
        ('body = { a = [{ b = "{hwo}" }] }', "body"),
        ('query = { a = "{hwo}" }', "query"),
    ],
)
def test_a_placeholder_is_a_parameter_a_credential_or_a_kept_value(line: str, part: str) -> None:
    assert problems(command("look", line, 'params.how = { type = "string" }')) == [
        (
            f"commands.look.{part}: {{hwo}} is no parameter, credential or kept value; "
            "did you mean {how}?"
        )
    ]


def test_a_placeholder_that_looks_like_nothing_gets_no_suggestion() -> None:
    assert problems(command("look", 'path = "/{zzz}"')) == [
        "commands.look.path: {zzz} is no parameter, credential or kept value"
    ]


def test_placeholders_are_checked_wherever_a_spec_may_have_them() -> None:
    said = problems(
        """
[auth.player]
show = { header = "X", value = "{a}" }
sign_in = [{ post = "/{b}", send = { x = "{c}" }, choose = { items = "i", match = [], wanted = "d", keep = {}, missing = "" } }]
renew = { get = "/{e}" }

[via.http]
look = { path = "/{f}", add = { x = "{g}" } }

[[subscriptions]]
kinds = ["chat"]
frame = { types = "{h}" }
""",
        command("look", 'ask = { get = "/{j}", send = { x = "{i}" }, keep = { known = "k" } }'),
        upstream='[upstream.http]\nkind = "http"\nurl = "http://x"\npath = "/{comand}"',
    )

    assert [problem.partition(" is no ")[0] for problem in said] == [
        "commands.look.ask: {i}",
        "commands.look.ask: {j}",
        "via.http.look: {f}",
        "via.http.look: {g}",
        *["auth.player: {a}", "auth.player: {c}", "auth.player: {b}"],
        *["auth.player: {d}", "auth.player: {e}"],
        "upstream.http.path: {comand}",
        "subscriptions.0: {h}",
    ]


def test_what_sign_in_steps_keep_is_known_to_everything() -> None:
    spec = toy(
        """
[auth.player]
sign_in = [{ post = "/in", keep = { token = "t", lifetime = "e" } }]
renew = { post = "/again", choose = { items = "i", match = [], wanted = "token", keep = { who = "id" }, missing = "" } }
"""
    )

    assert list(kept_values(spec)) == ["token", "lifetime", "who"]


# -- Parameters ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("param", "problem"),
    [
        (
            '{ type = "array" }',
            "an array, and nothing else, needs items: a record or a plain type",
        ),
        (
            '{ type = "string", items = "string" }',
            "an array, and nothing else, needs items: a record or a plain type",
        ),
        ('{ type = "array", items = "ordr" }', "items: record 'ordr' is not declared"),
        ('{ type = "object", record = "ordr" }', "record 'ordr' is not declared"),
        ('{ type = "string", record = "order" }', "only objects have a record or values"),
        ('{ type = "string", values = "string" }', "only objects have a record or values"),
        ('{ type = "object", values = "array" }', "values cannot be arrays"),
        ('{ type = "integer", enum = ["1"] }', "only strings have an enum or a pattern"),
        ('{ type = "integer", pattern = "1" }', "only strings have an enum or a pattern"),
        (
            '{ type = "string", pattern = "[" }',
            "the pattern cannot be used: unterminated character set at position 0",
        ),
    ],
)
def test_a_parameter_says_only_what_its_type_can_keep(param: str, problem: str) -> None:
    order = '[records.order]\nid = { type = "string" }\n'

    assert problems(order, command("look", f"params.it = {param}")) == [
        f"commands.look.params.it: {problem}"
    ]
    assert problems(f"{order}\n[records.other]\nit = {param}") == [f"records.other.it: {problem}"]


@pytest.mark.parametrize(
    ("sections", "guilty"),
    [
        ('[records.a]\na = { type = "object", record = "a" }', ["a"]),
        ('[records.a]\na = { type = "array", items = "a" }', ["a"]),
        (
            (
                '[records.a]\nx = { type = "object", record = "b" }\n'
                '[records.b]\ny = { type = "array", items = "c" }\n'
                '[records.c]\nz = { type = "object", record = "a" }\n'
                '[records.d]\nw = { type = "object", record = "a" }'
            ),
            ["a", "b", "c"],
        ),
    ],
)
def test_a_record_cannot_contain_itself(sections: str, guilty: list[str]) -> None:
    assert problems(sections) == [f"records.{name}: contains itself" for name in guilty]


def test_no_secret_is_asked_of_a_model() -> None:
    secret = 'params.password = { type = "string", secret = true }'

    assert problems(command("login", secret)) == [
        (
            "commands.login.params.password: "
            "a secret cannot be a parameter of a command that is offered"
        )
    ]
    assert problems(command("login", secret, "offered = false")) == []
    assert problems('[records.pin]\ncode = { type = "string", secret = true }') == [
        "records.pin.code: a secret cannot be a field of a record"
    ]


def test_an_alias_stands_for_one_parameter() -> None:
    assert problems(
        command(
            "trade",
            'params.give = { type = "string", aliases = ["item", "take"] }',
            'params.take = { type = "string", aliases = ["item"] }',
        )
    ) == [
        "commands.trade.params.give.aliases: 'take' already stands for a parameter",
        "commands.trade.params.take.aliases: 'item' already stands for a parameter",
    ]


# -- The way to the game ------------------------------------------------------


def test_a_game_needs_a_way_to_it() -> None:
    spec = toy().model_copy(update={"upstream": {}})

    assert (("upstream",), "there is no way to reach the game") in list(check(spec))


@pytest.mark.parametrize(
    ("upstream", "sections"),
    [
        ('[upstream.http]\nkind = "http"\nurl = "http://x"', command("look")),
        (
            '[upstream.http]\nkind = "http"\nurl = "http://x"\npath = "/x"\nonly_listed = true',
            command("look", 'path = "/look"'),
        ),
        (STREAM, command("look")),
        (
            f'{STREAM}\n[upstream.http]\nkind = "http"\nurl = "http://x"',
            command("look", 'path = "/look"', 'upstreams = ["stream"]'),
        ),
        (f"{HTTP}apart = true", command("look")),
    ],
)
def test_every_command_can_be_sent_over_some_upstream(upstream: str, sections: str) -> None:
    assert problems(sections, upstream=upstream) == [
        "commands.look: no upstream knows a path for it"
    ]


def test_a_socket_that_takes_commands_takes_every_command() -> None:
    assert problems(command("look"), upstream=SOCKET) == []


@pytest.mark.parametrize(
    ("key", "section"),
    [
        ("commands.look.path", command("look", 'path = "@evil.example"')),
        ("commands.look.path", command("look", 'path = ""')),
        ("via.http.look.path", f'{command("look")}\n[via.http]\nlook = {{ path = ".evil" }}'),
        ("commands.look.ask", command("look", 'ask = { get = "x" }')),
        ("commands.look.ask", command("look", 'ask = { command = "look" }')),
        ("auth.player.sign_in", '[auth.player]\nsign_in = [{ post = "login" }]'),
        ("auth.player.sign_in", '[auth.player]\nrenew = { get = ":80@evil.example/" }'),
    ],
)
def test_a_path_cannot_lead_to_another_host(key: str, section: str) -> None:
    assert problems(section) == [
        f"{key}: a path begins with a slash, or it could name another host"
    ]


def test_the_path_of_an_upstream_cannot_lead_to_another_host() -> None:
    upstream = '[upstream.http]\nkind = "http"\nurl = "http://x"\npath = ".evil.example"'

    assert problems(upstream=upstream) == [
        "upstream.http.path: a path begins with a slash, or it could name another host"
    ]


@pytest.mark.parametrize(
    ("kind", "url", "needed"),
    [
        ("http", "localhost:8799", "http:// or https://"),
        ("http", "ws://localhost", "http:// or https://"),
        ("websocket", "https://localhost", "ws:// or wss://"),
    ],
)
def test_an_address_says_how_it_is_spoken_to(kind: str, url: str, needed: str) -> None:
    dialect = 'dialect = "typed_frames"\n' if kind == "websocket" else ""
    upstream = f'[upstream.x]\nkind = "{kind}"\nurl = "{url}"\n{dialect}'

    assert f"upstream.x.url: an address begins with {needed}" in problems(upstream=upstream)


# -- Who we are ---------------------------------------------------------------


def test_an_auth_comes_after_one_that_there_is_and_never_after_itself() -> None:
    assert problems('[auth.a]\nafter = "b"') == ["auth.a.after: 'b' is not declared"]
    assert problems('[auth.a]\nafter = "a"') == ["auth.a.after: comes after itself"]
    assert problems('[auth.a]\nafter = "b"\n[auth.b]\nafter = "a"\n[auth.c]\nafter = "a"') == [
        "auth.a.after: comes after itself",
        "auth.b.after: comes after itself",
    ]


def test_the_handshake_of_a_socket_shows_an_auth_that_there_is() -> None:
    upstream = f'{STREAM}auth = "observr"'

    assert problems("[auth.observer]", upstream=upstream) == [
        "upstream.stream.auth: 'observr' is not declared; did you mean 'observer'?"
    ]


def test_none_is_no_name_for_an_auth() -> None:
    assert problems("[auth.none]") == ["auth.none: none is the word for no auth"]


@pytest.mark.parametrize("show", ['{ value = "x" }', '{ header = "A", query = "b", value = "x" }'])
def test_what_says_who_we_are_travels_in_one_place(show: str) -> None:
    assert problems(f"[auth.a]\nshow = {show}") == [
        "auth.a.show: is shown as one of header, query and param"
    ]


@pytest.mark.parametrize("step", ["{}", '{ post = "/a", get = "/b" }'])
def test_a_step_does_one_thing(step: str) -> None:
    assert problems(f"[auth.a]\nsign_in = [{step}]") == [
        "auth.a.sign_in: a step is one of post, get and command"
    ]


def test_a_step_names_a_command_and_members_that_there_are() -> None:
    assert problems(
        '[auth.a]\nsign_in = [{ command = "lok", send = { a = "x" }, optional = ["b"] }]',
        command("look"),
    ) == [
        "auth.a.sign_in.command: 'lok' is not declared; did you mean 'look'?",
        "auth.a.sign_in.optional: 'b' is not declared",
    ]
