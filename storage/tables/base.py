"""What every table is bound to: a connection, and inside a transaction what a commit needs."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from storage.records import Article, Story

T = TypeVar("T")
Connect = Callable[[], sqlite3.Connection]

MAX_VARIABLES = 500
"""Keys in one SELECT … IN: below SQLite's limit, and a statement that stays in the cache."""


class View:
    """Reads through the connection that ``connect`` gives: the calling thread's, or the transaction's."""

    def __init__(self, connect: Connect) -> None:
        self._db = connect


class Commit(Protocol):
    """A running transaction as the tables see it."""

    now: datetime

    def publish(self, record: Article | Story) -> tuple[int, bytes]:
        """Makes the record's line; returns its seq and its bytes."""
        ...

    def promise(self, seq: int, row: int) -> None:
        """Puts the line into the outbox: its bytes are those of row ``row`` of its table."""
        ...

    def feed_number(self, url: str) -> int:
        """The small number that stands for a feed URL."""
        ...

    def afterwards(self, action: Callable[[], None]) -> None:
        """Runs ``action`` once the transaction has committed."""
        ...


def chunks(items: Collection[T], size: int = MAX_VARIABLES) -> Iterator[Sequence[T]]:
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def marks(items: Sequence[object]) -> str:
    """``?,?,?`` for an IN clause."""
    return ",".join("?" * len(items))


def feed_number(db: sqlite3.Connection, url: str) -> int:
    """The small number that stands for a feed URL; given at the first call."""
    row = db.execute("SELECT id FROM feed_names WHERE url = ?", (url,)).fetchone()
    if row is None:
        row = (db.execute("INSERT INTO feed_names (url) VALUES (?)", (url,)).lastrowid,)
    return int(row[0])
