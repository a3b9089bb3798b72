"""The server's own side database: what lists, filters, search and sums are answered from.

Everything in it can be made again from the streams and the state; another version of the schema, or damage, means: anew.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path

VERSION = 1
NAME = "serve.db"

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- articles: the latest line of each, in order of arrival; lane 1: through backfill; carried: built on, or credited to, another
CREATE TABLE article (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, story TEXT NOT NULL, domain TEXT NOT NULL,
    language TEXT, backfill INTEGER NOT NULL, revision INTEGER NOT NULL, seq INTEGER NOT NULL, out REAL NOT NULL,
    agencies TEXT NOT NULL, credited INTEGER NOT NULL, carried INTEGER NOT NULL DEFAULT 0, line BLOB NOT NULL);
CREATE INDEX article_by_story ON article (story);
CREATE INDEX article_by_out ON article (out, domain, carried);
CREATE TABLE revision (article TEXT NOT NULL, revision INTEGER NOT NULL, seq INTEGER NOT NULL, line BLOB NOT NULL,
    PRIMARY KEY (article, revision)) WITHOUT ROWID;
CREATE TABLE source (domain TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = 'ascii', columnsize = 0);

-- stories: one row for lists, one row in facet for each thing that one can filter by
CREATE TABLE story (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, first_out REAL NOT NULL,
    size INTEGER NOT NULL, card BLOB NOT NULL);
CREATE INDEX story_by_time ON story (first_out, n);
CREATE INDEX story_by_change ON story (seq);
CREATE TABLE facet (kind TEXT NOT NULL, value TEXT NOT NULL, first_out REAL NOT NULL, story INTEGER NOT NULL,
    seq INTEGER NOT NULL, PRIMARY KEY (kind, value, first_out, story)) WITHOUT ROWID;
CREATE INDEX facet_by_change ON facet (kind, value, seq);
CREATE INDEX facet_by_story ON facet (story);
CREATE TABLE label (kind TEXT NOT NULL, value TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (kind, value)) WITHOUT ROWID;

-- copies: a version and the one it is built on, where both belong to different sources
CREATE TABLE copy (article TEXT PRIMARY KEY, story INTEGER NOT NULL, copier TEXT NOT NULL, source TEXT NOT NULL,
    delay_s REAL NOT NULL, out REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX copy_by_story ON copy (story);
CREATE INDEX copy_by_out ON copy (out, copier, source, delay_s);
"""


class IndexFile:
    """Connections to the side database: one that writes, and one read-only connection for each thread that asks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._generation = 0
        self._open: list[sqlite3.Connection] = []

    def writer(self) -> sqlite3.Connection:
        """A connection that writes; the file is made, or made anew where it cannot be used."""
        try:
            return self._writer()
        except sqlite3.DatabaseError as problem:
            if problem.sqlite_errorname not in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
                raise
        self.discard()
        return self._writer()

    def _writer(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=30)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")  # what was redacted must not stay in free pages
            db.execute("PRAGMA cache_size = -32768")
            db.execute("BEGIN IMMEDIATE")
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found == 0:
                for statement in _statements():
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {VERSION}")
            db.execute("COMMIT")
        except BaseException:
            db.close()
            raise
        if found in {0, VERSION}:
            return db
        db.close()
        self.discard()
        return self._writer()

    def discard(self) -> None:
        """Removes the file; readers open the next one when they ask again."""
        with self._lock:
            self._generation += 1
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + suffix).unlink()

    def reader(self) -> sqlite3.Connection:
        """The calling thread's read-only connection."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is not None and held[0] == self._generation:
            return held[1]
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
        db.execute("PRAGMA cache_size = -16384")
        self._local.held = (self._generation, db)
        with self._lock:
            self._open.append(db)
        return db

    def close(self) -> None:
        with self._lock:
            for db in self._open:
                db.close()
            self._open.clear()
            self._generation += 1


def _statements() -> list[str]:
    return [statement for part in TABLES.split(";\n") if (statement := part.strip())]


def value(db: sqlite3.Connection, name: str) -> int:
    """A number that is kept under a name; 0 before it was."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0


def keep(db: sqlite3.Connection, name: str, number: int) -> None:
    """Writes only where it differs."""
    if value(db, name) != number:
        db.execute("REPLACE INTO meta VALUES (?, ?)", (name, number))
