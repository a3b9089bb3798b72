"""The one writer: a bounded queue in, one transaction at a time out, on a thread of its own.

What the steps return waits here until a batch is full or has waited long enough; then it is grouped and committed together,
so that the cost of a durable commit is shared. A failed commit is fatal and ends the run: nothing was lost, because a record
counts as done only when its transaction is.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from pipeline.settings import StoreSettings

R = TypeVar("R")


class Keeper(Generic[R]):
    """Commits records of type ``R`` through ``commit(batch)``, which runs on the writer's thread.

    ``committed(batch)`` is called on the event loop after each batch. ``put`` waits while the queue is full: that is what
    bounds memory when the disk is slower than the web.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[R]], None],
        committed: Callable[[Sequence[R]], None],
        settings: StoreSettings,
    ) -> None:
        self._commit = commit
        self._committed = committed
        self._batch = settings.batch_articles
        self._wait_s = settings.batch_wait_s
        self._queue: asyncio.Queue[R | None] = asyncio.Queue(maxsize=2 * settings.batch_articles)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keeper")
        self._in_hand = 0
        self._closed = False
        self._flush = asyncio.Event()

    @property
    def idle(self) -> bool:
        """True when everything that was put is committed."""
        return self._in_hand == 0

    async def put(self, record: R) -> None:
        self._in_hand += 1
        await self._queue.put(record)
        if self._queue.qsize() >= self._batch:
            self._flush.set()

    def flush(self) -> None:
        """Asks for a commit now: nothing more is on its way."""
        self._flush.set()

    async def call(self, function: Callable[[], None]) -> None:
        """Runs ``function`` on the writer's thread, between two commits (maintenance); nothing once closed."""
        if self._closed:
            return
        await asyncio.get_running_loop().run_in_executor(self._thread, function)

    async def run(self) -> None:
        """Commits until ``finish``; what was put before it is kept first."""
        while True:
            batch: list[R] = []
            more = await self._gather(batch)
            if batch:
                await self._keep(batch)
            if not more:
                return

    async def finish(self) -> None:
        """Ends ``run`` once everything that was put is committed."""
        await self._queue.put(None)
        self._flush.set()

    def close(self) -> None:
        self._closed = True
        self._thread.shutdown(wait=True)

    async def _gather(self, batch: list[R]) -> bool:
        """Fills the batch once it is full, has waited long enough, or somebody asked for a commit now; False at the end."""
        first = await self._queue.get()
        if first is None:
            return False
        batch.append(first)
        if self._queue.qsize() + 1 < self._batch:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s):
                    await self._flush.wait()
        self._flush.clear()
        while len(batch) < self._batch and not self._queue.empty():
            following = self._queue.get_nowait()
            if following is None:
                return False
            batch.append(following)
        return True

    async def _keep(self, batch: Sequence[R]) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._commit, batch)
        self._in_hand -= len(batch)
        self._committed(batch)
