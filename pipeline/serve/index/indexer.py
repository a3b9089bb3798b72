"""Keeps the side database current: follows the streams, and takes from the state what the streams no longer hold.

First the streams from their beginning (old revisions stand only there), then once whatever retention took out of them but the
state still knows. Afterwards every new line within a fraction of a second. Requests never write.
"""

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from pipeline.serve.index.schema import IndexFile, keep, value
from pipeline.serve.index.writing import Writing
from storage import codec
from storage.consume import Line, Reader
from storage.errors import StoreError
from storage.records import Article, Story
from storage.store import Store

log = logging.getLogger(__name__)

BATCH = 200
"""Lines a transaction: 30 ms of work, so that a second server, or a stop, never waits long."""
POLL_S = 0.5
RETRY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the index is: every line up to ``seq`` of ``last_seq``; ``problem`` is set while it cannot go on."""

    seq: int = 0
    last_seq: int = 0
    complete: bool = False
    problem: str = ""

    @property
    def share(self) -> float:
        return min(1.0, self.seq / self.last_seq) if self.last_seq else 1.0


class StoreSource(Protocol):
    """Where the store is found: ``pipeline.serve.library.Library``."""

    data: Path

    def store(self) -> Store:
        """The store as it is now, opened for reading."""
        ...


class Indexer:
    """``start`` follows in a thread of its own until ``stop``; ``catch_up`` does the same work once, in the caller's."""

    def __init__(self, file: IndexFile, source: "StoreSource") -> None:
        self._file = file
        self._source = source
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._db: sqlite3.Connection | None = None
        self._reader: Reader | None = None
        self.progress = Progress()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._follow, name="indexer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._release()

    def catch_up(self) -> Progress:
        """Everything that is published now."""
        store = self._source.store()
        self._open(store)
        while self._step(store) and not self._stop.is_set():
            pass
        self._clean()
        return self.progress

    def _follow(self) -> None:
        while not self._stop.is_set():
            rest = POLL_S
            try:
                self.catch_up()
            except (StoreError, sqlite3.Error, OSError, ValueError) as problem:
                self.progress = Progress(
                    seq=self.progress.seq,
                    last_seq=self.progress.last_seq,
                    complete=self.progress.complete,
                    problem=str(problem),
                )
                log.warning("the index stands still", extra={"problem": str(problem)})
                self._release()
                rest = RETRY_S
            self._stop.wait(rest)

    def _release(self) -> None:
        for held in (self._reader, self._db):
            if held is not None:
                with contextlib.suppress(sqlite3.Error, OSError):
                    held.close()
        self._reader = self._db = None

    def _open(self, store: Store) -> None:
        if self._db is None:
            self._db = self._file.writer()
        if value(self._db, "position") > store.last_seq:
            log.warning("the streams were replaced: the index is made anew")
            self._release()
            self._file.discard()
            self._db = self._file.writer()

    def _step(self, store: Store) -> int:
        """One batch; how many lines it had."""
        assert self._db is not None
        started = time.monotonic()
        with _transaction(self._db) as db:
            position = value(db, "position")
            lines = list(islice(self._lines(position), BATCH))
            writing = Writing(db)
            for line in lines:
                _apply(writing, line.record(), line.seq, line.raw)
            position = lines[-1].seq if lines else position
            keep(db, "position", position)
            complete = value(db, "complete")
        if not lines and not complete:
            self._complete(store)
            complete = 1
        self.progress = Progress(seq=position, last_seq=max(position, store.last_seq), complete=bool(complete))
        if lines:
            log.debug("indexed", extra={"lines": len(lines), "ms": round(1000 * (time.monotonic() - started))})
        return len(lines)

    def _clean(self) -> None:
        """What was redacted stands in old pages of the write-ahead log until that is emptied; a reader may delay it."""
        if self._db is not None and value(self._db, "unclean"):
            busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                keep(self._db, "unclean", 0)
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _lines(self, position: int) -> Iterator[Line]:
        """The reader keeps its place between batches; another server's progress, or a failed batch, moves it."""
        if self._reader is None or self._reader.position != position:
            if self._reader is not None:
                self._reader.close()
            self._reader = Reader(self._source.data, after=position)
        return self._reader.read()

    def _complete(self, store: Store) -> None:
        """What the state knows and the streams do not say any more, in batches; then the index is complete."""
        assert self._db is not None
        for article, raw in _articles_not_in(self._db, store):
            with _transaction(self._db) as db:
                Writing(db).article(article, codec.seq_of(raw), raw)
            if self._stop.is_set():
                return
        for story, seq in _stories_not_in(self._db, store):
            with _transaction(self._db) as db:
                Writing(db).story(story, seq)
            if self._stop.is_set():
                return
        with _transaction(self._db) as db:
            keep(db, "complete", 1)


def _apply(writing: Writing, record: Article | Story, seq: int, raw: bytes) -> None:
    if isinstance(record, Article):
        writing.article(record, seq, raw)
    else:
        writing.story(record, seq)


def _articles_not_in(db: sqlite3.Connection, store: Store) -> Iterator[tuple[Article, bytes]]:
    if db.execute("SELECT count(*) FROM article").fetchone()[0] < store.articles.count():
        for raw, article in store.articles.published():
            if db.execute("SELECT 1 FROM article WHERE id = ?", (article.id,)).fetchone() is None:
                yield article, raw


def _stories_not_in(db: sqlite3.Connection, store: Store) -> Iterator[tuple[Story, int]]:
    if db.execute("SELECT count(*) FROM story").fetchone()[0] < store.stories.count():
        for line in store.stories.lines():
            story = codec.story(line)
            if db.execute("SELECT 1 FROM story WHERE id = ?", (story.story_id,)).fetchone() is None:
                yield story, codec.seq_of(line)


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
