import pytest

from bridge.protocol.http_dates import date_of, seconds_until

# RFC 9110, 5.6.7, "Date/Time Formats": the same moment in two of them.
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
OLDER = "Sunday, 06-Nov-94 08:49:37 GMT"


def test_a_date_is_read_in_the_formats_that_http_knows() -> None:
    assert date_of(DATE) == date_of(OLDER) == 784_111_777


@pytest.mark.parametrize("text", [None, "", "soon", "120", "Sun, 99 Nov 1994 08:49:37 GMT"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert date_of(text) is None


def test_how_long_it_is_counts_by_the_servers_clock() -> None:
    later = "Sun, 06 Nov 1994 08:51:37 GMT"

    assert seconds_until(later, {"date": DATE}) == 120
    assert seconds_until(DATE, {"date": later}) == 0
    assert seconds_until(later, {}) is None
    assert seconds_until("soon", {"date": DATE}) is None
