"""Who runs the steps: polls, collections and the keeper side by side, with bounded hand-overs between them.

The queues are the tables: a feed waits in ``feeds.next_due``, an entry in the frontier. Only as many as there are free slots
are taken out, so memory grows neither with the number of feeds nor with the number of entries, and a crash loses nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

from pipeline.engines.keeper import Keeper
from pipeline.steps.collect import collect
from pipeline.steps.keep import SETTLE_S, Announced, Record, Supplied
from pipeline.steps.poll import Polled, Poller
from pipeline.world import World
from storage.records import Entry, Feed

log = logging.getLogger(__name__)

FeedSource = Callable[[int, frozenset[str]], Sequence[Feed]]
"""``source(limit, in_hand)``: up to ``limit`` feeds to poll now that are not in hand; empty when there is none (now)."""

SLOTS_PER_CONNECTION = 4
"""Entries in hand for each connection that may be open: one that waits for its host's gate must not idle a connection."""
HOST_SLOTS_PER_CONNECTION = 2
"""Likewise of one host: while one page is extracted and committed the next is fetched."""
ARCHIVE_BATCHES = 8
"""Batches of 500 entries that may wait to be committed: archives are read faster than they are kept."""


class Flow:
    """One running pipeline. ``pump`` returns when idle (``until_idle``) or when ``stop`` was set and all in hand is done."""

    def __init__(
        self,
        world: World,
        commit: Callable[[Sequence[Record]], None],
    ) -> None:
        self._world = world
        self._poller = Poller(world)
        self._wake = asyncio.Event()
        self.keeper: Keeper[Record] = Keeper(commit, self._committed, world.settings.store)
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._polled: set[str] = set()
        """Feeds whose poll is not committed yet: in the store they still look due."""
        self._pages: dict[str, asyncio.Task[None]] = {}
        self._archives: dict[str, asyncio.Task[None]] = {}
        self._announcing = asyncio.Semaphore(ARCHIVE_BATCHES)
        self._kept: dict[int, asyncio.Event] = {}
        self.page_limit: int | None = None
        """So many entries are collected in this run (None: all that are due)."""
        self._crash: BaseException | None = None
        fetch = world.settings.fetch
        self._poll_slots = fetch.concurrency * SLOTS_PER_CONNECTION
        self._page_slots = fetch.concurrency * SLOTS_PER_CONNECTION
        self._per_host = fetch.per_host_concurrency * HOST_SLOTS_PER_CONNECTION

    def wake(self) -> None:
        """Something may be due: look again."""
        self._wake.set()

    @property
    def in_hand(self) -> int:
        return len(self._polls) + len(self._pages) + len(self._archives)

    def read_archive(self, name: str, records: AsyncIterator[Announced | Supplied]) -> None:
        """Reads a backfill source beside everything else; what it announces waits in the frontier like all entries."""
        self._spawn(self._archives, name, self._announce(records))

    async def pump(self, source: FeedSource, *, stop: asyncio.Event, until_idle: bool, patience_s: float = 0.0) -> None:
        """Starts what is due whenever there is room, until told otherwise. Raises what the keeper raised.

        ``until_idle`` ends when nothing becomes due within ``patience_s`` seconds (a host that asked for a pause).
        """
        keeper = asyncio.create_task(self.keeper.run(), name="keeper")
        keeper.add_done_callback(self._keeper_ended)
        stopper = asyncio.create_task(self._wake_on(stop), name="stopper")
        try:
            while not (stop.is_set() or self._crash):
                self._wake.clear()
                started = self._start_polls(source) + self._start_pages()
                if self.in_hand == 0 and not started:
                    self.keeper.flush()
                    if until_idle and self.keeper.idle and not self._due_within(patience_s):
                        break
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SETTLE_S):
                        await self._wake.wait()
            if self._crash is None:
                await self._finish(self._world.settings.schedule.shutdown_grace_s)
        finally:
            await _cancel([stopper, *self._in_hand()])
            # The keeper may die of the commit that is under way: then nobody empties the queue for the last word.
            last_word = asyncio.create_task(self.keeper.finish())
            await asyncio.wait({keeper, last_word}, return_when=asyncio.FIRST_COMPLETED)
            if not last_word.done():
                last_word.cancel()
            await asyncio.wait({keeper})
            self.keeper.close()
        if self._crash is not None:
            raise self._crash

    def _start_polls(self, source: FeedSource) -> int:
        room = self._poll_slots - len(self._polls)
        feeds = source(room, frozenset(self._polls.keys() | self._polled)) if room > 0 else ()
        for feed in feeds:
            self._spawn(self._polls, feed.url, self._poll(feed))
        return len(feeds)

    def _start_pages(self) -> int:
        room = self._page_slots - len(self._pages)
        if self.page_limit is not None:
            room = min(room, self.page_limit)
        if room <= 0:
            return 0
        now = self._world.clock.now()
        if not self._polls and self.keeper.idle:
            now += timedelta(seconds=SETTLE_S)  # nobody else is about to announce the same
        entries = self._world.store.frontier.claim(now, room, self._world.web.closed_hosts(), self._per_host)
        for entry in entries:
            self._spawn(self._pages, entry.key, self._collect(entry))
        if self.page_limit is not None:
            self.page_limit -= len(entries)
        return len(entries)

    def _due_within(self, patience_s: float) -> bool:
        if not patience_s or self.page_limit == 0:
            return False
        due = self._world.store.frontier.next_due()
        return due is not None and due - self._world.clock.now() <= timedelta(seconds=patience_s)

    def _spawn(self, table: dict[str, asyncio.Task[None]], key: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=key)
        table[key] = task

        def ended(done: asyncio.Task[None]) -> None:
            table.pop(key, None)
            if not done.cancelled() and (error := done.exception()) is not None:
                self._crash = self._crash or error
            self._wake.set()

        task.add_done_callback(ended)

    async def _announce(self, records: AsyncIterator[Announced | Supplied]) -> None:
        async for record in records:
            if isinstance(record, Announced) and record.entries:
                await self._announcing.acquire()
            if isinstance(record, Announced) and record.document:
                await self._put_and_wait(record)
            else:
                await self.keeper.put(record)

    async def _put_and_wait(self, record: Announced) -> None:
        """So that a run that is killed asks for at most one document twice."""
        kept = self._kept[id(record)] = asyncio.Event()
        await self.keeper.put(record)
        self.keeper.flush()
        await kept.wait()

    async def _poll(self, feed: Feed) -> None:
        polled = await self._poller.poll(feed)
        self._polled.add(feed.url)
        await self.keeper.put(polled)

    def _committed(self, batch: Sequence[Record]) -> None:
        self._polled.difference_update(record.feed.url for record in batch if isinstance(record, Polled))
        for record in batch:
            if isinstance(record, Announced):
                if record.entries:
                    self._announcing.release()
                if (kept := self._kept.pop(id(record), None)) is not None:
                    kept.set()
        self._wake.set()

    async def _collect(self, entry: Entry) -> None:
        await self.keeper.put(await collect(self._world, entry))

    async def _finish(self, grace_s: float) -> None:
        """Lets what is in hand come to its end, for at most ``grace_s`` seconds of real time."""
        await _cancel(list(self._archives.values()))
        self._world.web.stop_waiting()
        if tasks := self._in_hand():
            log.info("finishing %d requests in hand (at most %.0f s)", len(tasks), grace_s)
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            if late:
                names = ", ".join(sorted(task.get_name() for task in late)[:5])
                log.warning("%d not finished in time, open again in the next run: %s", len(late), names)
        self.keeper.flush()

    def _in_hand(self) -> list[asyncio.Task[None]]:
        return [*self._polls.values(), *self._pages.values(), *self._archives.values()]

    def _keeper_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crash = error
            self._wake.set()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
