"""OPML 2.0 in and out: the lists that readers of feeds exchange.

What OPML has no attribute for stands in a namespace of our own, so that a list survives the round trip and every other
program still reads it. Headers are not written: lists are passed on, and headers may hold keys.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from pipeline.settings import FeedSettings

NAMESPACE = "https://wirefold.org/opml"
MAX_FEEDS = 100_000
_INTERVAL, _FULL_TEXT, _HTTP2 = (f"{{{NAMESPACE}}}{name}" for name in ("intervalMinutes", "fullText", "http2"))
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?:)|feed:(?=//)", re.IGNORECASE)


def read_opml(text: str | bytes) -> list[FeedSettings]:
    """The feeds of a list in document order, folders flattened, each address once.

    Malformed lists (bare ``&``, wrong case, missing ends) are read as far as they go.
    Raises ValueError for what is no list of feeds.
    """
    document = text.encode("utf-8") if isinstance(text, str) else text
    if isinstance(text, str):
        document = _DECLARATION.sub("", text, count=1).encode("utf-8")
    feeds = _strictly(document)
    if feeds is None:
        feeds = _loosely(document)
    first: dict[str, FeedSettings] = {}
    for feed in feeds:
        first.setdefault(feed.url, feed)
    return list(first.values())[:MAX_FEEDS]


def write_opml(feeds: Iterable[FeedSettings], *, title: str = "wirefold") -> str:
    """The list as OPML 2.0, one outline a line, in the given order."""
    root = etree.Element("opml", {"version": "2.0"}, nsmap={"wirefold": NAMESPACE})
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    body = etree.SubElement(root, "body")
    for feed in feeds:
        etree.SubElement(body, "outline", _attributes(feed))
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written.decode("utf-8")


def _attributes(feed: FeedSettings) -> dict[str, str]:
    name = _without_controls(feed.name or feed.url)
    found = {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url}
    if feed.interval_minutes is not None:
        found[_INTERVAL] = f"{feed.interval_minutes:g}"
    if feed.full_text:
        found[_FULL_TEXT] = "true"
    if not feed.http2:
        found[_HTTP2] = "false"
    return found


def _without_controls(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)


def _strictly(document: bytes) -> list[FeedSettings] | None:
    """None for what is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError:
        return None
    if str(root.tag).lower() != "opml":
        raise ValueError(f"expected an <opml> document, not <{root.tag}>")
    return [feed for outline in root.iter("{*}outline", "{*}OUTLINE") if (feed := _feed(outline.attrib))]


def _feed(attributes: Mapping[Any, Any]) -> FeedSettings | None:
    known = {str(name).lower(): str(value).strip() for name, value in attributes.items()}
    url = _FEED_SCHEME.sub(_scheme, known.get("xmlurl", ""), count=1)
    if not url or known.get("type", "").lower() == "source":
        return None
    name = known.get("text") or known.get("title")
    return FeedSettings(
        url=url,
        name=name if name and name != url else None,
        interval_minutes=_minutes(known.get(_INTERVAL.lower())),
        http2=known.get(_HTTP2.lower()) != "false",
        full_text=known.get(_FULL_TEXT.lower()) == "true",
    )


def _scheme(match: re.Match[str]) -> str:
    return "" if match.group().lower() != "feed:" or match.string[match.end() :].startswith("http") else "http:"


def _minutes(text: str | None) -> float | None:
    try:
        minutes = float(text or "")
    except ValueError:
        return None
    return minutes if 0 < minutes < float("inf") else None


def _loosely(document: bytes) -> list[FeedSettings]:
    # Bytes, never str: listparser would fetch a str that starts with http://.
    import listparser

    if b"<opml" not in document[:65536].lower() and b"<outline" not in document.lower():
        raise ValueError("expected an <opml> document")
    found = listparser.parse(document)
    return [feed for one in found.feeds if (feed := _feed({"xmlUrl": one.url, "text": one.title}))]
