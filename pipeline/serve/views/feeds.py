"""The health of the feeds: what happened at the last polls, why one is quiet, what did not become an article and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.engines.summary import GOOD_POLLS, MEANINGS
from pipeline.errors import SLUGS
from pipeline.stages.diagnosis import diagnose
from storage.records import Feed, Poll
from storage.store import Store

EXAMPLES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PollView:
    """One poll; ``duration_s`` in seconds."""

    at: datetime
    outcome: str
    status: int | None
    duration_s: float
    bytes_read: int
    entries: int
    new: int
    detail: str | None
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    severity: str
    slug: str
    text: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """One feed. ``health``: ``well``, ``warning``, ``failing`` or ``new``; ``polls`` oldest first."""

    url: str
    name: str
    site_url: str | None
    active: bool
    health: str
    outcome: str | None
    detail: str | None
    last_polled: datetime | None
    last_success: datetime | None
    next_due: datetime | None
    interval_s: float
    entries_seen: int
    findings: tuple[FindingView, ...]
    polls: tuple[PollView, ...]
    by_hour: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlugView:
    """Entries that share a fate; ``meaning`` says it in words."""

    status: str
    slug: str
    entries: int
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostView:
    """One entry that did not become an article."""

    key: str
    detail: str | None
    at: datetime | None


def feed_views(store: Store, now: datetime) -> list[FeedView]:
    """Every feed, the failing ones first."""
    rank = {"failing": 0, "warning": 1, "new": 2, "well": 3}
    views = [feed_view(feed, store.history.polls(feed.url), now) for feed in store.feeds.all()]
    return sorted(views, key=lambda view: (not view.active, rank[view.health], view.name.casefold()))


def feed_view(feed: Feed, polls: Sequence[Poll], now: datetime) -> FeedView:
    findings = tuple(
        FindingView(severity=one.severity, slug=one.slug, text=one.text, remedy=one.remedy)
        for one in diagnose(feed, polls, now=now)
    )
    return FeedView(
        url=feed.url,
        name=feed.name or feed.title or feed.url,
        site_url=feed.site_url,
        active=feed.active,
        health=_health(feed, findings),
        outcome=feed.last_outcome,
        detail=feed.last_detail,
        last_polled=feed.last_polled,
        last_success=feed.last_success,
        next_due=feed.next_due,
        interval_s=feed.schedule.interval_s,
        entries_seen=feed.entries_seen,
        findings=findings,
        polls=tuple(_poll(poll) for poll in sorted(polls, key=lambda poll: poll.at)),
        by_hour=feed.schedule.profile,
    )


def _health(feed: Feed, findings: Sequence[FindingView]) -> str:
    if feed.last_outcome is None:
        return "new"
    worst = {finding.severity for finding in findings}
    return "failing" if "error" in worst else "warning" if "warning" in worst else "well"


def _poll(poll: Poll) -> PollView:
    return PollView(
        at=poll.at,
        outcome=poll.outcome,
        status=poll.status,
        duration_s=poll.duration.total_seconds(),
        bytes_read=poll.bytes_read,
        entries=poll.entries,
        new=poll.new,
        detail=poll.detail,
        good=poll.outcome in GOOD_POLLS,
    )


def slug_views(store: Store) -> list[SlugView]:
    """What became of all entries that did not become articles, the most frequent first."""
    rows = [
        SlugView(status=status, slug=slug, entries=number, meaning=meaning(slug))
        for status, slugs in store.frontier.counts().items()
        if status in {"dropped", "rejected", "retry"}
        for slug, number in slugs.items()
    ]
    return sorted(rows, key=lambda row: (-row.entries, row.slug))


def meaning(slug: str) -> str:
    return SLUGS.get(slug) or MEANINGS.get(slug) or slug.replace("_", " ")


def lost_views(store: Store, slug: str) -> list[LostView]:
    """The latest entries of one fate."""
    found: list[LostView] = []
    for entry in store.history.fates(slug):
        found.append(LostView(key=entry.key, detail=entry.detail, at=entry.settled_at))
        if len(found) == EXAMPLES:
            break
    return found
