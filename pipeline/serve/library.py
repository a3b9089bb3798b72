"""What the pages read: the store, and the side database beside it. Read-only to everybody but the indexer's own file."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.serve.index import Indexer, IndexFile
from pipeline.serve.index.schema import NAME
from pipeline.settings import Settings
from storage import codec
from storage.layout import Layout
from storage.records import Article
from storage.store import Store

LOOK_S = 1.0
"""How often the state's file is looked at: ``store rebuild`` puts another one in its place."""


class Library:
    """One store and its index. ``store()`` and ``index`` may be used from any thread."""

    def __init__(
        self, data: Path, settings: Settings, *, index: Path | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.data = data
        self.settings = settings
        self.now = clock or (lambda: datetime.now(UTC))
        self._layout = Layout(data)
        self._lock = threading.Lock()
        self._stores: list[Store] = []
        self._inode = -1
        self._looked = 0.0
        self.index = IndexFile(index or self._layout.state / NAME)
        self.indexer = Indexer(self.index, self)

    def store(self) -> Store:
        """The store as it is now. Raises StoreMissing, StoreDamaged."""
        with self._lock:
            if time.monotonic() - self._looked > LOOK_S or not self._stores:
                self._look()
            return self._stores[-1]

    def _look(self) -> None:
        inode = -1
        with contextlib.suppress(FileNotFoundError):
            inode = self._layout.database.stat().st_ino
        if not self._stores or inode != self._inode:
            self._stores.append(Store.open(self.data, clock=self.now, write=False))
            self._inode = inode
            for old in self._stores[:-2]:  # a request in another thread may still read the one before
                old.close()
            del self._stores[:-2]
        self._looked = time.monotonic()

    def revisions(self, article_id: str) -> list[Article]:
        """Every revision of the article that is known, the first one first; the last is as the store has it now."""
        rows = self.index.reader().execute(
            "SELECT line FROM revision WHERE article = ? ORDER BY revision", (article_id,)
        )
        older = [codec.article(codec.inflate(line)) for (line,) in rows]
        current = self.store().articles.get(article_id)
        if current is None:
            return []
        return [*(one for one in older if one.revision < current.revision), current]

    def close(self) -> None:
        self.indexer.stop()
        self.index.close()
        with self._lock:
            for store in self._stores:
                store.close()
            self._stores.clear()

    @contextlib.contextmanager
    def following(self) -> Iterator["Library"]:
        """With the indexer at work."""
        self.indexer.start()
        try:
            yield self
        finally:
            self.close()
