import pytest

from bridge.server.addresses import (
    Address,
    FeedAddress,
    GuideAddress,
    ResultAddress,
    StatusAddress,
    feed_uri,
    guide_uri,
    parse,
    status_uri,
)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("game://tiny/guide", GuideAddress(game="tiny")),
        ("game://tiny/me/status", StatusAddress(game="tiny", account="me")),
        ("game://tiny/me/feeds/chat", FeedAddress(game="tiny", account="me", feed="chat")),
        (
            "game://tiny/me/feeds/chat?after=7&limit=9",
            FeedAddress(game="tiny", account="me", feed="chat", after=7, limit=9),
        ),
        (
            "game://tiny/me/feeds/chat?limit=0",
            FeedAddress(game="tiny", account="me", feed="chat", limit=1),
        ),
        (
            "game://tiny/me/feeds/chat?limit=99999",
            FeedAddress(game="tiny", account="me", feed="chat", limit=500),
        ),
        ("game://results/r1", ResultAddress(handle="r1")),
        ("game://tiny/me/feeds/chat?after=x", None),
        ("game://tiny", None),
        ("game://tiny/a/b/c/d", None),
        ("https://tiny/guide", None),
        ("game://[broken/guide", None),
    ],
)
def test_a_uri_names_what_it_says(uri: str, expected: Address | None) -> None:
    assert parse(uri) == expected


@pytest.mark.parametrize("account", ["me", "Zoë Q", "a/b?c#d", "%41"])
def test_an_account_of_any_name_survives_the_way_there_and_back(account: str) -> None:
    assert parse(status_uri("tiny", account)) == StatusAddress(game="tiny", account=account)
    assert parse(feed_uri("tiny", account, "chat")) == FeedAddress(
        game="tiny", account=account, feed="chat"
    )


def test_a_guide_is_found_by_its_uri() -> None:
    assert parse(guide_uri("tiny")) == GuideAddress(game="tiny")
