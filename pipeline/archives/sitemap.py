"""Sitemaps as a source of entries: what ``pipeline.text.sitemaps`` reads, in the terms of the frontier. Pure."""

from datetime import datetime

from pipeline.errors import Reject
from pipeline.text.dates import judge_date
from pipeline.text.sitemaps import MAX_BYTES, MAX_LOCATIONS, Child, Location, Sitemap, read_sitemap
from pipeline.text.urls import normalise, url_key
from storage.records import Entry

__all__ = ["MAX_BYTES", "MAX_LOCATIONS", "Child", "Location", "Sitemap", "entry_of", "parse_sitemap"]


def parse_sitemap(body: bytes, *, url: str) -> Sitemap:
    """A sitemap, index, news sitemap or list of URLs (plain text), gzipped or not; streamed and bounded.

    Raises Reject("empty_document" | "html_not_feed" | "not_a_feed"): an HTML error page is no empty sitemap.
    """
    if not body.strip():
        raise Reject("empty_document")
    sitemap = read_sitemap(body, url=url)
    if sitemap is None:
        html = b"<html" in body[:4096].lower() or b"<!doctype html" in body[:4096].lower()
        raise Reject("html_not_feed" if html else "not_a_feed", "not a sitemap")
    return sitemap


def entry_of(location: Location, *, fetched_at: datetime, backfill: bool = True) -> Entry:
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
        revision_hash=f"sitemap:{location.lastmod or ''}",
        title=location.title,
        tags=location.keywords,
        image=location.image,
        language=location.language,
        date_published=published.value,
        date_published_raw=location.published,
        date_quality=published.quality,
        date_modified=judge_date(location.lastmod, fetched_at=fetched_at).value,
        backfill=backfill,
    )
