"""What a run did: what happened to every feed and to every entry, counted by slug as it happens.

A run of any length costs bounded memory: counters, one line per feed, and a few examples per slug.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.engines.sources import SourceLine
from pipeline.steps.keep import Tally
from storage.records import EntryFate, Poll

EXAMPLES_PER_SLUG = 5
GOOD_POLLS = frozenset({"ok", "unchanged"})
MEANINGS = {
    "ok": "read; new or changed content",
    "unchanged": "nothing new (304, or the same bytes)",
    "stored": "a new article",
    "revised": "a new revision of a known article",
    "duplicate": "announced again: the article is already in the store",
}
"""What the good slugs mean; the others stand in ``pipeline.errors.SLUGS``."""


@dataclass(slots=True, kw_only=True)
class FeedLine:
    """One feed in this run: its last outcome, and what its entries became (counted by ``fate/slug``)."""

    url: str
    name: str | None = None
    outcome: str = "not_polled"
    detail: str | None = None
    polls: int = 0
    failures: int = 0
    announced: int = 0
    new: int = 0
    entries: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One entry that shows what a slug was about."""

    url: str
    detail: str | None
    feed_url: str | None


@dataclass(slots=True, kw_only=True)
class RunSummary:
    """Filled by an engine through ``polled``, ``settled``, ``placed`` and ``noted``; shown by the CLI and ``to_json``."""

    command: str
    started: datetime
    ended: datetime | None = None
    feeds: dict[str, FeedLine] = field(default_factory=dict)
    polls: Counter[str] = field(default_factory=Counter)
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(fate, slug) → entries, as in ``EntryFate``."""
    examples: dict[str, list[Example]] = field(default_factory=dict)
    sources: dict[str, SourceLine] = field(default_factory=dict)
    """A backfill's sources."""
    stories: Counter[str] = field(default_factory=Counter)
    """``Story.change`` → changes published."""
    bytes_read: int = 0
    requests: int = 0
    skipped_feeds: int = 0
    """Feeds that were not due, and so were not asked."""
    pending: int = 0
    """Entries that still wait when the run ends (announced and not yet looked at, or to be retried)."""
    problems: list[str] = field(default_factory=list)
    """Sentences for whatever else went wrong."""
    interrupted: bool = False

    def polled(self, poll: Poll, *, name: str | None = None) -> None:
        """Counts one poll of one feed."""
        line = self._line(poll.feed_url)
        line.name = name or line.name
        line.outcome, line.detail = poll.outcome, poll.detail
        line.polls += 1
        line.failures += poll.outcome not in GOOD_POLLS
        line.announced += poll.entries
        line.new += poll.new
        self.polls[poll.outcome] += 1
        self.bytes_read += poll.bytes_read

    def archived(self, tally: Tally) -> None:
        """Counts what a batch of a backfill's source was."""
        self.sources.setdefault(tally.source, SourceLine(name=tally.source)).add(tally)

    @property
    def sources_read(self) -> float:
        """Sources read, in whole ones: two halves are one."""
        return sum(line.share for line in self.sources.values())

    def settled(self, fate: EntryFate, *, url: str, feed_url: str | None = None, source: str | None = None) -> None:
        """Counts what became of one entry."""
        self.fates[fate.fate, fate.slug] += 1
        if source is not None:
            line = self.sources.setdefault(source, SourceLine(name=source))
            line.entries[f"{fate.fate}/{fate.slug}"] += 1
        elif feed_url is not None:
            self._line(feed_url).entries[f"{fate.fate}/{fate.slug}"] += 1
        if fate.fate != "done":
            shown = self.examples.setdefault(fate.slug, [])
            if len(shown) < EXAMPLES_PER_SLUG:
                shown.append(Example(url=url, detail=fate.detail, feed_url=feed_url))

    def placed(self, changes: Iterable[str]) -> None:
        """Counts published story changes (``Story.change``)."""
        self.stories.update(changes)

    def noted(self, problem: str) -> None:
        """Keeps a sentence about something that went wrong outside any feed or entry."""
        self.problems.append(problem)

    @property
    def entries(self) -> int:
        return sum(self.fates.values())

    @property
    def duration_s(self) -> float:
        return (self.ended - self.started).total_seconds() if self.ended else 0.0

    @property
    def failed(self) -> bool:
        """Something could not be read or must be tried again. A page that is no article (``dropped``) is no failure."""
        bad_fate = any(fate in ("retry", "rejected") for fate, _ in self.fates)
        return bool(self.problems) or bad_fate or any(slug not in GOOD_POLLS for slug in self.polls)

    def of_fate(self, fate: str) -> dict[str, int]:
        """Slug → entries of one fate, most frequent first."""
        rows = [(slug, n) for (kind, slug), n in self.fates.items() if kind == fate]
        return dict(sorted(rows, key=lambda row: (-row[1], row[0])))

    def to_json(self) -> dict[str, Any]:
        """One JSON object; the keys are part of the interface (docs/commands.md)."""
        return {
            "command": self.command,
            "started": _zulu(self.started),
            "ended": _zulu(self.ended) if self.ended else None,
            "duration_s": round(self.duration_s, 3),
            "failed": self.failed,
            "interrupted": self.interrupted,
            "polls": dict(self.polls),
            "skipped_feeds": self.skipped_feeds,
            "entries": {fate: self.of_fate(fate) for fate in ("done", "retry", "dropped", "rejected")},
            "pending": self.pending,
            "stories": dict(self.stories),
            "requests": self.requests,
            "bytes_read": self.bytes_read,
            "problems": self.problems,
            "feeds": [_feed_json(line) for line in self.feeds.values()],
            "sources": [line.to_json() for line in self.sources.values()],
            "examples": {slug: [_example_json(one) for one in shown] for slug, shown in self.examples.items()},
        }

    def _line(self, url: str) -> FeedLine:
        return self.feeds.setdefault(url, FeedLine(url=url))


def _zulu(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _feed_json(line: FeedLine) -> dict[str, Any]:
    return {
        "url": line.url,
        "name": line.name,
        "outcome": line.outcome,
        "detail": line.detail,
        "polls": line.polls,
        "failures": line.failures,
        "announced": line.announced,
        "new": line.new,
        "entries": dict(line.entries),
    }


def _example_json(example: Example) -> dict[str, Any]:
    return {"url": example.url, "detail": example.detail, "feed_url": example.feed_url}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is. Totals grow while feeds are read; ``note`` is a short word on what is in hand."""

    feeds_done: int = 0
    feeds_total: int = 0
    entries_done: int = 0
    entries_total: int = 0
    sources_read: float = 0.0
    sources_total: int = 0
    note: str = ""


Report = Callable[[Progress], None]
"""What an engine calls, from the event loop's thread and as often as it likes; never blocks."""


def silent(_: Progress) -> None:
    """The report of a run that nobody watches."""
