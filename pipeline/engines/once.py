"""One pass over the feeds that are due, then the end."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pipeline.engines.flow import FeedSource
from pipeline.engines.session import Session, open_session, subscribe
from pipeline.engines.signals import stop_on_signals
from pipeline.engines.summary import Report, RunSummary
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.world import Clock
from storage.records import Feed
from storage.store import Store


def run(
    settings: Settings,
    data: Path,
    *,
    all_feeds: bool = False,
    only: Sequence[str] = (),
    report: Report | None = None,
    clock: Clock | None = None,
) -> RunSummary:
    """Polls what is due (``all_feeds``: everything; ``only``: these URLs), collects what they announce, and returns.

    Entries that wait in the frontier from an earlier run are collected too. Raises ``ConfigError`` without any feed,
    ``StoreInUse``, ``StoreDamaged``.
    """
    if not settings.feeds and not only:
        raise ConfigError("no feeds: list some in config/feeds.toml, or name one with --feed URL")
    return asyncio.run(_run(settings, data, all_feeds=all_feeds, only=only, report=report, clock=clock))


async def _run(
    settings: Settings,
    data: Path,
    *,
    all_feeds: bool,
    only: Sequence[str],
    report: Report | None,
    clock: Clock | None,
) -> RunSummary:
    async with open_session(settings, data, "once", clock=clock, report=report) as session:
        subscribe(session.world.store, settings, session.world.clock)
        feeds = _chosen(session, all_feeds=all_feeds, only=only)
        session.tell.expect(feeds=len(feeds))
        with stop_on_signals() as stop:
            await session.flow.pump(from_list(feeds), stop=stop.event, until_idle=True)
        session.summary.interrupted = stop.signal is not None
    return session.summary


def _chosen(session: Session, *, all_feeds: bool, only: Sequence[str]) -> list[Feed]:
    store, now = session.world.store, session.world.clock.now()
    if only:
        return [store.feeds.get(url) or Feed(url=url, active=False, added_at=now) for url in dict.fromkeys(only)]
    active = [feed for feed in store.feeds.all() if feed.active]
    chosen = active if all_feeds else [feed for feed in active if _is_due(feed, now)]
    session.summary.skipped_feeds = len(active) - len(chosen)
    return chosen


def _is_due(feed: Feed, now: datetime) -> bool:
    """A feed that was never polled is due: the spread over the first minutes is the daemon's business."""
    return feed.last_polled is None or feed.next_due is None or feed.next_due <= now


def from_list(feeds: Sequence[Feed]) -> FeedSource:
    """A source that hands out each of these once."""
    waiting = deque(feeds)

    def source(limit: int, in_hand: frozenset[str]) -> list[Feed]:
        del in_hand  # each is handed out once
        return [waiting.popleft() for _ in range(min(limit, len(waiting)))]

    return source


def due_feeds(store: Store, clock: Clock) -> FeedSource:
    """A source over the ``next_due`` column."""

    def source(limit: int, in_hand: frozenset[str]) -> list[Feed]:
        return store.feeds.due(clock.now(), limit, in_hand)

    return source
