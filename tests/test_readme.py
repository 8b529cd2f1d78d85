import ast
import re

import pytest

from tests.server.child import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROOFS = re.findall(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`", README)


@pytest.mark.parametrize(("file", "name"), PROOFS, ids=[name for _, name in PROOFS])
def test_what_is_said_to_be_proven_is_proven_by_a_test_that_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    functions = {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert name in functions


def test_every_line_of_who_can_do_what_names_its_proof() -> None:
    section = README.partition("## Who can do what")[2].partition("\n## ")[0]
    lines = [line for line in re.split(r"\n(?=- |\n)", section) if line.startswith("- ")]

    assert lines
    assert all("::test_" in line for line in lines)
