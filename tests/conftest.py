"""What holds for every test: one event loop, how hard properties are tried, and ``--long``."""

import os

import pytest
from hypothesis import settings

QUICK_EXAMPLES = 60
LONG_EXAMPLES = 3_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long form of slow suites too")


def pytest_configure(config: pytest.Config) -> None:
    in_ci = "CI" in os.environ
    settings.register_profile(
        "quick", max_examples=QUICK_EXAMPLES, deadline=None, derandomize=in_ci
    )
    settings.register_profile("long", max_examples=LONG_EXAMPLES, deadline=None, derandomize=in_ci)
    settings.load_profile("long" if config.getoption("--long") else "quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skipped = pytest.mark.skip(reason="the long form of a slow suite; run with --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skipped)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
