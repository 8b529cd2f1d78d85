import json
from typing import Any

import pytest

from bridge.sandbox.clock import HandClock
from bridge.sandbox.spacemolt.shapes import JsonObject
from bridge.sandbox.spacemolt.wire.desk import Answer, Call, Waiting
from bridge.sandbox.spacemolt.world import SpaceMolt


@pytest.fixture
def world(clock: HandClock) -> SpaceMolt:
    return SpaceMolt(clock=clock, lively=False)


class Client:
    """Somebody with a session of v2."""

    def __init__(self, world: SpaceMolt, username: str = "Ann") -> None:
        self.world = world
        answer = world.desk_v2.ask("session", Call())
        assert isinstance(answer, Answer)
        assert isinstance(answer.content, dict)
        self.opened = answer.content
        self.session_id = self.opened["session"]["id"]
        self.ask(
            "spacemolt_auth/register",
            username=username,
            empire="solarian",
            registration_code="sandbox",
        )

    def ask(self, path: str, **payload: Any) -> JsonObject:
        tool, _, action = path.partition("/")
        call = Call(body=json.dumps(payload).encode(), session_id=self.session_id)
        outcome = self.world.desk_v2.use(tool, action, call)
        if isinstance(outcome, Waiting):
            answers: list[Answer] = []
            session = outcome.session
            outcome.then(lambda s: answers.append(self.world.desk_v2.finish(s, session)))
            for _ in range(10):
                self.world.tick()
            outcome = answers[0]
        assert isinstance(outcome.content, dict)
        return outcome.content


@pytest.fixture
def ann(world: SpaceMolt) -> Client:
    return Client(world)


def test_opening_a_session_has_no_structured_content(ann: Client) -> None:
    assert "structuredContent" not in ann.opened
    assert isinstance(ann.opened["result"], str)


def test_a_result_is_text_beside_structured_content(ann: Client) -> None:
    answer = ann.ask("spacemolt/find_route", id="sirius")

    assert answer["result"].startswith("1 jumps to Sirius.")
    assert answer["structuredContent"]["total_jumps"] == 1


def test_the_state_comes_in_sections(ann: Client) -> None:
    status = ann.ask("spacemolt/get_status")["structuredContent"]
    cargo = ann.ask("spacemolt/get_cargo")["structuredContent"]

    assert {
        "player",
        "ship",
        "cargo",
        "modules",
        "location",
        "missions",
        "queue",
        "skills",
    } <= set(status)
    assert status["location"]["docked_at"] == "confederacy_central_command"
    assert "player" not in cargo


@pytest.mark.parametrize(
    ("action", "section"),
    [
        ("get_state", "skills"),
        ("get_player", "player"),
        ("get_location", "location"),
        ("get_queue", "queue"),
        ("get_ships", "ships"),
    ],
)
def test_parts_of_the_state_can_be_asked_for(ann: Client, action: str, section: str) -> None:
    assert section in ann.ask(f"spacemolt/{action}")["structuredContent"]


def test_parameters_have_other_names(ann: Client) -> None:
    bought = ann.ask("spacemolt/buy", id="iron_ore", quantity=2)
    refused = ann.ask("spacemolt/buy", item_id="iron_ore", quantity=2)

    assert bought["structuredContent"]["quantity"] == 2
    assert refused["error"]["code"] == "invalid_params"
    assert "'id'" in refused["error"]["message"]


def test_actions_stand_for_commands_with_actions(ann: Client, world: SpaceMolt) -> None:
    world.pilot_attacks("Ann")

    stance = ann.ask("spacemolt_battle/stance", id="brace")
    fleet = ann.ask("spacemolt_fleet/create")
    listed = ann.ask("spacemolt_citizenship/list")

    assert stance["structuredContent"]["stance"] == "brace"
    assert fleet["structuredContent"]["max_size"] == 8
    assert listed["structuredContent"]["origin"] == "solarian"


def test_the_catalogue_takes_no_action(ann: Client) -> None:
    assert ann.ask("spacemolt_catalog", type="skills")["structuredContent"]["total"] == 28


def test_the_action_may_stand_in_the_body(ann: Client) -> None:
    answer = ann.ask("spacemolt_market", action="estimate_purchase", item_id="iron_ore", quantity=1)

    assert answer["structuredContent"]["available"] == 1


def test_a_missing_and_an_unknown_action_are_told_apart(ann: Client) -> None:
    assert ann.ask("spacemolt_market")["error"]["code"] == "missing_action"
    assert ann.ask("spacemolt_market/steal")["error"]["code"] == "unknown_command"
    assert ann.ask("spacemolt_magic/steal")["error"]["code"] == "unknown_command"


def test_one_tool_does_all_storage(ann: Client, world: SpaceMolt) -> None:
    bob = Client(world, "Bob")
    world.endow("Ann")

    def deposit(**payload: Any) -> JsonObject:
        content: JsonObject = ann.ask("spacemolt_storage/deposit", **payload)["structuredContent"]
        return content

    def withdraw(**payload: Any) -> JsonObject:
        content: JsonObject = ann.ask("spacemolt_storage/withdraw", **payload)["structuredContent"]
        return content

    goods = {"item_id": "iron_ore", "quantity": 1}
    spare = ann.ask("spacemolt_ship/list_ships")["structuredContent"]["ships"][1]["ship_id"]
    assert deposit(target="self", **goods)["action"] == "deposit_items"
    assert deposit(target="faction", **goods)["action"] == "faction_deposit_items"
    assert deposit(target="faction", item_id="credits", quantity=5)["amount"] == 5
    assert deposit(target="Bob", message="Hi", **goods)["recipient"] == "Bob"
    assert deposit(target="Bob", item_id="credits", quantity=5)["credits_sent"] == 5
    assert deposit(target="Bob", item_id=spare)["class_id"] == "viper"
    assert deposit(target="faction", source="storage", **goods)["source"] == "storage"
    assert withdraw(target="self", **goods)["action"] == "withdraw_items"
    assert withdraw(target="faction", **goods)["action"] == "faction_withdraw_items"
    assert withdraw(source="faction", **goods)["action"] == "faction_withdraw_items"
    assert withdraw(target="faction", item_id="credits", quantity=5)["amount"] == 5
    assert ann.ask("spacemolt_storage/view")["structuredContent"]["items"]
    assert ann.ask("spacemolt_storage/view", target="faction")["structuredContent"]["credits"]
    assert bob.ask("spacemolt_storage/view")["structuredContent"]["gifts"]
    assert ann.ask("spacemolt_storage/help")["structuredContent"]["command"] == "storage"
    assert ann.ask("spacemolt_storage/deposit")["error"]["code"] == "invalid_params"


def test_notifications_have_an_address_of_their_own(ann: Client, world: SpaceMolt) -> None:
    world.pilot_chats("Ann", "Hello")
    call = Call(session_id=ann.session_id)

    first = world.desk_v2.notifications({"limit": 1}, call)
    second = world.desk_v2.notifications({}, call)
    bad = world.desk_v2.notifications({"limit": 0}, call)

    assert isinstance(first.content, dict)
    assert [n["msg_type"] for n in first.content["notifications"]] == ["chat_message"]
    assert isinstance(second.content, dict)
    assert second.content["result"]["throttled"] is True
    assert bad.status == 400


def test_a_limit_says_when_in_whole_seconds(ann: Client, world: SpaceMolt) -> None:
    for _ in range(20):
        ann.ask("spacemolt_social/chat", target="local", content="x")

    refused = ann.ask("spacemolt_social/chat", target="local", content="x")

    assert refused["error"]["code"] == "rate_limited"
    assert isinstance(refused["error"]["retry_after"], int)


def test_a_tool_explains_itself_to_anybody(world: SpaceMolt) -> None:
    answer = world.desk_v2.explain("spacemolt_market")

    assert isinstance(answer.content, dict)
    assert "estimate_purchase(item_id, quantity)" in answer.content["result"]


def test_no_token_signs_in_here(ann: Client) -> None:
    assert ann.ask("spacemolt_auth/login_token", token="x")["error"]["code"] == "auth_failed"
