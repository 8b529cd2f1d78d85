from bridge.sandbox.maid.world import Maid


def test_there_is_more_of_everything_than_one_page(world: Maid) -> None:
    game = world.game

    assert (len(game.rooms), len(game.npcs), len(game.items)) == (65, 60, 110)
    assert len(game.accounts) == 120
    assert len(game.online()) > 30


def test_every_room_can_be_reached_and_left_again(world: Maid) -> None:
    rooms = world.game.rooms
    reached, ahead = set[str](), [next(iter(rooms))]
    while ahead:
        here = ahead.pop()
        reached.add(here)
        ahead += [
            way.destination_id for way in rooms[here].exits if way.destination_id not in reached
        ]

    assert reached == set(rooms)
    for room in rooms.values():
        for way in room.exits:
            back = [one.destination_id for one in rooms[way.destination_id].exits]
            assert room.id in back


def test_no_room_has_two_ways_in_one_direction(world: Maid) -> None:
    for room in world.game.rooms.values():
        directions = [way.direction for way in room.exits]
        assert len(directions) == len(set(directions))


def test_ids_do_not_depend_on_the_seed() -> None:
    one, other = Maid(seed=1).game, Maid(seed=2).game

    assert list(one.rooms) == list(other.rooms)
    assert list(one.accounts) == list(other.accounts)
    assert list(one.items) == list(other.items)
