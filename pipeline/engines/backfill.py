"""One-shot and resumable: archives announce, the flow collects, as if it had been there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

from pipeline.engines.request import BackfillRequest
from pipeline.engines.session import Session, open_session
from pipeline.engines.signals import stop_on_signals
from pipeline.engines.summary import Report, RunSummary
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.steps import archives
from pipeline.steps.archives import Bounds
from pipeline.steps.collect import Collected
from pipeline.steps.keep import Announced
from pipeline.world import Clock
from storage.records import EntryFate, Feed


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
    if not (request.feeds or request.sitemaps or request.urls):
        raise ConfigError("backfill reads nothing: name a source with --feed URL, --sitemap URL or --urls FILE")
    return asyncio.run(_run(settings, data, request, report, clock))


async def _run(
    settings: Settings, data: Path, request: BackfillRequest, report: Report | None, clock: Clock | None
) -> RunSummary:
    bounds = Bounds(since=request.since, until=request.until)
    async with open_session(settings, data, "backfill", clock=clock, report=report, accept=_accept(bounds)) as session:
        quota = Quota(request.limit)
        for name, source in _sources(session, request, bounds):
            session.flow.read_archive(name, quota.of(source))
        with stop_on_signals() as stop:
            await session.flow.pump(_no_feeds, stop=stop.event, until_idle=True)
        session.summary.interrupted = stop.signal is not None
    return session.summary


class Quota:
    """Ends every source once ``limit`` entries were announced (None: never)."""

    def __init__(self, limit: int | None) -> None:
        self._left = limit

    async def of(self, source: AsyncIterator[Announced]) -> AsyncIterator[Announced]:
        async for announced in source:
            if self._left is None:
                yield announced
                continue
            entries = announced.entries[: self._left]
            self._left -= len(entries)
            cut = len(entries) < len(announced.entries) or (self._left <= 0 and announced.checkpoint is None)
            # A source that was cut keeps its old checkpoint: the next run reads on from there.
            yield replace(announced, entries=entries, checkpoint=None if cut else announced.checkpoint)
            if self._left <= 0 and cut:
                return


def _sources(session: Session, request: BackfillRequest, bounds: Bounds) -> list[tuple[str, AsyncIterator[Announced]]]:
    world, problem = session.world, session.summary.noted
    sources = [(f"sitemap {url}", archives.sitemap(world, url, bounds, problem)) for url in request.sitemaps]
    sources += [(f"feed {url}", archives.feed_window(world, url, bounds, problem)) for url in request.feeds]
    if request.urls:
        sources.append(("urls", archives.url_list(request.urls, problem)))
    return sources


def _accept(bounds: Bounds) -> Callable[[Collected], Collected]:
    """The page's own date has the last word on whether an archived entry lies within the bounds."""

    def accept(collected: Collected) -> Collected:
        page = collected.extracted
        if page is None or not collected.entry.backfill or bounds.holds(page.date_published):
            return collected
        fate = EntryFate(
            key=collected.entry.key, fate="dropped", slug="out_of_range", detail=f"published {page.date_published}"
        )
        return replace(collected, extracted=None, fate=fate)

    return accept


def _no_feeds(limit: int, in_hand: frozenset[str]) -> list[Feed]:
    del limit, in_hand
    return []
