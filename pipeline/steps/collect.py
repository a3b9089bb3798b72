"""Entry → Collected: one page fetched and extracted, or why there is nothing."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.errors import Drop, Fate, Reject, Retry
from pipeline.records import Extracted, Page, Request
from pipeline.stages.download import feed_page, settle, to_page
from pipeline.stages.extract import extract
from pipeline.world import World
from storage.records import Entry, EntryFate

log = logging.getLogger(__name__)
WORKER_FAULTS = ("extract_timeout", "extract_crash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """An entry after its page was read. Exactly one of ``extracted`` and ``fate`` is set."""

    entry: Entry
    url: str
    """Where the page lies after redirects."""
    fetched_at: datetime | None = None
    extracted: Extracted | None = None
    fate: EntryFate | None = None


async def collect(world: World, entry: Entry) -> Collected:
    """Never raises a fate: what went wrong is part of the result."""
    try:
        return await _collect(world, entry)
    except Fate as fate:
        failed = fate
    except Exception:
        log.exception("collecting %s", entry.url)
        failed = Retry("internal_error", "see the log")
    decided = settle(entry, failed, world.clock.now(), world.settings.fetch.max_attempts)
    return Collected(entry=entry, url=entry.url, fate=decided)


async def _collect(world: World, entry: Entry) -> Collected:
    if _trusts_feed(world, entry):
        return await _from_feed(world, entry)
    try:
        response = await world.web.get(Request(url=entry.url, kind="page"))
        page = to_page(response, entry)
        extracted = await extract_page(world, page, entry)
    except (Drop, Reject):
        if not entry.content_html:
            raise
        # The page will not come back, and the feed carries the text: better the publisher's own copy than none.
        try:
            return await _from_feed(world, entry)
        except Fate:
            pass
        raise
    return Collected(entry=entry, url=page.url, fetched_at=page.fetched_at, extracted=extracted)


async def extract_page(world: World, page: Page, entry: Entry | None) -> Extracted:
    """Extracts in a worker. A page that costs a worker its life is tried once more with the cheap extractor."""
    settings = world.settings.extract
    try:
        return await world.compute.run(extract, page, entry, settings, deadline_s=settings.deadline_s)
    except Retry as fate:
        if fate.slug not in WORKER_FAULTS:
            raise
    cheap = replace(settings, quality="fast")
    try:
        return await world.compute.run(extract, page, entry, cheap, deadline_s=settings.deadline_s)
    except Retry as fate:
        raise Reject(fate.slug, "twice, the second time with the cheap extractor") from fate


async def _from_feed(world: World, entry: Entry) -> Collected:
    page = feed_page(entry, world.clock.now())
    extracted = await extract_page(world, page, entry)
    marked = replace(extracted, extraction=replace(extracted.extraction, method="feed"))
    return Collected(entry=entry, url=entry.url, fetched_at=page.fetched_at, extracted=marked)


def _trusts_feed(world: World, entry: Entry) -> bool:
    if not entry.has_page:
        return True
    if entry.feed_url is None or not entry.content_html:
        return False
    feed = world.store.feeds.get(entry.feed_url)
    return feed is not None and feed.full_text
