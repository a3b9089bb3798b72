"""The scheduled daemon: APScheduler 3 with a handful of fixed jobs. The schedule of feeds is a column, not a job each.

APScheduler's own shutdown cancels running coroutines, so its jobs only wake the flow, which finishes what is in hand itself.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from pipeline.engines.notify import notify
from pipeline.engines.once import due_feeds
from pipeline.engines.session import Session, open_session, subscribe
from pipeline.engines.signals import stop_on_signals
from pipeline.engines.summary import Report, RunSummary
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from pipeline.world import Clock

log = logging.getLogger(__name__)

MAINTENANCE_S = 30.0
"""How old ``stories.jsonl`` may be; a replacement costs one pass over the stories that changed."""
HEARTBEAT_S = 60.0


def run(settings: Settings, data: Path, *, report: Report | None = None, clock: Clock | None = None) -> RunSummary:
    """Polls what is due until SIGTERM or SIGINT, finishes what is in hand within ``shutdown_grace_s``, and returns.

    Raises ``ConfigError`` without any feed, ``StoreInUse``, ``StoreDamaged``.
    """
    if not settings.feeds:
        raise ConfigError("no feeds: list some in config/feeds.toml (or `wirefold feeds add URL`)")
    return asyncio.run(_run(settings, data, report, clock))


async def _run(settings: Settings, data: Path, report: Report | None, clock: Clock | None) -> RunSummary:
    async with open_session(settings, data, "daemon", clock=clock, report=report) as session:
        world = session.world
        subscribe(world.store, settings, world.clock)
        with stop_on_signals() as stop:
            scheduler = _scheduler(session)
            scheduler.start()
            log.info("watching %d feeds", len(settings.feeds))
            notify("READY=1")
            try:
                await session.flow.pump(due_feeds(world.store, world.clock), stop=stop.event, until_idle=False)
            finally:
                notify("STOPPING=1")
                scheduler.shutdown(wait=False)
    return session.summary


def _scheduler(session: Session) -> AsyncIOScheduler:
    """``misfire_grace_time=None``: the default of one second silently skips a job after a stalled second."""
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    schedule = session.world.settings.schedule
    jobs: list[tuple[Callable[[Session], Coroutine[Any, Any, None]], float]] = [
        (_tick, schedule.tick_s),
        (_maintain, MAINTENANCE_S),
        (_heartbeat, HEARTBEAT_S),
    ]
    for job, seconds in jobs:
        scheduler.add_job(job, "interval", seconds=seconds, id=job.__name__, args=[session])
    return scheduler


async def _tick(session: Session) -> None:
    session.flow.wake()


async def _maintain(session: Session) -> None:
    await session.maintain()


async def _heartbeat(session: Session) -> None:
    notify("WATCHDOG=1")
    summary = session.summary
    log.info(
        "polls=%d entries=%d stories=%d in_hand=%d last_seq=%d",
        sum(summary.polls.values()),
        summary.entries,
        sum(summary.stories.values()),
        session.flow.in_hand,
        session.world.store.last_seq,
    )
