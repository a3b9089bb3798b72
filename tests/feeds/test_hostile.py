"""Documents made to hurt: each ends in a named outcome, with bounded work (counted, not timed) and bounded memory."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from pipeline.errors import Reject
from pipeline.records import ParsedFeed
from pipeline.stages.discover import MAX_ENTRIES, parse_feed
from pipeline.stages.discover.judge import MAX_TAGS, _bearable
from pipeline.stages.discover.xml_feed import parse_tree

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
pytestmark = pytest.mark.timeout(60)


def parse(body: str | bytes) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(data, url="https://example.com/feed", headers={}, fetched_at=NOW)


def item(number: int, body: str = "") -> str:
    return f"<item><title>T {number}</title><link>https://example.com/{number}</link><description>{body}</description></item>"


def rss(inner: str, prologue: str = "") -> str:
    return f"{prologue}<rss version='2.0'><channel><title>T</title>{inner}</channel></rss>"


BILLION = (
    "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9))
    + "]>"
)
QUADRATIC = f"<!DOCTYPE rss [<!ENTITY big '{'a' * 200}'><!ENTITY fine 'ok'>]>"
EXTERNAL = "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY % p SYSTEM 'http://127.0.0.1:1/p'> %p;]>"


def test_an_entity_bomb_expands_to_nothing() -> None:
    (entry,) = parse(rss(item(1, "&j;"), BILLION)).entries
    assert len(entry.summary or "") < 100
    (entry,) = parse(rss(item(1, "&fine;" + "&big;" * 50_000), QUADRATIC)).entries
    assert (entry.content_html or "").startswith("ok&big;&big;")


def test_external_entities_are_not_read() -> None:
    (entry,) = parse(rss(item(1, "before &x; after"), EXTERNAL)).entries
    assert entry.summary == "before &x; after"


@pytest.mark.parametrize("spoil", ["", " & "], ids=["well-formed", "malformed"])
def test_of_fifty_thousand_items_two_thousand_are_kept_and_the_rest_is_counted(spoil: str) -> None:
    feed = parse(rss("".join(item(i, spoil) for i in range(50_000))))
    assert (len(feed.entries), feed.dropped) == (MAX_ENTRIES, 50_000 - MAX_ENTRIES)
    assert "capped" in feed.warnings


def test_an_item_of_five_megabytes_keeps_its_link_and_loses_its_text() -> None:
    feed = parse(rss(item(1, "<![CDATA[<p>" + "word " * 1_000_000 + "]]>")))
    assert (feed.entries[0].url, feed.entries[0].content_html) == ("https://example.com/1", None)
    assert len(feed.entries[0].summary or "") <= 2000
    assert "content_too_long" in feed.warnings


def test_ten_thousand_levels_of_nesting_are_survived() -> None:
    assert len(parse(rss("<a>" * 10_000 + item(1) + "</a>" * 10_000)).entries) <= 1


def test_the_judge_is_never_given_more_than_it_can_bear() -> None:
    document, cut = _bearable(b"<a>" * 1_000_000)
    assert cut
    assert document.count(b"<") <= MAX_TAGS
    assert _bearable(b"<a>" * 100) == (b"<a>" * 100, False)


HURTFUL = {
    "unclosed elements": rss("<a>" * 300_000),
    "nothing but <": rss(item(1, "<" * 2_000_000)),
    "nothing but &": rss(item(1, "&" * 2_000_000)),
    "sections opened": rss(item(1, "<![CDATA[" * 300_000)),
    "comments opened": rss(item(1, "<!--" * 500_000)),
    "comments opened in a section": rss(item(1, "<![CDATA[" + "<!--" * 500_000 + "]]>")),
    "scripts opened in a section": rss(item(1, "<![CDATA[" + "<script>" * 300_000 + "]]>")),
    "undeclared prefixes": rss("".join(f"<p{i}:a/>" for i in range(100_000))),
    "repeated attributes": rss("<item " + "a='1' " * 100_000 + "/>"),
    "namespaces in each item": rss(
        "".join(f"<item xmlns:a='u{i}'><link>http://e.com/{i}</link></item>" for i in range(20_000))
    ),
    "declarations": "<?xml ?>" * 300_000 + rss(item(1)),
    "entity declarations without an end": "<!DOCTYPE r [" + "<!ENTITY x 'y'>" * 100_000 + "<rss/>",
    "pages in pages": "<html>" + "<pre>&lt;rss" * 200_000,
    "titles opened": rss("<item>" + "<title>" * 200_000),
    "entries opened": "<feed xmlns='http://www.w3.org/2005/Atom'>" + "<entry>" * 200_000,
    "categories": rss("<item><link>http://e.com/</link>" + "<category>c</category>" * 200_000 + "</item>"),
    "a link of a megabyte": rss("<item><link>http://e.com/" + "a/../" * 200_000 + "</link></item>"),
    "a date of a megabyte": rss("<item><link>http://e.com/a</link><pubDate>" + "1 " * 500_000 + "</pubDate></item>"),
    "counters": rss(item(1, "1 views " * 100_000)),
    "deep JSON": '{"items":' + "[" * 500_000,
    "JSON items without anything": '{"version":"https://jsonfeed.org/version/1.1","items":[' + "{}," * 300_000 + "{}]}",
    "whitespace": " " * 3_000_000,
    "latin-1 called utf-8": rss(item(1, "é" * 1_000_000)).encode("latin-1"),
    "UTF-16": rss(item(1, "é" * 1_000_000)).encode("utf-16"),
}


@pytest.mark.parametrize("case", HURTFUL)
def test_a_hurtful_document_ends_in_a_feed_or_a_reason(case: str) -> None:
    assert outcome(HURTFUL[case]) in {"a feed", "not_a_feed", "html_not_feed", "empty_document"}


def outcome(body: str | bytes) -> str:
    try:
        return "a feed" if len(parse(body).entries) <= MAX_ENTRIES else "too many entries"
    except Reject as refused:
        return refused.slug


MEMORY = """
import resource
from datetime import UTC, datetime
from pipeline.stages.discover import parse_feed
item = "<item><title>T</title><link>https://example.com/{0}</link><guid>https://example.com/{0}</guid><description>some words here</description></item>"
parse_feed(b"<rss version='2.0'><channel/></rss>", url="https://example.com/", headers={}, fetched_at=datetime.now(UTC))
body = ("<rss version='2.0'><channel>" + "".join(item.format(i) for i in range(60_000)) + "</channel></rss>").encode()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert len(parse_feed(body, url="https://example.com/", headers={}, fetched_at=datetime.now(UTC)).entries) == 2000
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_document_of_ten_megabytes_costs_less_than_300_mib() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 300


def test_the_strict_parser_expands_nothing_by_itself() -> None:
    root = parse_tree(b"<!DOCTYPE a [<!ENTITY x 'expanded'>]><a>&x;</a>")
    assert "expanded" not in "".join(root.itertext())
