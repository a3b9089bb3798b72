"""What a backfill would do: the sources are looked into, nothing is kept, and what there is is estimated.

A source on the web is read for a few documents, a file for its first records; how much of it that was tells the rest.
"""

import asyncio
import contextlib
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pipeline.engines import backfill
from pipeline.engines.request import BackfillRequest
from pipeline.engines.session import StoredHosts, store_options, worker_pool
from pipeline.settings import Settings
from pipeline.steps.keep import Announced, Supplied
from pipeline.steps.known import looks_again
from pipeline.web.client import HttpWeb
from pipeline.world import SystemClock, World
from storage.errors import StoreMissing
from storage.records import HostState
from storage.store import Store
from storage.tables.claims import host_of

DOCUMENTS = 12
"""Feeds, archive pages, sitemaps that are fetched of one source."""
RECORDS = 2000
"""Records that are read of one file."""


@dataclass(slots=True, kw_only=True)
class SourcePlan:
    """What was seen of a source. ``whole``: it was read to its end; else ``share`` tells how much of it, if that is known."""

    name: str
    found: int = 0
    known: int = 0
    passed: int = 0
    new: int = 0
    supplied: int = 0
    """Of the new ones those that bring their text, so that nothing is fetched."""
    documents: int = 0
    whole: bool = False
    share: float | None = None
    hosts: Counter[str] = field(default_factory=Counter)

    @property
    def factor(self) -> float:
        """By how much the whole is larger than what was seen, as far as that can be told."""
        return 1.0 if self.whole or not self.share else 1.0 / self.share

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.name,
            "whole": self.whole,
            "share": self.share,
            "found": self.found,
            "known": self.known,
            "out_of_range": self.passed,
            "new": self.new,
            "pages_estimated": round((self.new - self.supplied) * self.factor),
            "supplied_estimated": round(self.supplied * self.factor),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``seconds``: how long the pages of the busiest host take at the polite rate; ``host`` names it."""

    sources: tuple[SourcePlan, ...]
    waiting: int
    pages: int
    seconds: float
    host: str | None
    problems: tuple[str, ...]

    @property
    def at_least(self) -> bool:
        """A source has no end that could be told from here."""
        return any(not source.whole and not source.share for source in self.sources)

    def to_json(self) -> dict[str, Any]:
        return {
            "command": "backfill --dry-run",
            "sources": [source.to_json() for source in self.sources],
            "waiting": self.waiting,
            "pages_estimated": self.pages,
            "seconds_estimated": round(self.seconds, 1),
            "busiest_host": self.host,
            "at_least": self.at_least,
            "problems": list(self.problems),
        }


def run(settings: Settings, data: Path, request: BackfillRequest) -> Plan:
    """Looks into every source; writes nothing, and may run beside a daemon."""
    return asyncio.run(_run(settings, data, request))


async def _run(settings: Settings, data: Path, request: BackfillRequest) -> Plan:
    with _opened(data, settings) as store:
        hosts = StoredHosts(store)
        clock = SystemClock()
        web, compute = HttpWeb(settings.fetch, clock, hosts), worker_pool(settings)
        world = World(settings=settings, clock=clock, web=web, store=store, compute=compute)
        problems: list[str] = []
        try:
            reading = backfill.reading_of(request, world, problems.append, plan=True)
            found = [await _look(world, name, source, request) for name, source in backfill.sources(reading, request)]
        finally:
            await web.aclose()
            await compute.aclose()
        return _summed(settings, found, store, hosts, tuple(problems), request.limit)


@contextlib.contextmanager
def _opened(data: Path, settings: Settings) -> Iterator[Store]:
    """The store to read; an empty one where there is none yet."""
    clock = SystemClock().now
    try:
        store = Store.open(data, store_options(settings), clock=clock, write=False)
    except StoreMissing:
        with tempfile.TemporaryDirectory(prefix="wirefold-") as folder, Store.open(Path(folder), clock=clock) as empty:
            yield empty
        return
    with store:
        yield store


async def _look(world: World, name: str, source: backfill.Source, request: BackfillRequest) -> SourcePlan:
    plan = SourcePlan(name=name)
    async with contextlib.aclosing(cast("AsyncGenerator[Announced | Supplied]", source)) as records:
        async for record in records:
            assert isinstance(record, Announced)  # what is only planned is not extracted
            _count(world, plan, record, again=request.retry_failed)
            if plan.documents >= DOCUMENTS or plan.found >= RECORDS:
                plan.whole = plan.share == 1.0
                return plan
    plan.whole = True
    return plan


def _count(world: World, plan: SourcePlan, record: Announced, *, again: bool) -> None:
    plan.name = record.source
    known = world.store.frontier.known([entry.key for entry in record.entries])
    new = [
        entry
        for entry in record.entries
        if (before := known.get(entry.key)) is None or looks_again(before, entry, again=again)
    ]
    plan.found += len(record.entries) + record.passed + record.known
    plan.known += len(record.entries) - len(new) + record.known
    plan.passed += record.passed
    plan.new += len(new)
    plan.supplied += sum(entry.via in {"warc", "jsonl"} for entry in new)
    plan.documents += record.mark is not None and not plan.supplied
    plan.share = record.share if record.share is not None else plan.share
    plan.hosts.update(host_of(entry.fetch_url) for entry in new if entry.via not in {"warc", "jsonl"})


def _summed(
    settings: Settings,
    found: list[SourcePlan],
    store: Store,
    hosts: StoredHosts,
    problems: tuple[str, ...],
    limit: int | None,
) -> Plan:
    pages: Counter[str] = Counter()
    for source in found:
        for host, number in source.hosts.items():
            pages[host] += round(number * source.factor)
    total = sum(pages.values())
    asked = total if limit is None else min(total, limit)
    times = {host: number * _interval_s(settings, hosts.get(host)) for host, number in pages.items()}
    busiest = max(times, key=lambda name: times[name], default=None)
    seconds = times[busiest] * asked / total if busiest is not None and total else 0.0
    waiting = sum(store.frontier.counts().get("pending", {}).values())
    return Plan(sources=tuple(found), waiting=waiting, pages=asked, seconds=seconds, host=busiest, problems=problems)


def _interval_s(settings: Settings, state: HostState | None) -> float:
    learned_s = state.interval_s if state is not None and state.interval_s else 0.0
    return max(settings.fetch.per_host_delay_s, learned_s)
