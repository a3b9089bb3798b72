"""The store: one commit point, an outbox, two streams.

with store.transaction() as tx:        # BEGIN IMMEDIATE
    tx.articles.put(article, keys)     #   state changes, and the exact bytes of the line into the outbox
    tx.stories.put(story)
                                       # COMMIT; append both streams; fsync; the next transaction clears the outbox
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import codec, schema, seal
from storage.disk import Disk
from storage.errors import StoreDamaged, StoreFailed, StoreMissing
from storage.layout import STREAMS, Layout, Stream
from storage.lock import WriterLock
from storage.options import StoreOptions
from storage.recovery import examine
from storage.refusals import disk_errors, state_errors
from storage.state import Readers, connect_writer, promised_seq
from storage.streams import Position, StreamWriter
from storage.tables.articles import ArticlesView
from storage.tables.claims import Claims
from storage.tables.frontier import FrontierView
from storage.tables.grouping import BoilerplateView, FingerprintsView
from storage.tables.history import HistoryView
from storage.tables.stories import StoriesView
from storage.tables.web import CheckpointsView, FeedsView, HostsView
from storage.transaction import Transaction

__all__ = ["Store", "StoreOptions", "Transaction"]

Clock = Callable[[], datetime]

OUTBOX_BYTES = 4 << 20
"""So much is appended before the streams are synced and the outbox is cleared: what a start may have to append again."""


class Store:
    """Open one with ``Store.open``. Reads may come from any thread; transactions are serialised."""

    def __init__(self, layout: Layout, options: StoreOptions, clock: Clock, disk: Disk) -> None:
        self.layout = layout
        self.options = options
        self._clock = clock
        self._disk = disk
        self._mutex = threading.Lock()
        self._housekeeping = threading.Lock()
        self._owner = 0
        self._writer: sqlite3.Connection | None = None
        self._lock: WriterLock | None = None
        self._failed = ""
        self._seq = 0
        self._outbox_bytes = 0
        self._streams: dict[Stream, StreamWriter] = {}
        self._readers = Readers(layout.database)
        read = self._readers.connection
        self._claims = Claims()
        self.feeds = FeedsView(read)
        self.frontier = FrontierView(read, self._claims)
        self.articles = ArticlesView(read)
        self.stories = StoriesView(read)
        self.fingerprints = FingerprintsView(read)
        self.boilerplate = BoilerplateView(read)
        self.hosts = HostsView(read)
        self.checkpoints = CheckpointsView(read)
        self.history = HistoryView(read)

    @classmethod
    def open(
        cls,
        data: Path,
        options: StoreOptions | None = None,
        *,
        clock: Clock,
        write: bool = True,
        disk: Disk | None = None,
    ) -> Self:
        """Opens the store in ``data``; a writer creates, upgrades and recovers it.

        Raises StoreInUse (another writer), StoreMissing (nothing to read), StoreDamaged (streams and state contradict
        each other) and StoreFailed (the disk refuses).
        """
        options = options or StoreOptions()
        store = cls(Layout(Path(data)), options, clock, disk or Disk(durable=options.fsync == "batch"))
        try:
            store._open_writer() if write else store._open_reader()
        except BaseException:
            store._release()  # not close: a refused store is left as it was found
            raise
        return store

    def _open_reader(self) -> None:
        if not self.layout.database.exists():
            raise StoreMissing(f"{self.layout.data} holds no store yet")
        schema.check(self._readers.connection())

    def _open_writer(self) -> None:
        with disk_errors("opening the store"):
            self.layout.create()
            self._lock = WriterLock(self.layout.data, self.layout.lock)
            seal.clean(self.layout, self._disk)
            self._writer = connect_writer(self.layout.database, self.options.fsync)
            self._recover(self._writer)

    def _recover(self, db: sqlite3.Connection) -> None:
        self._seq = promised_seq(db)
        known = {row[0]: Position(*row[1:]) for row in db.execute("SELECT * FROM positions")}
        repairs = []
        for stream in STREAMS:
            self._streams[stream] = StreamWriter(stream, self.layout, self.options, self._disk)
            repairs.append(
                examine(
                    self._streams[stream], known.get(stream, Position()), _outbox(db, stream), self._seq, self.layout
                )
            )
        for repair in repairs:
            repair.apply(self._disk, self._clock())
        self._settle(db)

    @property
    def last_seq(self) -> int:
        """The seq of the last published line; 0 before the first."""
        return self._seq if self._writer else promised_seq(self._readers.connection())

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One commit point. An exception inside rolls back; after the commit the lines are published before this returns.

        Raises StoreFailed if the disk refuses: what was committed is then published by the next start, and this store
        takes no further transaction.
        """
        if self._owner == threading.get_ident():
            raise RuntimeError("transactions do not nest")
        with self._mutex:
            self._owner = threading.get_ident()
            try:
                yield from self._transact(self._writing())
            finally:
                self._owner = 0

    def _transact(self, db: sqlite3.Connection) -> Iterator[Transaction]:
        tx = Transaction(lambda: db, self._claims, self._clock(), self._seq)
        with disk_errors("the transaction"):
            db.execute("BEGIN IMMEDIATE")
        try:
            with state_errors("the transaction"):
                yield tx
            self._commit(db)
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        self._publish(tx)
        for action in tx.actions:
            action()

    def _commit(self, db: sqlite3.Connection) -> None:
        with disk_errors("the commit"):
            if self._outbox_bytes >= OUTBOX_BYTES:
                self._clear_outbox(db)
            self._disk.point("before commit")
            db.execute("COMMIT")
            self._disk.point("after commit")

    def _clear_outbox(self, db: sqlite3.Connection) -> None:
        """What the streams durably hold needs nobody to vouch for it; from here on their positions do."""
        with self._final():
            for writer in self._streams.values():
                writer.sync()
        db.execute("DELETE FROM outbox WHERE seq <= ?", (self._seq,))
        for stream, writer in self._streams.items():
            at = writer.position
            db.execute("REPLACE INTO positions VALUES (?, ?, ?, ?)", (stream, at.base, at.size, at.last_seq))
        self._outbox_bytes = 0

    def _settle(self, db: sqlite3.Connection) -> None:
        """Clears the outbox in a transaction of its own."""
        db.execute("BEGIN IMMEDIATE")
        try:
            self._clear_outbox(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _publish(self, tx: Transaction) -> None:
        try:
            for stream, lines in tx.lines.items():
                if lines:
                    self._streams[stream].append(lines, tx.now)
                    self._outbox_bytes += sum(len(line) for _seq, line in lines)
        except BaseException as problem:
            failed = self._fail(problem)
            if isinstance(problem, OSError):
                raise failed from problem
            raise
        self._seq = tx.seq

    @contextmanager
    def _final(self) -> Iterator[None]:
        """What the disk refuses to a stream is not tried again."""
        try:
            yield
        except OSError as problem:
            raise self._fail(problem) from problem

    def _fail(self, problem: BaseException) -> StoreFailed:
        """From here on nothing more is written: what the disk holds is uncertain, what is committed is not."""
        self._failed = f"publishing failed ({problem}); what was committed is safe, and a restart publishes it"
        return StoreFailed(self._failed)

    def _writing(self) -> sqlite3.Connection:
        if self._failed:
            raise StoreFailed(self._failed)
        if self._writer is None:
            raise RuntimeError("this store was opened for reading, or is closed")
        return self._writer

    def maintain(self, *, rotate: bool = False, seal_all: bool = False) -> list[Path]:
        """Closes segments that are due (``rotate``: the active ones too) and seals those past their grace time.

        Meant to be called every minute or so; returns the segments that it sealed. ``seal_all`` waits for no grace time.
        Compression runs outside the writer's lock.
        """
        with self._mutex, disk_errors("rotation"):
            db, now = self._writing(), self._clock()
            with self._final():
                for writer in self._streams.values():
                    writer.rotate(now, force=rotate)
            self._settle(db)
            active = {stream: writer.active_base for stream, writer in self._streams.items()}
            closed = seal.closed_segments(self.layout, active)
        options = replace(self.options, seal=True, plain_grace_hours=0.0) if seal_all else self.options
        with self.rewriting() as disk:
            return seal.seal_closed(closed, self.layout, options, disk, now)

    @contextmanager
    def rewriting(self) -> Iterator[Disk]:
        """Exclusive use of the segments that nobody appends to."""
        if self._writer is None:
            raise RuntimeError("this store was opened for reading, or is closed")
        with self._housekeeping, disk_errors("rewriting segments"):
            yield self._disk

    def vacuum(self) -> None:
        """Rewrites the state without its free pages, so that nothing deleted can be read from the file."""
        with self._mutex, disk_errors("vacuum"):
            db = self._writing()
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Syncs the streams and releases the lock; committed work needs no closing to be safe."""
        try:
            if self._writer is not None and self._streams and not self._failed:
                with self._mutex, disk_errors("closing the store"):
                    self._settle(self._writer)
        finally:
            self._release()

    def _release(self) -> None:
        self._readers.close()
        for writer in self._streams.values():
            writer.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _outbox(db: sqlite3.Connection, stream: Stream) -> Iterator[tuple[int, bytes]]:
    """The stream's promised lines in seq order, with their exact bytes."""
    table = "articles" if stream == "articles" else "stories"
    found = db.execute(
        "SELECT o.seq, ifnull(o.line, t.line)"  # noqa: S608  constants only
        f" FROM outbox AS o LEFT JOIN {table} AS t ON t.n = o.n AND t.seq = o.seq WHERE stream = ? ORDER BY o.seq",
        (stream,),
    )
    for seq, line in found:
        if line is None:
            raise StoreDamaged(f"the state promises line {seq} and does not hold it")
        yield seq, codec.inflate(line)
