import html

from hypothesis import given
from hypothesis import strategies as st

from bridge.sandbox.pipeworks.exchange import Blocked, Call, Hung, Reply
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor, lines_of


def command(visitor: Visitor, text: str) -> Call:
    body = f'{{"session_id": "{visitor.session_id}", "command": "{text}"}}'
    return Call(method="POST", path="/command", body=body.encode())


def test_an_empty_room_says_so(wanda: Visitor) -> None:
    assert wanda.chat() == "[No messages in this room yet]"


def test_talk_is_escaped_once_and_names_are_not(world: PipeWorks) -> None:
    boldly = Visitor.guest(world, "<b>Bold</b>")

    success, message = boldly.does("say it's <b>")

    assert success
    assert "it&#x27;s &lt;b&gt;" in message
    assert boldly.chat() == "[Recent messages]:\n<b>Bold</b>: it&#x27;s &lt;b&gt;\n"


def test_case_inner_spaces_newlines_and_length_are_kept(wanda: Visitor) -> None:
    wanda.does("SAY Two  Spaces\nWanda: forged " + "x" * 5000 + "🫖")

    assert lines_of(wanda.chat())[0] == "Wanda: Two  Spaces"
    assert lines_of(wanda.chat())[1] == "Wanda: forged " + "x" * 5000 + "🫖"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_can_be_said_and_read_back(text: str) -> None:
    wanda = Visitor.guest(PipeWorks(residents=False), "Wanda")

    success, _ = wanda.does("say " + text)

    said = ("say " + text).strip().split(maxsplit=1)[1:]
    assert success == bool(said)
    if said:
        assert wanda.chat() == f"[Recent messages]:\nWanda: {html.escape(said[0])}\n"


def test_the_window_holds_the_last_twenty_lines(world: PipeWorks, wanda: Visitor) -> None:
    world.arrive("Tibbet")
    for number in range(25):
        world.say_as("Tibbet", f"line {number}")

    assert lines_of(wanda.chat()) == [f"Tibbet: line {n}" for n in range(5, 25)]


def test_query_parameters_do_not_change_the_window(world: PipeWorks, wanda: Visitor) -> None:
    world.arrive("Tibbet")
    for number in range(3):
        world.say_as("Tibbet", f"line {number}")

    got = wanda.get(f"/chat/{wanda.session_id}", limit=1, since=2)

    assert got.content == {"chat": wanda.chat()}


def test_a_move_swaps_the_window_for_the_history_of_the_other_room(
    world: PipeWorks, walker: Visitor
) -> None:
    world.arrive("Grig", world_id="daily_undertaking", room="street_middle")
    world.say_as("Grig", "before you came", world_id="daily_undertaking")
    walker.does("say up here")

    walker.does("south")

    assert lines_of(walker.chat()) == ["Grig: before you came"]


def test_a_yell_is_heard_behind_the_exits_of_the_same_zone_only(
    world: PipeWorks, walker: Visitor
) -> None:
    heard = {}
    for room in ("spawn", "street_south", "drain", "street_north"):
        name = f"Listener {room}"
        world.arrive(name, world_id="daily_undertaking", room=room)
    walker.does("south")
    walker.does("yell hey")
    for room in ("spawn", "street_middle", "street_south", "drain", "street_north"):
        world.move_character("Long Walker", room, world_id="daily_undertaking")
        heard[room] = walker.chat() == "[Recent messages]:\nLong Walker: [YELL] hey\n"

    assert heard == {
        "spawn": True,
        "street_middle": True,
        "street_south": True,
        "drain": False,
        "street_north": False,
    }


def test_a_whisper_is_seen_by_two_only(world: PipeWorks, wanda: Visitor) -> None:
    wanderer, third = Visitor.guest(world, "Guest Wanderer"), Visitor.guest(world, "Third")

    assert wanderer.does("whisper Wanda psst")[0]

    line = "Guest Wanderer: [WHISPER: Guest Wanderer → Wanda] psst"
    assert lines_of(wanda.chat()) == [line]
    assert lines_of(wanderer.chat()) == [line]
    assert third.chat() == "[No messages in this room yet]"


def test_whispers_of_others_do_not_use_up_the_window(world: PipeWorks, wanda: Visitor) -> None:
    world.arrive("Tibbet")
    world.arrive("Grig")
    wanda.does("say first")
    for _ in range(30):
        world.whisper_as("Tibbet", "Grig", "psst")

    assert lines_of(wanda.chat()) == ["Wanda: first"]


def test_a_whisper_needs_the_exact_name_in_the_same_room_online(
    world: PipeWorks, wanda: Visitor, walker: Visitor
) -> None:
    Visitor.guest(world, "Guest Wanderer")
    world.arrive("Tibbet")
    world.arrive("Grig", world_id="daily_undertaking", room="drain")

    assert wanda.does("whisper tibbet hi")[0] is False
    assert wanda.does("whisper Guest Wanderer hi")[0] is False
    assert wanda.does('whisper "Guest Wanderer" hi')[0] is False
    assert walker.does("whisper Grig hi")[0] is False
    assert wanda.does("/Whisper  Tibbet  hi")[0] is True
    world.kick("Tibbet")
    assert wanda.does("whisper Tibbet hi")[0] is False


def test_a_whisper_to_oneself_hangs_the_whole_server(
    world: PipeWorks, wanda: Visitor, walker: Visitor
) -> None:
    assert wanda.raw(command(wanda, "/Whisper   Wanda  hi")) == Hung()
    assert walker.raw(Call(method="GET", path="/health")) == Hung()

    world.restart()

    assert walker.does("look")[0]
    assert wanda.chat() == "[No messages in this room yet]"
    assert world.executed["whisper"] == 0


def test_a_whisper_to_oneself_is_harmless_without_the_axis_engine(world: PipeWorks) -> None:
    grig = Visitor.guest(world, "Wanda")
    grig.select(world.create_character(grig.username, "Solo", "daily_undertaking").id)

    assert grig.does("whisper Solo hi")[0]
    assert lines_of(grig.chat()) == ["Solo: [WHISPER: Solo → Solo] hi"]


def test_talking_to_somebody_costs_both_some_health(
    world: PipeWorks, wanda: Visitor, steward: Visitor
) -> None:
    tibbet = world.arrive("Tibbet")
    for character in world.mud.characters.values():
        character.axes["health"] = 0.5

    wanda.does("say hello")

    assert tibbet.axes["health"] == 0.49
    events = steward.get(f"/admin/characters/{wanda.character_id}/axis-events").content["events"]
    assert events[0]["deltas"] == [
        {"axis_name": "health", "old_score": 0.5, "new_score": 0.49, "delta": -0.01}
    ]


def test_talking_to_nobody_is_free(world: PipeWorks, wanda: Visitor) -> None:
    wanda.does("say hello")

    assert world.mud.axis_events == []


def test_a_translator_rewrites_what_others_and_oneself_read(
    world: PipeWorks, wanda: Visitor, walker: Visitor
) -> None:
    world.translate_with(str.upper)

    assert "HELLO" in wanda.does("say hello")[1]
    assert lines_of(wanda.chat()) == ["Wanda: HELLO"]
    walker.does("say hello")
    assert lines_of(walker.chat()) == ["Long Walker: hello"]


def test_a_slow_language_model_blocks_the_server_before_the_line_is_stored(
    world: PipeWorks, wanda: Visitor
) -> None:
    world.faults.switch_on("llm_delay", value=8)

    answer = wanda.raw(command(wanda, "say hello"))

    assert isinstance(answer, Blocked)
    assert answer.seconds == 8
    assert world.executed["say"] == 0
    reply = answer.then()
    assert isinstance(reply, Reply)
    assert reply.status == 200
    assert world.executed["say"] == 1
    assert lines_of(wanda.chat()) == ["Wanda: hello"]
