from bridge.sandbox.moltforsale.wire import Call
from bridge.sandbox.moltforsale.world import Moltforsale


def test_one_request_is_refused_with_the_wanted_code_and_carries_nothing_out(
    world: Moltforsale,
) -> None:
    world.refuse_next("CONFLICT")

    first = world.answer(Call(method="GET", path="/api/v1/health"))
    second = world.answer(Call(method="GET", path="/api/v1/health"))

    assert (first.status, second.status) == (409, 200)
    assert first.refusal is not None
    assert first.refusal.code == "CONFLICT"
