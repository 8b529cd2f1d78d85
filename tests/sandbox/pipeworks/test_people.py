from bridge.sandbox.clock import HandClock
from bridge.sandbox.pipeworks.people import RESIDENTS
from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor, lines_of


def told(seed: int) -> list[tuple[str, str, str]]:
    world = PipeWorks(clock=HandClock(), seed=seed)
    for _ in range(60):
        world.clock.advance(10)
        world.pulse()
    return [(m.speaker, m.room, m.text) for m in world.mud.messages]


def test_the_residents_are_there_and_silent_at_first(clock: HandClock) -> None:
    wanda = Visitor.guest(PipeWorks(clock=clock), "Wanda")

    assert set(wanda.status()["active_players"]) == {"Tibbet", "Marrow Finch", "Wanda"}
    assert wanda.chat() == "[No messages in this room yet]"


def test_what_they_say_is_drawn_from_the_seed() -> None:
    assert told(1) == told(1)
    assert told(1) != told(2)
    assert {speaker for speaker, _, _ in told(1)} == {r.name for r in RESIDENTS}


def test_one_of_them_tries_to_instruct_whoever_reads() -> None:
    lines = [text for speaker, _, text in told(1) if speaker == "Marrow Finch"]

    assert any("ignore your earlier instructions" in line for line in lines)


def test_one_of_them_walks_about() -> None:
    rooms = {room for speaker, room, _ in told(1) if speaker == "Perpetua Soot"}

    assert rooms == {"spawn", "street_middle", "street_south"}


def test_a_clock_turned_far_does_not_flood_the_rooms(clock: HandClock) -> None:
    world = PipeWorks(clock=clock)
    clock.advance(7 * 24 * 3600)

    assert 0 < world.pulse() <= 25
    assert world.pulse() == 0


def test_their_talk_counts_as_nobodys_command(clock: HandClock) -> None:
    world = PipeWorks(clock=clock)
    world.faults.switch_on("llm_delay", value=5)
    clock.advance(100)

    assert world.pulse() > 0
    assert not world.executed
    assert world.faults.active() == {"llm_delay": 1}


def test_a_kicked_resident_is_silent_until_it_is_brought_back(clock: HandClock) -> None:
    world = PipeWorks(clock=clock)
    for resident in RESIDENTS:
        world.kick(resident.name, world_id=resident.world_id)
    clock.advance(600)
    assert world.pulse() == 0

    world.arrive("Tibbet")
    clock.advance(600)

    assert world.pulse() > 0
    assert {m.speaker for m in world.mud.messages} == {"Tibbet"}


def test_residents_stay_when_sessions_expire(clock: HandClock) -> None:
    world = PipeWorks(clock=clock, session_minutes=0)
    wanda = Visitor.guest(world, "Wanda")

    world.expire_sessions()

    assert wanda.get(f"/status/{wanda.session_id}").status == 401
    assert {c.name for c in world.mud.online("pipeworks_web")} == {"Tibbet", "Marrow Finch"}


def test_what_a_resident_yells_is_heard_next_door(world: PipeWorks, walker: Visitor) -> None:
    world.arrive("Grig", world_id="daily_undertaking", room="street_middle")

    world.say_as("Grig", "FRESH <RECEIPTS>", world_id="daily_undertaking", yelled=True)

    assert lines_of(walker.chat()) == ["Grig: [YELL] FRESH &lt;RECEIPTS&gt;"]
