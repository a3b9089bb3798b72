"""Which reader reads a document, and what to say of one that none can read."""

import re
from collections.abc import Mapping
from datetime import datetime

from lxml import etree

from pipeline.errors import Reject
from pipeline.records import ParsedFeed
from pipeline.stages.discover import repair
from pipeline.stages.discover.decode import decode
from pipeline.stages.discover.entries import build
from pipeline.stages.discover.json_feed import read_json
from pipeline.stages.discover.judge import read_loosely
from pipeline.stages.discover.news_sitemap import read_news_sitemap
from pipeline.stages.discover.raw import MAX_ENTRIES, RawFeed
from pipeline.stages.discover.xml_feed import parse_tree, read_feed
from pipeline.stages.discover.xml_item import Element
from pipeline.text.sitemaps import GZIP, gunzipped

_LARGE = 2_000_000
"""Bytes from which a document is searched for more items than are read."""

_PLAIN_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<\?xml-stylesheet[^>]*\?>\s*|<!--[^>]*-->\s*){0,8}<(?![!?])"
)
_UTF8_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE)
_ENDED = re.compile(r"</(?:[A-Za-z0-9]+:)?(?:rss|feed|rdf|urlset)\s*>\s*$", re.IGNORECASE)


def parse_feed(
    body: bytes, *, url: str, headers: Mapping[str, str], fetched_at: datetime, base_url: str | None = None
) -> ParsedFeed:
    """The entries of a feed document, whatever its format (RSS, RDF, Atom, JSON Feed, news sitemap; also inside HTML).

    ``url``: the subscribed address, stored with each entry; ``base_url``: where redirects led, the base of relative links
    (``url`` if not given); ``headers`` (lower-case names): ``content-type`` is read for its charset.

    Malformed documents are read, and ``warnings`` say so: ``malformed``, ``truncated``, ``encoding_guessed``,
    ``inside_html``, ``capped``, ``identity_degraded``, ``repeated_items``, ``content_too_long``.

    Raises Reject("empty_document" | "html_not_feed" | "not_a_feed").
    """
    base = base_url or url
    if body.startswith(GZIP):  # feed.xml.gz, served as a file
        body = gunzipped(body)
    feed = _read_fast(body, base) or _read_any(body, headers, base)
    if feed.total > len(feed.items):
        feed.warnings.append("capped")
    return build(feed, url=url, fetched_at=fetched_at)


def _read_fast(body: bytes, base: str) -> RawFeed | None:
    """The usual case: UTF-8 and well-formed, without a DOCTYPE. The bytes go to the parser as they came."""
    document = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not _PLAIN_START.match(document[:2048]) or _UTF8_DECLARED.match(document[:300]):
        return None
    return _strict(document, base)


def _read_any(body: bytes, headers: Mapping[str, str], base: str) -> RawFeed:
    text, _, guessed = decode(body, headers)
    text = text.strip().replace("\0", "")
    if not text:
        raise Reject("empty_document")
    feed = _read_text(text, base)
    if guessed:
        feed.warnings.append("encoding_guessed")
    return feed


def _read_text(text: str, base: str) -> RawFeed:
    if text[0] in "{[":
        feed = read_json(text, base)
        if feed is None:
            raise Reject("not_a_feed", "JSON, but no JSON Feed")
        return feed
    if not repair.looks_like_html(text):
        return _read_xml(text, base)
    inside = repair.embedded_feed(text)
    if inside is None:
        raise Reject("html_not_feed", _page_title(text))
    feed = _read_xml(inside, base)
    feed.warnings.append("inside_html")
    return feed


def _page_title(page: str) -> str:
    found = re.search(r"<title[^<>]*>([^<]{1,200})", page[:65536], re.IGNORECASE)
    return f"a page titled “{' '.join(found.group(1).split())}”" if found else "a web page"


def _read_xml(text: str, base: str) -> RawFeed:
    """Strictly as it is, strictly after repairs, up to where it was cut off, and at last by feedparser."""
    document, entities = repair.as_bytes(text)
    feed = _strict(document, base)
    if feed:
        return feed
    mended = repair.repaired(repair.without_junk(document.decode("utf-8")), entities)
    mended_bytes, _ = repair.as_bytes(mended)
    feed = _strict(mended_bytes, base) or _strict(repair.with_closed_leaves(mended).encode(), base)
    if feed is None and not _ENDED.search(mended):
        whole = repair.completed(mended)
        feed = _strict(whole.encode(), base) if whole else None
        if feed:
            feed.warnings.append("truncated")
    feed = feed or read_loosely(document, base)
    if feed is None:
        raise Reject("not_a_feed", _what_it_is(text))
    feed.warnings.append("malformed")
    return feed


def _strict(document: bytes, base: str) -> RawFeed | None:
    left_out = 0
    if len(document) > _LARGE:
        document, left_out = repair.shortened(document, MAX_ENTRIES)
    try:
        root = parse_tree(document)
    except etree.XMLSyntaxError:
        return None
    feed = _read_root(root, document, base)
    if feed:
        feed.total += left_out
    return feed


def _read_root(root: Element, document: bytes, base: str) -> RawFeed | None:
    feed = read_feed(root, base)
    if feed is None and str(root.tag).endswith("urlset"):
        feed = read_news_sitemap(document, base)
    return feed


def _what_it_is(text: str) -> str:
    found = re.search(r"<([A-Za-z][\w:.-]{0,40})", text[:8192])
    if found is None:
        return "no markup at all"
    name = found.group(1).lower()
    known = {"sitemapindex": "a sitemap index", "urlset": "a sitemap without news", "opml": "an OPML list of feeds"}
    return known.get(name, f"a document of <{found.group(1)}>")
