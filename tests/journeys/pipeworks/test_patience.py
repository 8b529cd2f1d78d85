"""What is sent once, what is asked again, and what is never sent at all."""

import json
from pathlib import Path

import anyio
import pytest

from bridge.protocol.render import Way, http_call
from bridge.protocol.verdict import Done, Pending, Refused, Unknown
from tests.journeys.pipeworks.playing import SPEC, Mud, Table, laid, player
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio
UNDERTAKING = "daily_undertaking"


def street() -> Mud:
    world = Mud()
    world.create_account("ann", player()["password"])
    world.grant_world("ann", UNDERTAKING)
    world.create_character("ann", "Ann", UNDERTAKING)
    return world


def sent(table: Table) -> list[str]:
    return [str(json.loads(line)["command"]) for line in table.world.lines]


async def test_walking_taking_and_dropping_go_as_lines(tmp_path: Path) -> None:
    async with laid(tmp_path, world=street(), keys=player()) as table:
        await table.done("move", direction="south")
        await table.done("take", item="worn cobblestone")
        refused = await table.refused("take", item="lamp")
        await table.done("drop", item="Worn Cobblestone")
        gone = await table.refused("drop", item="Worn Cobblestone")
        await table.done("recall")

        assert refused.code == "not_the_full_name"
        assert gone.code == "refused"
        assert refused.hint.startswith("Give the full name: Flickering Gas Lamp?")
        assert sent(table) == [
            "south",
            "take worn cobblestone",
            "look",  # once more, before it is refused
            "inventory",
            "drop Worn Cobblestone",
            "inventory",
            "drop Worn Cobblestone",
            "recall",
        ]


async def test_a_refusal_inside_a_200_is_told_and_not_repeated(tmp_path: Path) -> None:
    async with laid(tmp_path, world=street(), keys=player()) as table:
        refused = await table.refused("move", direction="up")

        assert refused.code == "refused"
        assert "no way up" in refused.message
        assert sent(table) == ["up"]


@pytest.mark.parametrize(
    "line", ["/Whisper   Ann  hi", "whisper ann hi", " //WHISPER Ann", "whisper\u2003Ann hi"]
)
async def test_no_whisper_to_oneself_ever_reaches_the_server(tmp_path: Path, line: str) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        raw = await table.refused("raw_command", line=line)
        tool = await table.refused("whisper", target="Ann", message="hi")
        await table.done("look")

        assert raw.code == tool.code == "whisper_to_yourself"
        assert sent(table) == ["look"]
        assert not world.hung


async def test_right_after_a_change_of_character_one_s_name_is_asked_anew(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann", "Bo")
    other = world.mud.character_named("Bo", "pipeworks_web")
    assert other is not None

    async with laid(tmp_path, world=world, keys=player(character="Ann")) as table:
        await table.done("look")
        await table.done("select_character", character_id=other.id, world_id="pipeworks_web")
        refused = await table.refused("whisper", target="Bo", message="hi")

        assert refused.code == "whisper_to_yourself"
        assert not world.hung


async def test_while_the_game_rewords_a_message_the_caller_goes_on_and_hears_later(
    tmp_path: Path,
) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player(), budget=0.2) as table:
        await table.done("look")
        world.faults.switch_on("llm_delay", value=0.6)
        pending = await table.call("say", message="slow words")
        assert isinstance(pending, Pending)
        assert "do not send it again" in pending.message.lower()
        with anyio.fail_after(PATIENCE_SECONDS):
            await table.gateway.journal.wait(
                "pipeworks", "default", kinds=("action_result",), seq=0, seconds=4
            )

        assert world.executed["say"] == 1
        assert sent(table) == ["look", "say slow words"]
        assert (await table.events("action_result"))[0].data["command"] == "say"


def test_what_is_said_is_waited_for_longer_than_the_game_may_take() -> None:
    way = Way(SPEC, "http", "http://127.0.0.1")

    assert http_call(way, "say", {"message": "hi"}, {}).timeout > 300
    assert http_call(way, "look", {}, {}).timeout >= 120


@pytest.mark.parametrize("fault", ["drop_reply_after@command", "drop_before@command"])
async def test_what_may_have_been_said_is_not_said_again(tmp_path: Path, fault: str) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        world.faults.switch_on(fault)
        outcome = await table.call("say", message="once")

        assert isinstance(outcome, Unknown)
        assert outcome.check == "pipeworks_chat"
        assert sent(table) == ["look", "say once"]


async def test_a_question_that_was_lost_is_asked_again(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("status")
        for fault in ("drop_before@command", "error_500_text@command", "drop_before@chat"):
            world.faults.switch_on(fault)
        await table.done("look")
        await table.done("chat")


async def test_where_the_server_stumbled_over_an_act_nobody_knows_what_came_of_it(
    tmp_path: Path,
) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        world.faults.switch_on("error_500_text@command")
        outcome = await table.call("say", message="once")

        assert isinstance(outcome, Unknown)
        assert sent(table) == ["look", "say once"]


async def test_lines_are_sent_in_the_order_in_which_they_were_asked_for(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(lambda n: table.done("say", message=f"line {n}"), number)

        assert sent(table)[1:] == [f"say line {number}" for number in range(8)]


@pytest.mark.parametrize("fault", ["html_reply@command", "redirect@command"])
async def test_something_else_than_the_game_is_told_as_such(tmp_path: Path, fault: str) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        await table.done("look")
        world.faults.switch_on(fault, times=9)
        outcome = await table.call("look")

        assert isinstance(outcome, Refused)
        assert outcome.code in {"not_json", "redirected"}


async def test_a_page_below_admin_is_a_page_where_it_was_asked_for_and_none_elsewhere(
    tmp_path: Path,
) -> None:
    async with laid(tmp_path) as table:
        page = await table.done("page_admin")
        retired = await table.call("login_direct", world_id="pipeworks_web")

        assert "<" in str(page.text)
        assert isinstance(retired, Refused)
        assert retired.code == "no_credentials"


async def test_the_retired_login_says_that_it_is_retired(tmp_path: Path) -> None:
    async with laid(tmp_path, keys=player()) as table:
        retired = await table.refused("login_direct", world_id="pipeworks_web")

        assert retired.code == "retired"


async def test_what_was_said_comes_back_unescaped_once(tmp_path: Path) -> None:
    world = Mud()
    world.account("ann", "Ann")

    async with laid(tmp_path, world=world, keys=player()) as table:
        said = await table.done("say", message="it's <b> &amp; so")
        chat = await table.done("chat")

        assert said == Done(result="You say: it's <b> &amp; so")
        assert chat.result == {"lines": ["Ann: it's <b> &amp; so"]}
