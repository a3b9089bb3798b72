"""Records that live between two steps of one process and are never stored: what was fetched, what a page says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from storage.records import Author, Credit, Dateline, Entry, Extraction
from storage.records.articles import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One outbound GET. ``kind`` chooses the policy (robots, size, accept header)."""

    url: str
    kind: Literal["feed", "page", "robots", "discovery", "archive"]
    headers: Mapping[str, str] = field(default_factory=dict)
    http2: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect: the status and where it led."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back, decoded and bounded. ``headers``: lower-case names, last value wins.

    ``truncated``: the body ended before its announced end; what was read is kept, validators must not be.
    """

    request_url: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[Hop, ...] = ()
    truncated: bool = False
    wire_bytes: int = 0
    elapsed_s: float = 0.0
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHints:
    """What the feed document asks of its readers; seconds, hours 0-23 UTC, days 0 = Monday."""

    ttl_s: float | None = None
    update_period_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document. ``format``: rss20, rss10, atom10, json11, news_sitemap, ...; ``parser``: who read it."""

    format: str
    parser: str
    title: str | None
    site_url: str | None
    language: str | None
    entries: tuple[Entry, ...]
    hints: FeedHints = FeedHints()
    next_archive: str | None = None
    warnings: tuple[str, ...] = ()
    dropped: int = 0
    """Items that carry neither link nor usable id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A fetched document that should hold one article. ``content_type`` as the server said it, lower case."""

    requested_url: str
    url: str
    content_type: str
    body: bytes
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    """Only what extraction reads: content-language, last-modified, link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a page says, before anybody knows whether the article is new."""

    kind: Kind
    canonical_url: str | None
    site_name: str | None
    title: str | None
    authors: tuple[Author, ...]
    summary: str | None
    section: str | None
    tags: tuple[str, ...]
    image: str | None
    language: str | None
    date_published: datetime | None
    date_published_raw: str | None
    date_published_from: Literal["feed", "page", "url", "none"]
    date_modified: datetime | None
    content_text: str
    credits: tuple[Credit, ...]
    dateline: Dateline | None
    extraction: Extraction
    notes: tuple[str, ...] = ()
    """What was decided on the way (for ``extract --explain``): one line each."""
