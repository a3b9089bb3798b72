"""Connections to the state: the writer's, and one read-only connection for each thread that asks."""

import sqlite3
import threading
from pathlib import Path
from typing import Literal

from storage import schema
from storage.binding import Connection

CACHE_KIB = 32 * 1024
READER_CACHE_KIB = 8 * 1024
"""A reader's misses are answered from the system's page cache, which all share; the writer's pages are changed many times."""
PAGE_BYTES = 8192
"""A packed article has 2 kB: 36 µs an article, and 2.8 kB on disk; with 4,096 it was 87 µs and 4.2 kB."""
CHECKPOINT_PAGES = 4000
"""32 MiB of write-ahead log: random keys are merged before they reach their pages (1,000 wrote several times as much)."""


def connect_writer(path: Path, fsync: Literal["batch", "none"]) -> sqlite3.Connection:
    """The one connection that writes; the state is created or upgraded."""
    db = _connect(f"{path.absolute().as_uri()}?mode=rwc", CACHE_KIB)
    try:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # counts for a new state only
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {'FULL' if fsync == 'batch' else 'OFF'}")
        db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        db.execute("PRAGMA journal_size_limit = 67108864")
        schema.migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def connect_reader(path: Path) -> sqlite3.Connection:
    return _connect(f"{path.absolute().as_uri()}?mode=ro", READER_CACHE_KIB)


def _connect(uri: str, cache_kib: int) -> sqlite3.Connection:
    db = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
        timeout=10,
        factory=Connection,
    )
    db.execute(f"PRAGMA cache_size = -{cache_kib}")
    db.execute("PRAGMA temp_store = MEMORY")
    return db


class Readers:
    """Read-only connections, one a thread: as many as there ever were threads at one time. All are closed together.

    A thread that ends leaves its connection to the next one that asks. It is not closed: a cursor that the thread handed
    on may still read from it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []

    def connection(self) -> sqlite3.Connection:
        """The calling thread's connection."""
        lease: _Lease | None = getattr(self._local, "lease", None)
        if lease is None:
            lease = self._local.lease = _Lease(self._idle_or_new(), self._idle)
        return lease.db

    def _idle_or_new(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            db = connect_reader(self._path)
            self._open.append(db)
        return db

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        with self._lock:
            for db in self._open:
                db.close()
            self._open, self._idle = [], []  # leases that end later give back to the old list
            self._local = threading.local()


class _Lease:
    """A thread's hold on a connection; it goes with the thread's locals."""

    __slots__ = ("_idle", "db")

    def __init__(self, db: sqlite3.Connection, idle: list[sqlite3.Connection]) -> None:
        self.db = db
        self._idle = idle

    def __del__(self) -> None:
        self._idle.append(self.db)  # atomic: no lock, which the thread could hold already


def promised_seq(db: sqlite3.Connection) -> int:
    """The last seq that was ever given to a line; 0 before the first."""
    query = (
        "SELECT max(ifnull((SELECT max(seq) FROM outbox), 0), ifnull((SELECT max(last_seq) FROM positions), 0),"
        " ifnull((SELECT value FROM meta WHERE name = 'rebuilt_seq'), 0))"
    )
    return int(db.execute(query).fetchone()[0])
