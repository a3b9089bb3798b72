"""The fast reader against the judges: feedparser over real feeds and parser cases, gofeed's own expectations.

The corpora lie beside the repository (``../shared``) and are skipped without it; nothing of them is copied here.
"""

import gzip
import json
import warnings
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest

from pipeline.errors import Reject
from pipeline.stages.discover import parse, parse_feed
from pipeline.stages.discover.entries import _published
from pipeline.stages.discover.judge import as_raw
from pipeline.stages.discover.raw import RawFeed, RawItem
from pipeline.text.dates import read_date
from pipeline.text.markup import plain_text, plain_title
from pipeline.text.urls import join

NOW = datetime(2026, 11, 23, tzinfo=UTC)
URL = "http://127.0.0.1:8097/feed.xml"
CORPORA = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds"
REAL = sorted((CORPORA / "real").glob("*.gz"))
GOFEED = sorted((CORPORA / "gofeed" / "testdata").rglob("*.xml"))
TRANSLATED = [path for path in GOFEED if path.parent.parent.name == "translator" and path.with_suffix(".json").exists()]
beside = pytest.mark.skipif(not REAL, reason="the corpora do not lie beside the repository")


def judged(body: bytes) -> RawFeed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = as_raw(feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False))
    for item in raw.items:
        item.base = URL
    return raw


def ours(body: bytes) -> RawFeed:
    return parse._read_fast(body, URL) or parse._read_any(body, {}, URL)


def view(item: RawItem) -> dict[str, Any]:
    """What an entry will be made of."""
    link = item.link or (item.guid if item.guid_is_link else None)
    body = item.content or item.summary
    return {
        "link": join(item.base or URL, link) if link else None,
        "guid": join(URL, item.guid) if item.guid else None,
        "original": item.original_link,
        "title": plain_title(item.title or ""),
        "published": _published(item, NOW)[0].value,
        "body": "".join(plain_text(body).split()) if body else "",
    }


# Where the fast reader departs from feedparser on purpose.
CAPTION_AS_BODY = {"660a52f7dc6a1948", "78f77fae2e1ffc14"}
"""feedparser takes the caption of a picture (media:description) for the item's content."""
MARKUP_IN_CODE = {"ad1318939eb69cf1", "a21807c179b62c5e"}
"""Articles about markup: the two resolve `&lt;tag>` in text once more, or not."""


@beside
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_a_real_feed_gives_the_same_entries_as_feedparser(path: Path) -> None:
    body = gzip.decompress(path.read_bytes())
    mine, theirs = ours(body), judged(body)
    assert (mine.format, mine.total, mine.link and join(URL, mine.link)) == (
        theirs.format,
        theirs.total,
        theirs.link and join(URL, theirs.link),
    )
    ignored = {"body"} if path.stem in CAPTION_AS_BODY | MARKUP_IN_CODE else set()
    for one, other in zip(map(view, mine.items), map(view, theirs.items), strict=True):
        assert {k: v for k, v in one.items() if k not in ignored} == {
            k: v for k, v in other.items() if k not in ignored
        }


@beside
def test_real_feeds_are_read_by_the_fast_reader() -> None:
    readers = [ours(gzip.decompress(path.read_bytes())).parser for path in REAL]
    assert readers.count("lxml") == len(REAL) >= 90


# gofeed's cases: (field, case) that are read otherwise, each for a reason.
OTHERWISE = {
    "issue_217_enclosure_children": {"title"},  # feedparser finds a title inside <enclosure>
    "rss_channel_item_guid_naked_markup": {"guid"},  # feedparser loses a guid with markup in it
    "rss_channel_item_illegal_char": {"title"},  # a backspace character is not part of a title
    "rss_channel_item_uri_at_protocol": {"link"},  # at:// is nothing to fetch: the http link stands
    "issue_275_extensions_and_source": {"body"},  # base64 without being called so
    "atom10_feed_entry_content_html_div_escaped_markup": {"body"},  # escaped markup inside unescaped markup stays text
    "entry_id_xml_base": {"guid", "link"},  # an id is a name, not an address: it is not resolved
    # <link>text</link> comes before <link href>, in whatever order they stand:
    "rdf_item_links": {"link"},
    "rss_channel_item_links": {"link"},
    "feed_item_links_-_rss_channel_item_links": {"link"},
}


@beside
@pytest.mark.parametrize("path", GOFEED, ids=lambda path: path.stem)
def test_a_parser_case_gives_the_same_entries_as_feedparser(path: Path) -> None:
    body = path.read_bytes()
    if not body.strip():
        return
    theirs = judged(body)
    try:
        mine = ours(body)
    except Reject:
        assert theirs.format == "unknown"
        assert not theirs.items
        return
    assert mine.total == theirs.total
    for one, other in zip(map(view, mine.items), map(view, theirs.items), strict=True):
        wrong = {name for name in one if one[name] != other[name]}
        if b"rdf:about" in body and other["link"] is None:
            wrong.discard("link")  # feedparser knows no link where an RDF item has rdf:about alone
        if one["guid"] and other["link"] and one["guid"] in other["link"]:
            wrong.discard("link")  # an Atom id that is an address is used where there is no link, at a later step
        assert wrong <= OTHERWISE.get(path.stem, set())


@beside
@pytest.mark.parametrize("path", TRANSLATED, ids=lambda path: path.stem)
def test_gofeeds_expectations_hold(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    try:
        mine = ours(path.read_bytes())
    except Reject:
        pytest.fail("not read at all")
    assert mine.total == len(expected.get("items") or [])
    for item, wanted in zip(mine.items, expected.get("items") or [], strict=True):
        if wanted.get("link") and "link" not in OTHERWISE.get(path.stem, set()):
            assert item.link == wanted["link"]
        if wanted.get("guid"):
            assert item.guid == wanted["guid"]
        if wanted.get("title"):
            assert plain_title(item.title or "") == plain_title(wanted["title"])
        when = wanted.get("publishedParsed") or wanted.get("updatedParsed")
        if when:
            found, stated = read_date(item.published or item.updated or ""), read_date(when)
            assert found
            assert stated
            assert found.value == stated.value
        if wanted.get("authors") and item.authors:
            assert wanted["authors"][0].get("name", "") in item.authors[0]


@beside
def test_gofeeds_json_feeds_are_read() -> None:
    for path in sorted((CORPORA / "gofeed" / "testdata" / "parser" / "json").glob("version_json_*[01].json")):
        feed = parse_feed(path.read_bytes(), url=URL, headers={}, fetched_at=NOW)
        assert feed.format in {"json10", "json11"}
        assert feed.entries
