"""``stories.jsonl``: the last line of every story, replaced atomically, so that a reader always sees a whole view."""

import os
import time
from collections.abc import Callable

from storage.disk import Disk
from storage.store import Store

REST = 20.0
"""After a refresh that took t seconds the next waits 20 t: a view of a million stories must not eat the writer's time."""
LINES_A_WRITE = 1000


class StoriesFile:
    """Keeps the view current. ``refresh`` is cheap to call often: it writes only after a change, and not all the time."""

    def __init__(
        self, store: Store, *, disk: Disk | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._disk = disk or Disk()
        self._monotonic = monotonic
        self._written = -1
        self._rested_at = 0.0

    def refresh(self, *, force: bool = False) -> bool:
        """Replaces the view if a story has changed since; ``force`` does not wait for the rest to be over."""
        seq = self._store.stories.last_seq()
        started = self._monotonic()
        if not force and (seq == self._written or started < self._rested_at):
            return False
        self._write()
        self._written = seq
        finished = self._monotonic()
        self._rested_at = finished + REST * (finished - started)
        return True

    def _write(self) -> None:
        target = self._store.layout.stories_view
        draft = target.with_name(f".{target.name}.tmp")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            lines: list[bytes] = []
            for line in self._store.stories.lines():
                lines.append(line)
                if len(lines) == LINES_A_WRITE:
                    self._disk.write(fd, b"".join(lines))
                    lines.clear()
            self._disk.write(fd, b"".join(lines))
            self._disk.sync(fd)
        finally:
            os.close(fd)
        self._disk.point("before view replacement")
        self._disk.replace(draft, target)
        self._disk.point("after view replacement")
