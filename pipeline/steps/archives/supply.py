"""Sources that bring the pages themselves: read in a thread, extracted by all workers, kept in the order of the source."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from pipeline.errors import Fate
from pipeline.records import Extracted, Page
from pipeline.stages.download import settle
from pipeline.steps.archives.reading import Reading
from pipeline.steps.collect import Collected, collect_page, within_bounds
from pipeline.steps.keep import Announced, Supplied
from pipeline.steps.known import looks_again
from storage.records import Entry
from storage.tables.frontier import KnownEntry

CHUNK = 16
"""Records read at a time; at most two chunks and the window lie in memory."""
WINDOW_PER_WORKER = 4
SETTLED = frozenset({"done", "dropped", "rejected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record of a source: an ``entry`` with what was supplied of it, or a ``problem``, or nothing to keep (passed over).

    ``place`` is the source's state behind it.
    """

    entry: Entry | None = None
    supplied: Page | Extracted | Fate | None = None
    fetched_at: datetime | None = None
    place: object = None
    share: float | None = None
    revision: int = 0
    passed: bool = False
    problem: str | None = None


async def supply(reading: Reading, source: str, items: Iterator[Item]) -> AsyncIterator[Announced | Supplied]:
    """What ``items`` (read in a thread) amount to. Known entries cost no extraction."""
    width = WINDOW_PER_WORKER * max(1, reading.world.settings.extract.workers or 2)
    window: deque[asyncio.Task[Announced | Supplied]] = deque()
    ahead = _read(items)
    try:
        while chunk := await ahead:
            ahead = _read(items)
            known = reading.world.store.frontier.known([item.entry.key for item in chunk if item.entry])
            for item in chunk:
                window.append(asyncio.create_task(_dealt(reading, source, item, known)))
                while len(window) > width:
                    yield await window.popleft()
        while window:
            yield await window.popleft()
        yield reading.announced(source, mark=reading.mark(source, None), share=1.0)
    finally:
        for task in (*window, ahead):
            task.cancel()
        await asyncio.gather(*window, ahead, return_exceptions=True)


def _read(items: Iterator[Item]) -> asyncio.Task[list[Item]]:
    return asyncio.create_task(asyncio.to_thread(lambda: list(islice(items, CHUNK))))


async def _dealt(reading: Reading, source: str, item: Item, known: dict[str, KnownEntry]) -> Announced | Supplied:
    mark = None if item.place is None else reading.mark(source, item.place)
    if item.problem:
        reading.problem(item.problem)
    if item.entry is None:
        return reading.announced(source, mark=mark, passed=int(item.passed), share=item.share)
    entry = reading.entry(source, item.entry)
    if _is_known(known.get(entry.key), entry, item, again=reading.again):
        return replace(reading.announced(source, mark=mark, share=item.share), known=1)
    if reading.plan:
        return reading.announced(source, [entry], mark=mark, share=item.share)
    return Supplied(
        source=source,
        collected=await _collected(reading, entry, item),
        mark=mark,
        again=reading.again,
        revision=item.revision,
        share=item.share,
    )


def _is_known(known: KnownEntry | None, entry: Entry, item: Item, *, again: bool) -> bool:
    if known is None or known.status not in SETTLED or looks_again(known, entry, again=again):
        return False
    return not (item.revision > 1 and known.status == "done")  # the keeper compares the numbers


async def _collected(reading: Reading, entry: Entry, item: Item) -> Collected:
    if isinstance(item.supplied, Page):
        return await collect_page(reading.world, entry, item.supplied)
    fate = item.supplied
    if isinstance(item.supplied, Extracted):
        collected = Collected(entry=entry, url=entry.url, fetched_at=item.fetched_at, extracted=item.supplied)
        try:
            return within_bounds(collected)
        except Fate as dropped:
            fate = dropped
    assert isinstance(fate, Fate)
    decided = settle(entry, fate, reading.world.clock.now(), max_attempts=1)
    return Collected(entry=entry, url=entry.url, fate=decided)
