from bridge.sandbox.spacemolt.table import commands
from bridge.sandbox.spacemolt.wire.openapi import document_v1, document_v2
from bridge.sandbox.spacemolt.wire.operations import operations, tools


def test_v1_has_a_path_for_every_command_and_the_session() -> None:
    paths = document_v1("0.327.2")["paths"]

    assert set(paths) == {f"/{name}" for name in commands()} | {"/session"}
    assert len(paths) == 179


def test_v2_has_as_many_operations_as_the_documents_say() -> None:
    paths = document_v2("0.327.2")["paths"]
    posts = [path for path, ops in paths.items() if "post" in ops]
    gets = [path for path, ops in paths.items() if "get" in ops]

    assert len(tools()) == 18
    assert (len(paths), len(posts), len(gets)) == (227, 211, 19)
    mutations = [p for p in posts if paths[p]["post"].get("x-is-mutation")]
    assert len(mutations) == 106


def test_a_parameter_is_described_as_it_is_checked() -> None:
    buy = document_v1("0.327.2")["paths"]["/buy"]["post"]
    body = buy["requestBody"]["content"]["application/json"]["schema"]

    assert body["required"] == ["item_id", "quantity"]
    assert body["properties"]["deliver_to"]["enum"] == ["cargo", "storage"]
    assert body["properties"]["quantity"]["minimum"] == 1
    assert buy["x-is-mutation"] is True


def test_every_operation_leads_to_a_command_or_shows_the_state() -> None:
    for operation in operations().values():
        alone = operation.sections or operation.tool == "spacemolt_storage"
        special = operation.action in ("get_ships", "login_token")
        assert operation.command in commands() or alone or special, operation.action
