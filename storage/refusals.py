"""What SQLite and the disk refuse, as the store's own errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StoreDamaged, StoreFailed


@contextmanager
def state_errors(doing: str) -> Iterator[None]:
    """SQLite's refusals as the store's own errors; a caller's mistakes stay what they are."""
    try:
        yield
    except sqlite3.DatabaseError as problem:
        if isinstance(problem, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        if problem.sqlite_errorname in {"SQLITE_CORRUPT", "SQLITE_NOTADB"}:
            raise StoreDamaged(f"the state is damaged ({problem})") from problem
        raise StoreFailed(f"{doing} failed: {problem}") from problem


@contextmanager
def disk_errors(doing: str) -> Iterator[None]:
    """The disk's refusals too."""
    try:
        with state_errors(doing):
            yield
    except OSError as problem:
        raise StoreFailed(f"{doing} failed: {problem}") from problem
