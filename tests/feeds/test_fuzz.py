"""Whatever the bytes are, the reader answers with a feed or a reason, and what it keeps is well-formed."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import Reject
from pipeline.stages.discover import parse_feed
from pipeline.text.urls import is_http, url_key

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
RSS = (
    b"<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><title>T</title>"
    b"<item><title>One</title><link>https://example.com/1</link><guid>1</guid><pubDate>Sun, 10 May 2026 10:00:00 GMT</pubDate>"
    b"<content:encoded><![CDATA[<p>a &amp; b</p>]]></content:encoded></item><item><title>Two</title><link>/2</link></item></channel></rss>"
)
ATOM = (
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title type='html'>&lt;b&gt;T</title><entry><id>tag:example.com,2026:1</id><link href='1'/>"
    b"<updated>2026-05-10T10:00:00Z</updated><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></content></entry></feed>"
)
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": "1", "url": "https://example.com/1", "title": "One"}],
    }
).encode()
PAGE = b"<!DOCTYPE html><html><body><pre>&lt;rss version='2.0'>&lt;item>&lt;link>https://example.com/1&lt;/link>&lt;/item>&lt;/rss></pre></body></html>"
FRAGMENTS = st.sampled_from(
    [b"<", b">", b"&", b"&amp;", b"&#0;", b"&#xD800;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<item>", b"</item>", b"<entry>", b"</title>", b"\0", b"\xff\xfe",
     b"\xe9", b"xmlns:a='u'", b"<a:b/>", b"<?xml?>", b"<!DOCTYPE x [", b"'", b'"', b"<html>", b"</rss>", b"http://[", b"{", b"99999999999999"]
)  # fmt: skip
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 12), FRAGMENTS | st.binary(max_size=4))


def edited(body: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, cut, insert in edits:
        at = int(where * len(body))
        body = body[:at] + insert + body[at + cut :]
    return body


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([RSS, ATOM, JSON, PAGE]),
    st.lists(EDIT, max_size=6),
    st.sampled_from(["", "text/html; charset=utf-16", "application/xml; charset=x"]),
)
def test_no_document_breaks_the_reader(body: bytes, edits: list[tuple[float, int, bytes]], content_type: str) -> None:
    try:
        feed = parse_feed(
            edited(body, edits), url="https://example.com/feed", headers={"content-type": content_type}, fetched_at=NOW
        )
    except Reject:
        return
    for entry in feed.entries:
        assert is_http(entry.url)
        assert entry.key
        assert not entry.has_page or url_key(entry.url) == entry.key
    assert len({entry.key for entry in feed.entries}) == len(feed.entries)
    assert not {alias for entry in feed.entries for alias in entry.aliases} & {entry.key for entry in feed.entries}


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.lists(FRAGMENTS, max_size=20).map(b"".join))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    assert slug_of(body) in {None, "not_a_feed", "html_not_feed", "empty_document"}


def slug_of(body: bytes) -> str | None:
    try:
        parse_feed(body, url="https://example.com/feed", headers={}, fetched_at=NOW)
    except Reject as refused:
        return refused.slug
    return None
