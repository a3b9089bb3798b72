"""Recreates the state from the streams alone: the one command after a lost, damaged or outdated state.

The streams are the truth. What only the web could tell (feeds, validators, the frontier, hosts, checkpoints) is carried
over from the old state as far as that can be read; without it, published articles are known and will not be fetched again.
The new state replaces the old in one rename.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, partial
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import NoReturn, Protocol

import msgspec

from storage import carry, codec, schema, seal
from storage.binding import Connection
from storage.disk import Disk
from storage.errors import StoreDamaged, StoreError, StoreFailed
from storage.layout import STREAMS, Layout
from storage.lock import WriterLock
from storage.options import StoreOptions
from storage.records import Article, Fingerprint, PairLink, Story
from storage.records.articles import REDACTED
from storage.recovery import cut_torn_tail
from storage.retired import Gaps, Range, declare_lost, read_retired
from storage.segments import StreamLine, last_seq, last_seq_of, stream_lines
from storage.state import PAGE_BYTES
from storage.store import Store
from storage.tables.articles import Articles
from storage.tables.base import feed_number, marks
from storage.tables.claims import host_of
from storage.tables.frontier import NO_FEED
from storage.tables.grouping import Fingerprints
from storage.tables.stories import Stories

BATCH = 500


@dataclass(frozen=True, slots=True)
class Placement:
    """An article as it is now, with the number and the time of the line that last changed its content."""

    article: Article
    arrival: int
    arrived: datetime


class Derive(Protocol):
    """What grouping knows and the streams do not say; the pipeline gives it."""

    def keys(self, article: Article) -> Iterable[str]:
        """The URL keys under which the article is found; the first is its entry's."""
        ...

    def fingerprints(self, placements: Sequence[Placement]) -> Iterable[Fingerprint | None]:
        """One fingerprint (None: the text has none) for each article, in order."""
        ...

    def links(self, members: Sequence[Fingerprint]) -> Iterable[PairLink]:
        """The verified pairs within one story, whose members come in the order of their arrival."""
        ...


@dataclass(slots=True, kw_only=True)
class RebuildReport:
    lines: int = 0
    articles: int = 0
    stories: int = 0
    fingerprints: int = 0
    links: int = 0
    carried: dict[str, int] = field(default_factory=dict)
    """Rows taken over from the old state, by table."""
    not_carried: str | None = None
    """Why the old state gave nothing."""
    lost: list[Range] = field(default_factory=list)
    """Seqs that no file holds; declared, so that ``store verify`` accepts the rest."""


Progress = Callable[[int], None]


def rebuild(
    data: Path | str,
    derive: Derive,
    options: StoreOptions | None = None,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
    disk: Disk | None = None,
) -> RebuildReport:
    """Replaces the state by one that is made from the streams.

    Raises StoreInUse if a writer runs, and StoreError if a line cannot be read (``store verify`` names it).
    """
    layout, options = Layout(Path(data)), options or StoreOptions()
    disk = disk or Disk()
    _publish_outbox(layout, options, clock)
    layout.create()
    lock = WriterLock(layout.data, layout.lock)
    try:
        seal.clean(layout, disk)
        for stream in STREAMS:
            cut_torn_tail(layout, stream, disk)
        draft = layout.state / "rebuild.db"
        _forget(draft)
        uri = draft.absolute().as_uri()
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, factory=Connection)) as db:
            db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            db.execute("PRAGMA journal_mode = OFF")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("PRAGMA cache_size = -262144")
            schema.migrate(db)
            report = _Rebuild(layout, db, derive, progress or (lambda _lines: None)).run(clock())
        if report.lost:
            declare_lost(layout, disk, report.lost)
        _install(layout, draft, disk)
    finally:
        lock.release()
    return report


def _publish_outbox(layout: Layout, options: StoreOptions, clock: Callable[[], datetime]) -> None:
    """A sound old state may have promised lines that a crash kept from the streams: an ordinary start publishes them."""
    if layout.database.exists():
        with suppress(StoreDamaged, StoreFailed):
            Store.open(layout.data, options, clock=clock).close()


def _forget(path: Path) -> None:
    for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)


def _install(layout: Layout, draft: Path, disk: Disk) -> None:
    """A write-ahead log of the old state must never meet the new one, so it goes first."""
    fd = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    try:
        disk.sync(fd)
    finally:
        os.close(fd)
    disk.point("rebuilt, not installed")
    for suffix in ("-wal", "-shm"):
        disk.unlink(layout.database.with_name(layout.database.name + suffix))
    disk.point("installing, old log gone")
    disk.replace(draft, layout.database)
    disk.point("installed")


class _Rebuild:
    def __init__(self, layout: Layout, db: sqlite3.Connection, derive: Derive, progress: Progress) -> None:
        self._layout = layout
        self._db = db
        self._derive = derive
        self._progress = progress
        nothing = _NothingToPublish(db)
        self._articles = Articles(lambda: db, nothing)
        self._stories = Stories(lambda: db, nothing, self._articles)
        self._fingerprints = Fingerprints(lambda: db)
        self._report = RebuildReport()

    def run(self, now: datetime) -> RebuildReport:
        db = self._db
        self._report.not_carried = carry.attach(db, self._layout.database)
        if not self._report.not_carried:
            self._report.carried = carry.web_tables(db)
        db.execute(
            "CREATE TEMP TABLE placed (article_id TEXT PRIMARY KEY, content_hash TEXT, arrival INTEGER, arrived REAL)"
        )
        db.execute("CREATE INDEX temp.placed_by_arrival ON placed (arrival)")
        db.execute("BEGIN")
        last = self._read_streams()
        if not self._report.not_carried:
            carry.retired(db, max(read_retired(self._layout, stream).through_seq for stream in STREAMS))
        self._forget_unpublished()
        self._announce_again()
        for placements in _batches(self._placed()):
            self._know(placements, codec.seconds(now))
            self._fingerprint(placements)
        self._link()
        self._note_positions(last)
        db.execute("COMMIT")
        self._report.articles, self._report.stories = self._articles.count(), self._stories.count()
        return self._report

    def _read_streams(self) -> int:
        last, gaps = 0, Gaps(self._layout)
        for line in merge(*(stream_lines(self._layout, stream) for stream in STREAMS)):
            if not gaps.legal(last + 1, line.seq - 1):
                self._report.lost.append((last + 1, line.seq - 1))
            last = line.seq
            self._restore(line)
            self._report.lines += 1
            self._progress(self._report.lines)
        return max(last, last_seq(self._layout), *(read_retired(self._layout, s).through_seq for s in STREAMS))

    def _restore(self, line: StreamLine) -> None:
        try:
            if line.segment.stream == "articles":
                self._restore_article(codec.article(line.raw), line)
            else:
                self._stories.restore(codec.story(line.raw), line.seq, line.raw)
        except msgspec.DecodeError as problem:
            raise StoreError(f"{line.segment.path}, line {line.number}: {problem}") from problem

    def _restore_article(self, article: Article, line: StreamLine) -> None:
        self._articles.restore(article, line.seq, line.raw, self._derive.keys(article))
        self._db.execute(
            "INSERT INTO placed VALUES (?, ?, (SELECT ifnull(max(arrival), 0) + 1 FROM placed), ?) ON CONFLICT DO UPDATE"
            " SET content_hash = excluded.content_hash, arrival = excluded.arrival, arrived = excluded.arrived"
            " WHERE content_hash <> excluded.content_hash",
            (article.id, article.content_hash, codec.seconds(codec.time_of(line.raw))),
        )

    def _forget_unpublished(self) -> None:
        """Entries whose article no stream holds are forgotten, so that their feeds announce them anew."""
        gone = "SELECT id FROM entries WHERE article_id IS NOT NULL AND article_id NOT IN (SELECT id FROM articles)"
        for table, column in (("entry_keys", "entry"), ("announcements", "entry"), ("entries", "id")):
            self._db.execute(f"DELETE FROM {table} WHERE {column} IN ({gone})")  # noqa: S608  constants

    def _announce_again(self) -> None:
        """What the frontier remembers of further feeds is not in the lines."""
        further = self._db.execute(
            "SELECT DISTINCT a.id, f.url FROM entry_keys JOIN article_keys USING (hash) JOIN announcements USING (entry)"
            " JOIN feed_names AS f ON f.id = feed JOIN articles AS a ON a.n = article"
            " WHERE f.url <> ? AND instr(a.feeds, '\"' || f.url || '\"') = 0",
            (NO_FEED,),
        ).fetchall()
        for article_id, feed_url in further:
            self._articles.announced_by(article_id, feed_url)

    def _placed(self) -> Iterator[Placement]:
        found = self._db.execute(
            "SELECT line, story_id, arrival, arrived FROM placed JOIN articles ON id = article_id ORDER BY arrival"
        )
        for line, story_id, arrival, arrived in found:
            article = replace(codec.article(codec.inflate(line)), story_id=story_id)
            yield Placement(article, arrival, codec.moment(arrived))

    def _know(self, placements: Sequence[Placement], now_s: float) -> None:
        """Puts published articles that the frontier does not know into it, as done: they need not be fetched again."""
        for article in (placement.article for placement in placements):
            keys = list(self._derive.keys(article))
            hashes = [codec.key_hash(key) for key in keys]
            known = f"SELECT 1 FROM entry_keys WHERE hash IN ({marks(hashes)})"  # noqa: S608  marks only
            if keys and not self._db.execute(known, hashes).fetchone():
                self._know_one(article, keys[0], hashes, now_s)

    def _know_one(self, article: Article, key: str, hashes: list[bytes], now_s: float) -> None:
        db = self._db
        status, slug = (3, "redacted") if article.content_hash == REDACTED else (2, "stored")
        number = db.execute(
            "INSERT INTO entries (key, host, lane, status, next_at, slug, article_id, first_seen, settled_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (key, host_of(article.url), int(article.backfill), status, now_s, slug, article.id,
             codec.seconds(article.date_first_seen), now_s),
        ).lastrowid  # fmt: skip
        db.executemany("INSERT OR IGNORE INTO entry_keys VALUES (?, ?)", [(key_hash, number) for key_hash in hashes])
        for feed in article.feeds:
            db.execute(
                "INSERT OR IGNORE INTO announcements VALUES (?, ?, NULL, ?)", (number, feed_number(db, feed), now_s)
            )

    def _fingerprint(self, placements: Sequence[Placement]) -> None:
        usable = [placement for placement in placements if placement.article.status == "usable"]
        for fingerprint in self._derive.fingerprints(usable):
            if fingerprint is not None:
                self._fingerprints.put(fingerprint)
                self._report.fingerprints += 1

    def _link(self) -> None:
        shared = self._db.execute("SELECT story_id FROM fingerprints GROUP BY story_id HAVING count(*) > 1").fetchall()
        for (story_id,) in shared:
            members = self._fingerprints.get(self._fingerprints.members(story_id))
            links = list(self._derive.links(sorted(members.values(), key=lambda member: member.arrival)))
            self._fingerprints.put_links(links)
            self._report.links += len(links)

    def _note_positions(self, last: int) -> None:
        self._db.execute("INSERT INTO meta VALUES ('rebuilt_seq', ?)", (last,))
        for stream in STREAMS:
            segments = self._layout.segments(stream)
            if segments:
                end = segments[-1]
                size = 0 if end.sealed else end.path.stat().st_size
                self._db.execute(
                    "INSERT INTO positions VALUES (?, ?, ?, ?)", (stream, end.base, size, last_seq_of(end))
                )


class _NothingToPublish:
    """A rebuild takes over lines; it never makes one."""

    now = datetime.min.replace(tzinfo=UTC)

    def __init__(self, db: sqlite3.Connection) -> None:
        self.feed_number = cache(partial(feed_number, db))

    def publish(self, record: Article | Story) -> NoReturn:
        raise AssertionError(f"a rebuild published {record!r}")

    def promise(self, seq: int, row: int) -> NoReturn:
        raise AssertionError(f"a rebuild promised line {seq} of row {row}")

    def afterwards(self, action: Callable[[], None]) -> None:
        action()


def _batches(items: Iterator[Placement]) -> Iterator[list[Placement]]:
    while batch := list(islice(items, BATCH)):
        yield batch
