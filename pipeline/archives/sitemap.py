"""Sitemaps as a source of entries: what ``pipeline.text.sitemaps`` reads, in the terms of the frontier. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.errors import Reject
from pipeline.text.dates import judge_date
from pipeline.text.sitemaps import Location, read_sitemap
from pipeline.text.urls import normalise, url_key
from storage.records import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """One file: the pages it lists, the sitemaps it points to (with what they say of their last change, in the same
    order). ``dropped``: what names no http(s) URL or lies beyond 50,000; ``complete``: False where the file broke off.
    """

    kind: Literal["urlset", "index", "news", "text"]
    entries: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()
    children_modified: tuple[datetime | None, ...] = ()
    dropped: int = 0
    complete: bool = True


def parse_sitemap(body: bytes, *, url: str, fetched_at: datetime | None = None) -> Sitemap:
    """A sitemap, index, news sitemap or list of URLs (plain text), gzipped or not; streamed and bounded.

    ``fetched_at``: later dates are not believed. Raises Reject("empty_document" | "html_not_feed" | "not_a_feed"): an
    HTML error page is no empty sitemap.
    """
    if not body.strip():
        raise Reject("empty_document")
    found = read_sitemap(body, url=url)
    if found is None:
        head = body[:4096].lower()
        html = b"<html" in head or b"<!doctype html" in head
        raise Reject("html_not_feed" if html else "not_a_feed", "not a sitemap")
    entries = {entry.key: entry for location in found.locations for entry in [entry_of(location, fetched_at)]}
    return Sitemap(
        kind=found.kind,
        entries=tuple(entries.values()),
        children=tuple(child.url for child in found.children),
        children_modified=tuple(judge_date(child.lastmod, fetched_at=fetched_at).value for child in found.children),
        dropped=found.dropped,
        complete=found.complete,
    )


def entry_of(location: Location, fetched_at: datetime | None = None) -> Entry:
    """The entry that a sitemap announces. ``lastmod`` tells when the page changed, not when it was published: it is
    ``date_modified`` here, and what ``--since`` and ``--until`` are compared with where the news extension is absent.
    """
    published = judge_date(location.published, fetched_at=fetched_at)
    return Entry(
        key=url_key(location.url),
        url=normalise(location.url),
        feed_url=None,
        entry_id=None,
        via="sitemap",
        revision_hash=f"sitemap:{location.lastmod}" if location.lastmod else "",
        title=location.title,
        tags=location.keywords,
        image=location.image,
        language=location.language,
        date_published=published.value,
        date_published_raw=location.published,
        date_quality=published.quality,
        date_modified=judge_date(location.lastmod, fetched_at=fetched_at).value,
        backfill=True,
    )
