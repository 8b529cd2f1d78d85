import math
from pathlib import Path

from bridge.gateway.shared.gates import Gates

NOW = 1_790_000_000.0


def test_a_closed_gate_is_closed_for_every_process(tmp_path: Path) -> None:
    Gates(tmp_path).close("spacemolt", NOW + 120)

    other = Gates(tmp_path)

    assert other.opens_at("spacemolt", NOW) == NOW + 120
    assert other.opens_at("maid", NOW) == -math.inf


def test_a_gate_opens_when_its_time_has_come(tmp_path: Path) -> None:
    gates = Gates(tmp_path)
    gates.close("spacemolt", NOW + 120)

    assert gates.opens_at("spacemolt", NOW + 121) == -math.inf


def test_the_longer_block_counts(tmp_path: Path) -> None:
    gates = Gates(tmp_path)

    gates.close("spacemolt", NOW + 240)
    gates.close("spacemolt", NOW + 10)

    assert gates.opens_at("spacemolt", NOW) == NOW + 240


def test_an_unreadable_or_absurd_file_closes_nothing(tmp_path: Path) -> None:
    gates = Gates(tmp_path)
    for told in ("", "soon", "inf", "nan", str(NOW + 10**9)):
        (tmp_path / "spacemolt.shut-out-until").write_text(told)

        assert gates.opens_at("spacemolt", NOW) == -math.inf


def test_a_folder_that_cannot_be_written_still_closes_the_gate_here(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    gates = Gates(occupied)

    gates.close("spacemolt", NOW + 60)

    assert gates.opens_at("spacemolt", NOW) == NOW + 60
