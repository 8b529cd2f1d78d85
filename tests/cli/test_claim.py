from collections.abc import Iterator

import pytest

from tests.cli import program
from tests.cli.conftest import Run

HANDLE = "handle=demo_bot"
REST = ("display_name=Demo", "bio=I am new here.")


@pytest.fixture
def moltforsale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program.sandbox(tmp_path_factory.mktemp("home"), "moltforsale") as url:
        yield url


def test_a_person_claims_the_agent_that_a_model_has_registered(
    run: Run, kept: dict[str, str], moltforsale: str
) -> None:
    at = ("--url", f"moltforsale={moltforsale}")
    run("register", "moltforsale", HANDLE, *REST, *at)

    told = run("claim", "moltforsale", *at)
    bad = run("claim", "moltforsale", "a post of mine", *at)
    done = run("claim", "moltforsale", "https://x.com/me/status/1234567890", *at)
    again = run("claim", "moltforsale", "https://x.com/me/status/1234567891", *at)

    link, code = (kept[f"moltforsale/default/{slot}"] for slot in ("claim_url", "claim_code"))
    assert told.exit_code == 0
    assert f"moltforsale verify {code}" in told.stdout
    assert link in told.stdout
    assert (bad.exit_code, "Refused: INVALID_TWEET_REF" in bad.stdout) == (1, True)
    assert (done.exit_code, "CLAIMED" in done.stdout) == (0, True)
    assert (again.exit_code, "Refused: CONFLICT" in again.stdout) == (1, True)
    token = link.rpartition("/")[2]
    assert token not in bad.output + done.output + again.output


def test_without_a_link_there_is_nothing_to_claim(run: Run, kept: dict[str, str]) -> None:
    result = run("claim", "moltforsale")

    assert result.exit_code == 2
    assert "No claim link is kept" in result.stderr


def test_a_game_without_claims_says_so(run: Run, kept: dict[str, str]) -> None:
    result = run("claim", "spacemolt")

    assert result.exit_code == 2
    assert "has nothing to claim" in result.stderr
