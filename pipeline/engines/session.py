"""Opens the world that an engine's steps run in, and closes it in the right order."""

import contextlib
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipeline.cadence import first_due
from pipeline.compute import WorkerPool
from pipeline.engines.flow import Flow
from pipeline.engines.summary import Progress, Report, RunSummary
from pipeline.settings import ScheduleSettings, Settings
from pipeline.stages.extract import PRELOAD
from pipeline.stages.group import Grouper
from pipeline.steps.keep import Keep, Kept
from pipeline.web.client import HttpWeb
from pipeline.world import Clock, SystemClock, World
from storage.records import Feed, HostState
from storage.store import Store, StoreOptions
from storage.views import StoriesFile

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Session:
    """One run over one data folder: the world, the flow that works in it, and the summary that it fills."""

    world: World
    flow: Flow
    summary: RunSummary
    hosts: "StoredHosts"
    view: StoriesFile
    tell: "Teller"

    async def maintain(self) -> None:
        """Between two commits: saves what hosts taught us, replaces the view, rotates and seals what is due."""
        await self.flow.keeper.call(self.keep_house)

    def keep_house(self, *, last: bool = False) -> None:
        """The same, on the thread that calls it."""
        store = self.world.store
        self.hosts.save(store)
        store.maintain()
        self.view.refresh(force=last)


class StoredHosts:
    """The web's memory of hosts, read from the store once and written back by the keeper."""

    def __init__(self, store: Store) -> None:
        self._states = {state.host: state for state in store.hosts.all()}
        self._changed: set[str] = set()

    def get(self, host: str) -> HostState | None:
        return self._states.get(host)

    def put(self, state: HostState) -> None:
        self._states[state.host] = state
        self._changed.add(state.host)

    def save(self, store: Store) -> None:
        changed, self._changed = self._changed, set()
        if changed:
            with store.transaction() as tx:
                for host in sorted(changed):
                    tx.hosts.put(self._states[host])


def store_options(settings: Settings) -> StoreOptions:
    """The store's own options, from ``[store]``."""
    kept = settings.store
    return StoreOptions(
        segment_mib=kept.segment_mib,
        segment_hours=kept.segment_hours,
        seal=kept.seal,
        plain_grace_hours=kept.plain_grace_hours,
        fsync=kept.fsync,
    )


@contextlib.asynccontextmanager
async def open_session(
    settings: Settings,
    data: Path,
    command: str,
    *,
    clock: Clock | None = None,
    report: Report | None = None,
) -> AsyncIterator[Session]:
    """Raises ``StoreInUse`` and ``StoreDamaged`` before anything was started."""
    clock = clock or SystemClock()
    store = Store.open(data, store_options(settings), clock=clock.now)
    try:
        grouper = Grouper(settings.group)
        with store.transaction() as tx:
            grouper.load(tx, clock.now())
        hosts = StoredHosts(store)
        web = HttpWeb(settings.fetch, clock, hosts)
        compute = worker_pool(settings)
        world = World(settings=settings, clock=clock, web=web, store=store, compute=compute)
        summary = RunSummary(command=command, started=clock.now())
        tell = Teller(summary, report)
        flow = Flow(world, Keep(store, grouper, clock, tell, settings.schedule))
        session = Session(world=world, flow=flow, summary=summary, hosts=hosts, view=StoriesFile(store), tell=tell)
        try:
            yield session
            session.keep_house(last=True)  # the keeper's thread is gone by now
        finally:
            try:
                await web.aclose()
            finally:
                await compute.aclose()
        summary.ended, summary.requests = clock.now(), web.requests
        summary.pending = _waiting(store)
    finally:
        store.close()


def worker_pool(settings: Settings) -> WorkerPool:
    """One worker a core unless told otherwise, with what extraction needs loaded before they fork."""
    extract = settings.extract
    return WorkerPool(
        extract.workers,
        deadline_s=extract.deadline_s,
        memory_mib=extract.memory_mib,
        recycle_after=extract.recycle_after_pages,
        preload=(*PRELOAD, "pipeline.stages.discover"),
    )


def _new_feed(url: str, schedule: ScheduleSettings, now: datetime, feeds: int) -> Feed:
    due = first_due(schedule, now, random.Random(url), feeds)  # noqa: S311 - jitter
    return Feed(url=url, added_at=now, next_due=due)


def subscribe(store: Store, settings: Settings, clock: Clock) -> None:
    """Makes the store's feeds those of the configuration; what was learned of a feed stays, even of one that left."""
    wanted, schedule = settings.feeds, settings.schedule
    known = {feed.url: feed for feed in store.feeds.all()}
    urls = {feed.url for feed in wanted}
    new = len(urls - known.keys())
    with store.transaction() as tx:
        for wish in wanted:
            before = known.get(wish.url) or _new_feed(wish.url, schedule, clock.now(), new)
            feed = replace(
                before,
                name=wish.name,
                interval_minutes=wish.interval_minutes,
                headers=wish.headers,
                http2=wish.http2,
                full_text=wish.full_text,
                active=before.last_outcome != "merged",
            )
            if feed != known.get(wish.url):
                tx.feeds.put(feed)
        for url in known.keys() - urls:
            if known[url].active:
                tx.feeds.put(replace(known[url], active=False))


def _waiting(store: Store) -> int:
    counts = store.frontier.counts()
    return sum(sum(counts.get(status, {}).values()) for status in ("pending", "retry"))


class Teller:
    """Counts what was kept in the summary, and reports how far the run is. Called on the keeper's thread."""

    def __init__(self, summary: RunSummary, report: Report | None) -> None:
        self._summary, self._report = summary, report
        self._progress = Progress()

    def expect(self, feeds: int = 0, *, sources: int = 0, entries: int = 0) -> None:
        """So many feeds are to be polled, sources to be read, and entries to be collected that wait already."""
        self._progress = replace(self._progress, feeds_total=feeds, sources_total=sources, entries_total=entries)
        log.debug("started", extra={"feeds": feeds, "sources": sources, "entries": entries})

    def __call__(self, kept: Kept) -> None:
        if log.isEnabledFor(logging.DEBUG):
            _log(kept)
        for poll, name in kept.polls:
            self._summary.polled(poll, name=name)
        for tally in kept.tallies:
            self._summary.archived(tally)
        for fate, entry in kept.fates:
            self._summary.settled(fate, url=entry.url, feed_url=entry.feed_url, source=entry.source)
        self._summary.placed(kept.changes)
        before = self._progress
        self._progress = replace(
            before,
            feeds_done=before.feeds_done + len(kept.polls),
            entries_done=before.entries_done + len(kept.fates),
            entries_total=before.entries_total + kept.announced,
            sources_read=self._summary.sources_read,
        )
        if self._report is not None:
            self._report(self._progress)


def _log(kept: Kept) -> None:
    """A line a poll and a line a page outcome, once they are stored."""
    for poll, _ in kept.polls:
        told = {"url": poll.feed_url, "outcome": poll.outcome, "entries": poll.entries, "new": poll.new}
        log.debug("polled", extra=told | ({"detail": poll.detail} if poll.detail else {}))
    for fate, entry in kept.fates:
        told = {"url": entry.url, "fate": fate.fate, "outcome": fate.slug}
        log.debug("page", extra=told | ({"detail": fate.detail} if fate.detail else {}))
