"""Header fields, read leniently and relative to the server's own clock."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.headers import cache_control, codings, fresh_for_s, http_date, media_type, retry_after_s

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
DATE = "Mon, 05 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 09:49:37 +0100",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
    ],
)
def test_every_form_of_a_date_is_the_same_instant(text):
    assert http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@given(st.text())
def test_no_text_breaks_the_readers(text):
    headers = {"date": text, "expires": text, "retry-after": text, "cache-control": text, "age": text}
    http_date(text)
    retry_after_s(headers, NOW)
    assert (fresh_for_s(headers, NOW) or 0.0) >= 0.0
    codings(text)
    media_type({"content-type": text})


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), (" 5 ", 5.0), ("1.5", 1.5), ("Mon, 05 Jan 2026 12:01:00 GMT", 60.0), ("0", 0.0)]
    + [(value, None) for value in ("", "-1", "soon", "Mon, 05 Jan 2026 11:00:00 GMT", "1e9")],
)
def test_retry_after(value, seconds):
    assert retry_after_s({"retry-after": value, "date": DATE}, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600.0),
        ({"cache-control": "max-age=600", "age": "100"}, 500.0),
        ({"cache-control": "max-age=600", "age": "9000"}, 0.0),
        ({"cache-control": 'public, MAX-AGE="60"'}, 60.0),
        ({"cache-control": "max-age=60, max-age=600"}, 60.0),
        ({"cache-control": "max-age=60; must-revalidate"}, 60.0),
        ({"cache-control": "no-cache, max-age=600"}, 0.0),
        ({"cache-control": "no-store"}, 0.0),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=soon", "expires": "Mon, 05 Jan 2026 13:00:00 GMT"}, None),
        ({"cache-control": "max-age=60", "expires": "Mon, 05 Jan 2026 13:00:00 GMT"}, 60.0),
        ({"expires": "Mon, 05 Jan 2026 13:00:00 GMT"}, 3600.0),
        ({"expires": "Mon, 05 Jan 2026 13:00:00 GMT", "date": "Mon, 05 Jan 2026 12:50:00 GMT"}, 600.0),
        ({"expires": "0"}, 0.0),
        ({"expires": "-1"}, 0.0),
        ({"expires": "Thu, 19 Nov 1981 08:52:00 GMT"}, 0.0),
    ],
)
def test_freshness(headers, seconds):
    assert fresh_for_s(headers, NOW) == seconds


def test_directives_with_quotes_commas_and_rubbish():
    assert cache_control({"cache-control": 'private="a, b", max-age=5,, stale-if-error=60'}) == {
        "private": "a, b",
        "max-age": "5",
        "stale-if-error": "60",
    }


def test_types_and_codings():
    assert media_type({"content-type": "Text/XML; charset=utf-8"}) == "text/xml"
    assert media_type({}) == ""
    assert codings("GZIP, br  deflate,") == ("gzip", "br", "deflate")
