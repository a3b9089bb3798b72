"""What the web told us: feeds with their schedule and validators, entries of the frontier, polls, hosts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from storage.records.articles import Via


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """Opaque cache validators, sent back byte for byte (RFC 9110 §8.8); ``body_hash`` is SHA-256 of the decoded body."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional: bool = True
    """False once a server was caught answering 304 for ever."""
    unchanged_since_full: int = 0
    """Polls answered 304 since the last full body: when a probe is due."""
    full_at: datetime | None = None
    honest_at: datetime | None = None
    """When a conditional request was last answered with a body that had changed: proof that the server notices."""
    probes: int = 0
    """Unconditional probes in a row that found nothing: each makes the next one rarer."""
    ignored: int = 0
    """Conditional requests in a row that were answered with the body already known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSchedule:
    """Why ``Feed.next_due`` is what it is. Durations in seconds."""

    interval_s: float = 1800.0
    hint_floor_s: float = 0.0
    """The longest of ttl, Cache-Control, Expires and sy:update*, remembered across 304."""
    document_floor_s: float = 0.0
    """Of these, what the document says (ttl, sy:update*)."""
    http_floor_s: float = 0.0
    """Of these, what the response says (Cache-Control, Expires)."""
    window: int = 0
    """Entries in the last full document."""
    learned_h: float = 0.0
    """Hours of observation behind ``profile``, decayed with it."""
    profile: tuple[float, ...] = ()
    """Entries published per hour of the UTC day (24 decayed counts)."""
    weekdays: tuple[float, ...] = ()
    """The same per day of the week (7, Monday first)."""
    minutes: tuple[float, ...] = ()
    """The same per ten minutes of the hour (6): what a timer publishes comes at the same minute."""
    recent: float = 0.0
    """Entries of the last hours (a count that halves every few hours): a burst shows here first."""
    lately: float = 0.0
    """Entries of the last days (a count that halves every day): a feed that wakes up shows here."""
    fill_s: float | None = None
    """The shortest time in which most of a window was ever published, slowly forgotten: a bound for the interval."""
    learned_at: datetime | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    error_weight: float = 0.0
    overlap: float | None = None
    """Share of the last full window that was already known (0..1); None before the second full fetch."""
    burst_until: datetime | None = None
    gone_count: int = 0
    gone_since: datetime | None = None
    redirect_to: str | None = None
    redirect_since: datetime | None = None
    redirect_seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A subscribed feed. ``interval_minutes`` and ``headers`` are the subscriber's wishes; the rest was learned."""

    url: str
    name: str | None = None
    title: str | None = None
    site_url: str | None = None
    language: str | None = None
    interval_minutes: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    http2: bool = True
    full_text: bool = False
    """True: trust the feed's own full text and fetch no pages."""
    active: bool = True
    fetch_url: str | None = None
    """Where a proven permanent redirect leads; ``url`` stays the feed's name."""
    former_urls: tuple[str, ...] = ()
    validators: Validators = Validators()
    schedule: FeedSchedule = FeedSchedule()
    next_due: datetime | None = None
    added_at: datetime | None = None
    last_polled: datetime | None = None
    last_success: datetime | None = None
    last_outcome: str | None = None
    """A slug from ``pipeline.errors``, or ``ok`` / ``unchanged``."""
    last_detail: str | None = None
    entries_seen: int = 0
    anomalies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An announced item. ``key`` is the identity of what it announces (see ``pipeline.text.urls``), the same through
    every feed, sitemap and archive; ``revision_hash`` changes when the announcement was edited (empty: it does not tell).
    """

    key: str
    url: str
    feed_url: str | None
    entry_id: str | None
    via: Via
    revision_hash: str
    title: str | None = None
    authors: tuple[str, ...] = ()
    summary: str | None = None
    content_html: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None
    credit: str | None = None
    """RSS ``<source>`` or ``dc:source``: whom the feed itself credits."""
    credit_url: str | None = None
    date_published: datetime | None = None
    date_published_raw: str | None = None
    date_modified: datetime | None = None
    first_seen: datetime | None = None
    backfill: bool = False
    aliases: tuple[str, ...] = ()
    """Further keys under which the same article is announced (guid-permalink, feedproxy target, ...)."""
    has_page: bool = True
    """False: ``url`` is the feed's own, there is nothing to fetch; what the feed carries is all there is."""
    date_quality: str | None = None
    """None: as stated. Without a date: ``absent``, ``unparsable``, ``epoch``, ``ancient``, ``future``, ``constant``; with
    one: ``ahead`` (set to the time of the poll), ``ambiguous``, ``no_zone``, ``day_only``, ``updated``."""
    source: str | None = None
    """The backfill source that found it, as its summary names it."""
    since: datetime | None = None
    until: datetime | None = None
    """A backfill's bounds: what was published before ``since``, or not before ``until``, is dropped (``out_of_range``)."""
    archive_url: str | None = None
    """Where an archive keeps a copy of the page: read where the page itself cannot be had."""
    archived: bool = False
    """True: the copy is what is asked for, and the page is not."""
    attempts: int = 0

    @property
    def fetch_url(self) -> str:
        """Where the entry is read first."""
        return self.archive_url if self.archived and self.archive_url else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFate:
    """What became of an entry: ``done`` (``slug`` stored, revised, unchanged, duplicate), ``retry`` at ``retry_at``,
    ``dropped`` (looked at, not an article) or ``rejected`` (cannot be read); the last two are kept with their reason.
    """

    key: str
    fate: Literal["done", "retry", "dropped", "rejected"]
    slug: str
    detail: str | None = None
    retry_at: datetime | None = None
    article_id: str | None = None
    counted: bool = True
    """False: a ``retry`` that costs the entry no attempt (our own outage, a closed gate: the page was never asked)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One line of a feed's history (the last 30 are kept)."""

    feed_url: str
    at: datetime
    outcome: str
    status: int | None
    duration: timedelta
    bytes_read: int
    entries: int
    new: int
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """Something that a reader of the store should know although nothing failed (truncated, stale-304, ...)."""

    at: datetime
    subject: str
    slug: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Politeness that must outlive a restart: when the gate opens again, and the robots.txt that was read."""

    host: str
    closed_until: datetime | None = None
    interval_s: float | None = None
    backoff_s: float = 0.0
    robots_body: str | None = None
    robots_fetched: datetime | None = None
    robots_status: int | None = None
