import pytest

from bridge.sandbox.pipeworks.world import PipeWorks
from tests.sandbox.pipeworks.visitor import Visitor


def test_every_table_agrees_with_its_columns_and_size(
    world: PipeWorks, admin: Visitor, wanda: Visitor, walker: Visitor, steward: Visitor
) -> None:
    world.arrive("Tibbet")
    wanda.does("say hello")

    listed = admin.get("/admin/database/tables").content["tables"]

    assert len(listed) == 11
    for table in listed:
        page = admin.get(f"/admin/database/table/{table['name']}").content
        assert page["columns"] == table["columns"]
        assert len(page["rows"]) == table["row_count"] > 0
        assert all(len(row) == len(table["columns"]) for row in page["rows"])


def test_a_page_of_a_table_has_limit_and_offset(world: PipeWorks, admin: Visitor) -> None:
    for number in range(5):
        world.create_account(f"extra_{number}", "whatever it is")

    page = admin.get("/admin/database/table/users", limit=2, offset=3).content

    assert [row[1] for row in page["rows"]] == ["extra_1", "extra_2"]


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_1_to_1000_rows(admin: Visitor, limit: int) -> None:
    assert admin.get("/admin/database/table/users", limit=limit).status == 422


def test_an_unknown_table_is_404(admin: Visitor) -> None:
    assert admin.get("/admin/database/table/secrets").status == 404


def test_tables_show_whole_hashes_and_live_session_ids(
    world: PipeWorks, admin: Visitor, wanda: Visitor
) -> None:
    users = admin.get("/admin/database/table/users").content
    sessions = admin.get("/admin/database/table/sessions").content

    hashes = {row[users["columns"].index("password_hash")] for row in users["rows"]}
    ids = {row[sessions["columns"].index("session_id")] for row in sessions["rows"]}
    assert all(len(known) == 60 for known in hashes)
    assert {wanda.session_id, admin.session_id} <= ids


def test_the_schema_names_references_between_tables(admin: Visitor) -> None:
    schema = admin.get("/admin/database/schema").content["tables"]

    known = {table["name"]: table["columns"] for table in schema}
    for table in schema:
        for key in table["foreign_keys"]:
            assert key["from_column"] in table["columns"]
            assert key["ref_column"] in known[key["ref_table"]]


@pytest.mark.parametrize("path", ["tables", "schema", "table/users"])
def test_players_see_no_tables(wanda: Visitor, path: str) -> None:
    assert wanda.get(f"/admin/database/{path}").status == 403
