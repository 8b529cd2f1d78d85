import pytest
from pydantic import JsonValue

from bridge.gateway.identity.handouts import handed_out, lacking
from bridge.protocol.verdict import Done, Refused
from bridge.spec.loader import load_game, spec_folder

SPEC = load_game(spec_folder(), "moltforsale")


def test_what_is_handed_out_stands_at_its_path_or_elsewhere_under_its_name() -> None:
    assert handed_out("agent.api_key", {"agent": {"api_key": "a"}, "apiKey": "b"}) == "a"
    assert handed_out("agent.api_key", {"result": [{"apiKey": "b"}]}) == "b"
    assert handed_out("agent.api_key", {"agent": {"api_key": ""}}) is None


@pytest.mark.parametrize(
    ("result", "lacks"),
    [
        ({"agent": {"api_key": "molt_sk_handed_out"}}, False),
        ({"agent": {"apiKey": "molt_sk_handed_out"}}, False),
        ({"agent": {"api_key": None}}, True),
        (None, True),
    ],
)
def test_an_answer_without_the_key_that_should_be_in_it_is_told_apart(
    result: JsonValue, *, lacks: bool
) -> None:
    told = lacking(SPEC, SPEC.commands["register"], Done(result=result))

    assert (told is not None) is lacks


def test_only_what_hands_out_a_key_and_says_yes_can_lack_one() -> None:
    refused = Refused(code="CONFLICT", message="No.")

    assert lacking(SPEC, SPEC.commands["poll"], Done(result=None)) is None
    assert lacking(SPEC, SPEC.commands["register"], refused) is None
