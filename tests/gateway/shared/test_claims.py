from pathlib import Path

from bridge.gateway.shared.claims import Claims


def test_a_kind_is_listened_to_by_one_process_only(tmp_path: Path) -> None:
    one, other = (Claims(tmp_path, "maid", "default") for _ in range(2))

    assert one.hold({"combat", "death"}) == {"combat", "death"}
    assert other.hold({"death", "tick"}) == {"tick"}


def test_what_is_no_longer_wanted_is_free_for_others(tmp_path: Path) -> None:
    one, other = (Claims(tmp_path, "maid", "default") for _ in range(2))
    one.hold({"combat", "death"})

    assert one.hold({"combat"}) == {"combat"}
    assert other.hold({"combat", "death"}) == {"death"}
    one.hold(())
    assert other.hold({"combat", "death"}) == {"combat", "death"}


def test_accounts_do_not_stand_in_each_others_way(tmp_path: Path) -> None:
    claims = [Claims(tmp_path, "maid", account) for account in ("one", "other")]

    assert [each.hold({"combat"}) for each in claims] == [{"combat"}, {"combat"}]
