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
        """Puts one line into the outbox; returns its seq and its bytes."""
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


FEED_ID = "(SELECT id FROM feed_names WHERE url = ?)"


def name_feed(db: sqlite3.Connection, url: str) -> None:
    """Gives a feed URL its small number, once."""
    db.execute("INSERT OR IGNORE INTO feed_names (url) VALUES (?)", (url,))
