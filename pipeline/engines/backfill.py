"""One-shot and resumable: archives announce, the flow collects, as if it had been there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.engines.request import BackfillRequest
from pipeline.engines.session import open_session
from pipeline.engines.signals import stop_on_signals
from pipeline.engines.summary import Report, RunSummary
from pipeline.errors import ConfigError, Fate
from pipeline.settings import Settings
from pipeline.steps import archives
from pipeline.steps.archives import Bounds, Reading
from pipeline.steps.archives.lists import lines_of
from pipeline.steps.archives.reading import Problem
from pipeline.steps.keep import Announced, Supplied
from pipeline.steps.known import looks_again
from pipeline.world import Clock, World
from storage.records import Entry, Feed

log = logging.getLogger(__name__)
Source = AsyncIterator[Announced | Supplied]
NAME_A_SOURCE = (
    "backfill reads nothing: name a source with --feed URL, --sitemap URL or --urls FILE"
    " (or --wayback, --warc, --jsonl)"
)
GRACE_S = 5.0
"""What an interrupted backfill waits for: pages that are not finished by then wait in the frontier anyway."""


def run(
    settings: Settings,
    data: Path,
    request: BackfillRequest,
    *,
    report: Report | None = None,
    clock: Clock | None = None,
) -> RunSummary:
    """Reads every source of the request; the same request again goes on where it stopped and stores nothing twice.

    Raises ``ConfigError`` without a source, ``StoreInUse``, ``StoreDamaged``.
    """
    if request.empty:
        raise ConfigError(NAME_A_SOURCE)
    grace_s = min(settings.schedule.shutdown_grace_s, GRACE_S)
    settings = replace(settings, schedule=replace(settings.schedule, shutdown_grace_s=grace_s))
    return asyncio.run(_run(settings, data, request, report, clock))


async def _run(
    settings: Settings, data: Path, request: BackfillRequest, report: Report | None, clock: Clock | None
) -> RunSummary:
    async with open_session(settings, data, "backfill", clock=clock, report=report) as session:
        reading = reading_of(request, session.world, session.summary.noted)
        found = sources(reading, request)
        counts = session.world.store.frontier.counts()
        session.tell.expect(sources=len(found), entries=sum(counts.get("pending", {}).values()))
        quota = Quota(session.world, request)
        for name, source in found:
            session.flow.read_archive(name, quota.of(source))
        session.flow.page_limit = request.limit
        with stop_on_signals() as stop:
            patience_s = settings.archives.patience_s
            await session.flow.pump(_no_feeds, stop=stop.event, until_idle=True, patience_s=patience_s)
        session.summary.interrupted = stop.signal is not None
    return session.summary


def reading_of(request: BackfillRequest, world: World, problem: Problem, *, plan: bool = False) -> Reading:
    return Reading(
        world=world,
        problem=problem,
        bounds=Bounds(since=request.since, until=request.until),
        again=request.retry_failed,
        sites=request.sites,
        plan=plan,
    )


def sources(reading: Reading, request: BackfillRequest) -> list[tuple[str, Source]]:
    """Every source with its name, ready to be read; what cannot be read of one ends it and is told."""
    found: list[tuple[str, Source]] = [(url, archives.sitemap(reading, url)) for url in request.sitemaps]
    found += [(url, archives.feed(reading, url)) for url in request.feeds]
    found += [(url, archives.wayback(reading, url)) for url in request.wayback]
    found += [(name, archives.warc(reading, name)) for name in request.warcs]
    found += [(str(path), archives.corpus(reading, path, request.fields)) for path in request.corpora]
    found += [(str(path), archives.url_list(reading, lines_of(path), f"urls {path}")) for path in request.url_files]
    if request.urls:
        found.append(("urls", archives.url_list(reading, request.urls)))
    return [(name, _guarded(reading, name, source)) for name, source in found]


async def _guarded(reading: Reading, name: str, source: Source) -> Source:
    """One source that fails ends alone."""
    try:
        async for record in source:
            yield record
    except Fate as fate:
        reading.failed(name, fate)
    except OSError as error:
        reading.problem(f"{name}: {error.strerror or error}")
    except Exception as error:
        log.exception("reading %s", name)
        reading.problem(f"{name}: {type(error).__name__}: {error} (a defect of ours: the log has the traceback)")


class Quota:
    """Ends every source once ``limit`` entries were announced that the store did not know (None: never)."""

    def __init__(self, world: World, request: BackfillRequest) -> None:
        self._frontier = world.store.frontier
        self._again = request.retry_failed
        self._left = request.limit
        self._counted: set[str] = set()

    async def of(self, source: Source) -> Source:
        async for record in source:
            if self._left is None:
                yield record
                continue
            within, whole = self._cut(record)
            if within is not None:
                yield within
            if not whole:
                return

    def _cut(self, record: Announced | Supplied) -> tuple[Announced | Supplied | None, bool]:
        """What of a record is within the limit, and whether that is all of it."""
        entries = (record.collected.entry,) if isinstance(record, Supplied) else record.entries
        kept = self._within(entries)
        if len(kept) == len(entries):
            return record, True
        if isinstance(record, Supplied):
            return None, False
        # A source that was cut keeps its old place: the next run reads on from there.
        return replace(record, entries=tuple(kept), mark=None), False

    def _within(self, entries: Sequence[Entry]) -> list[Entry]:
        known = self._frontier.known([entry.key for entry in entries])
        kept = []
        for entry in entries:
            before = known.get(entry.key)
            new = before is None or looks_again(before, entry, again=self._again)
            if new and entry.key not in self._counted:
                if self._left == 0:
                    break
                assert self._left is not None
                self._left -= 1
                self._counted.add(entry.key)
            kept.append(entry)
        return kept


def _no_feeds(limit: int, in_hand: frozenset[str]) -> list[Feed]:
    del limit, in_hand
    return []
