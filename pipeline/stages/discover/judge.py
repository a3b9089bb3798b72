"""feedparser: the judge of what strict XML cannot read, and the reference that the fast path is tested against."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pipeline.stages.discover.raw import MAX_ENTRIES, RawFeed, RawItem

_IMPOSSIBLE_REFERENCE = re.compile(
    rb"&#(?:[xX]0*(?:[dD][89a-fA-F][0-9a-fA-F]{2}|[0-9a-fA-F]{6,})"
    rb"|0*(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]|\d{7,}));?"
)
"""Surrogates and what lies beyond Unicode: feedparser raises UnicodeEncodeError for them."""

MAX_TAGS = 30_000
"""Fifteen to an item, times ``MAX_ENTRIES``."""

MAX_BYTES = 4_000_000
_WINDOW = 16_384
_FEEDPARSER_OFF = {"sanitize_html": False, "resolve_relative_uris": False}


def read_loosely(document: bytes, url: str) -> RawFeed | None:
    """What feedparser recovers from UTF-8 bytes that are not well-formed; None if it is nothing of a feed."""
    import feedparser

    document, cut = _bearable(_IMPOSSIBLE_REFERENCE.sub(b"", document))
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        found = feedparser.parse(BytesIO(document), response_headers=headers, **_FEEDPARSER_OFF)
    except Exception:  # noqa: BLE001 - whatever its parts trip over (a reference to a surrogate, ...): it cannot be read
        return None
    if not found.get("version") and not found.entries:
        return None
    raw = as_raw(found)
    if cut:
        raw.warnings.append("truncated")
    return raw


def _bearable(document: bytes) -> tuple[bytes, bool]:
    """As much as feedparser reads in two seconds: it takes about 20 µs a tag, more where they nest (measured)."""
    tags = 0
    position = 0
    while position < len(document):
        tags += document.count(b"<", position, position + _WINDOW)
        if tags > MAX_TAGS or position > MAX_BYTES:
            return document[:position], position > 0
        position += _WINDOW
    return document, False


def as_raw(found: Any) -> RawFeed:
    """A feedparser result in our own terms."""
    feed = found.feed
    raw = RawFeed(
        format=found.get("version") or "unknown",
        parser="feedparser",
        title=feed.get("title"),
        link=feed.get("link"),
        language=feed.get("language"),
        total=len(found.entries),
        ttl=feed.get("ttl"),
        period=feed.get("sy_updateperiod"),
        frequency=feed.get("sy_updatefrequency"),
        built=_own(feed, "updated"),
        complete="fh_complete" in feed,
    )
    raw.items = [_item(entry) for entry in found.entries[:MAX_ENTRIES]]
    links = {link.get("rel"): link.get("href") for link in reversed(feed.get("links", []))}
    raw.next_archive = links.get("prev-archive") or links.get("next")
    return raw


def _item(entry: Mapping[str, Any]) -> RawItem:
    # Item access, not .get: feedparser answers `updated` with `published` where there is none, and warns.
    content = [part.get("value") for part in entry.get("content", [])]
    title = entry.get("title_detail", {})
    summary = entry.get("summary")
    source = entry.get("source", {})
    return RawItem(
        guid=entry.get("id") or None,
        guid_is_link=bool(entry.get("guidislink")),
        link=entry.get("link"),
        original_link=entry.get("feedburner_origlink"),
        title=entry.get("title"),
        title_is_text=title.get("type") == "text/plain" and "&" not in (entry.get("title") or ""),
        summary=None if summary in content else summary,  # feedparser copies the content where there is no summary
        content=max((part for part in content if part), key=len, default=None),
        authors=[name for author in entry.get("authors", []) if (name := author.get("name"))],
        tags=[term for tag in entry.get("tags", []) if (term := tag.get("label") or tag.get("term"))],
        image=_image(entry),
        language=entry.get("language"),
        credit=source.get("title") if isinstance(source, Mapping) else None,
        credit_url=(source.get("href") or source.get("link")) if isinstance(source, Mapping) else None,
        published=_own(entry, "published") or _own(entry, "created"),
        updated=_own(entry, "updated"),
    )


def _own(entry: Mapping[str, Any], name: str) -> str | None:
    value = dict.get(entry, name) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else None


def _image(entry: Mapping[str, Any]) -> str | None:
    for name in ("media_content", "media_thumbnail", "enclosures"):
        for item in entry.get(name, []):
            address = item.get("url") or item.get("href")
            if address and (
                name == "media_thumbnail" or str(item.get("type") or item.get("medium")).startswith("image")
            ):
                return str(address)
    return None
