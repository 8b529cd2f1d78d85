import pytest

from bridge.sandbox.spacemolt.shapes import GameError
from tests.sandbox.spacemolt.pilot import Pilot


@pytest.fixture
def union(ann: Pilot) -> str:
    return str(ann.do("create_faction", name="Union", tag="UNI")["faction_id"])


def recruit(ann: Pilot, bob: Pilot) -> None:
    ann.do("faction_invite", player_id="Bob")
    bob.do("join_faction", faction_id=ann.player.faction_id)


def test_an_invitation_is_told_and_accepted(ann: Pilot, bob: Pilot, union: str) -> None:
    ann.do("faction_invite", player_id="bob")

    assert bob.told("faction_invite")[0]["faction_id"] == union
    assert bob.ask("faction_get_invites")["invites"][0]["invited_by"] == "Ann"
    bob.do("join_faction", faction_id="UNI")
    assert bob.ask("faction_info")["member_count"] == 2


def test_without_an_invitation_nobody_joins(bob: Pilot, union: str) -> None:
    assert bob.settle("join_faction", faction_id=union).payload["code"] == "invite_not_found"


def test_names_and_tags_are_taken_once(bob: Pilot, union: str) -> None:
    settled = bob.settle("create_faction", name="Other", tag="uni")

    assert settled.payload["code"] == "name_taken"


def test_strangers_see_less_than_members(ann: Pilot, bob: Pilot, union: str) -> None:
    assert "treasury" in ann.ask("faction_info")
    assert "treasury" not in bob.ask("faction_info", faction_id=union)


def test_a_recruit_may_do_little(ann: Pilot, bob: Pilot, union: str) -> None:
    recruit(ann, bob)

    for command, payload in (
        ("faction_kick", {"player_id": "Ann"}),
        ("faction_withdraw_credits", {"amount": 1}),
        ("faction_declare_war", {"target_faction_id": union}),
    ):
        assert bob.settle(command, **payload).payload["code"] == "no_permission"


def test_the_lead_is_handed_over(ann: Pilot, bob: Pilot, union: str) -> None:
    recruit(ann, bob)
    assert ann.settle("leave_faction").payload["code"] == "is_leader"

    ann.do("faction_promote", player_id="Bob", role_id="leader")

    assert bob.ask("faction_info")["leader_username"] == "Bob"
    ann.do("leave_faction")
    assert ann.player.faction_id == ""


def test_the_last_member_closes_the_faction(ann: Pilot, union: str) -> None:
    ann.do("leave_faction")

    assert ann.ask("faction_list")["total_count"] == 0


def test_members_talk_among_themselves(ann: Pilot, bob: Pilot, union: str) -> None:
    recruit(ann, bob)
    bob.told()

    ann.ask("chat", channel="faction", content="Secret")

    assert bob.told("chat_message")[0]["faction_id"] == union


def test_an_alliance_takes_two(ann: Pilot, bob: Pilot, union: str) -> None:
    other = bob.do("create_faction", name="League", tag="LEAG")["faction_id"]
    ann.do("faction_propose_ally", target_faction_id="LEAG")
    assert ann.ask("faction_info", faction_id=other)["is_ally"] is False

    bob.do("faction_accept_ally", target_faction_id="UNI")

    assert ann.ask("faction_info", faction_id=other)["is_ally"] is True


def test_a_war_is_told_counted_and_ended(ann: Pilot, bob: Pilot, union: str) -> None:
    bob.do("create_faction", name="League", tag="LEAG")
    ann.do("faction_declare_war", target_faction_id="LEAG", reason="Pride")

    assert bob.told("faction_war_declared")[0]["reason"] == "Pride"
    bob.do("faction_propose_peace", target_faction_id="UNI", terms="None")
    assert ann.ask("faction_info")["peace_proposals"][0]["terms"] == "None"
    ann.do("faction_accept_peace", target_faction_id="LEAG")
    assert ann.ask("faction_info")["wars"] == []


def test_ranks_are_made_changed_and_removed(ann: Pilot, bob: Pilot, union: str) -> None:
    recruit(ann, bob)
    role = ann.ask("faction_create_role", name="Scout", priority=20)["role_id"]
    ann.game.universe.society.factions[union].members[bob.id] = role

    ann.ask("faction_edit_role", role_id=role, permissions={"kick": True})
    assert bob.settle("faction_kick", player_id="Ann").payload["code"] == "is_leader"

    assert ann.ask("faction_delete_role", role_id=role)["reassigned_count"] == 1
    assert bob.player.role == "member"


def test_an_unknown_right_is_refused(ann: Pilot, union: str) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("faction_create_role", name="Scout", priority=20, permissions={"fly": True})

    assert "fly" in caught.value.message


def test_offices_take_their_facilities(ann: Pilot, union: str) -> None:
    with pytest.raises(GameError) as caught:
        ann.ask("faction_edit", description="We are")
    assert caught.value.code == "no_facility"

    ann.do("faction_deposit_credits", amount=1000)
    ann.do("facility", action="faction_build", facility_type="admin_office")
    ann.ask("faction_edit", description="We are")
    assert ann.ask("faction_info")["description"] == "We are"


def test_a_room_is_open_to_whom_it_says(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    closed = ann.ask("faction_write_room", name="Vault", access="officers")["room_id"]
    public = ann.ask("faction_write_room", name="Hall", access="public")["room_id"]

    assert bob.ask("faction_visit_room", room_id=public)["name"] == "Hall"
    with pytest.raises(GameError):
        bob.ask("faction_visit_room", room_id=closed)


def test_a_map_is_shared_with_allies_only(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    bob.endowed()
    ann.do("faction_submit_intel", systems=[{"system_id": "sol", "name": "Sol"}])
    source = ann.player.faction_id
    with pytest.raises(GameError):
        bob.ask("faction_query_intel", source_faction_id=source)

    ann.do("faction_propose_ally", target_faction_id=bob.player.faction_id)
    bob.do("faction_accept_ally", target_faction_id=source)

    assert bob.ask("faction_query_intel", source_faction_id=source)["total"] == 1


def test_an_order_of_the_faction_pays_the_treasury(ann: Pilot, bob: Pilot) -> None:
    ann.endowed()
    faction = ann.game.universe.society.factions[ann.player.faction_id]
    faction_goods = ann.game.universe.lockers.at(ann.player.docked_at, faction.id)
    faction_goods.put("note_document", 3)
    order = ann.do("faction_create_sell_order", item_id="note_document", quantity=3, price_each=5)
    before = faction.treasury

    bob.do("buy", item_id="note_document", quantity=1)
    ann.do("cancel_order", order_id=order["order_id"])

    assert faction.treasury - before == 5
    assert faction_goods.items["note_document"] == 2


def test_a_report_names_its_system(ann: Pilot) -> None:
    ann.endowed()

    settled = ann.settle("faction_submit_intel", systems=[{"name": "Sol"}])

    assert settled.payload["code"] == "empty_entry"
