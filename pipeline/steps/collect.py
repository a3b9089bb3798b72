"""Entry → Collected: one page fetched and extracted, or why there is nothing."""

import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.archives.cdx import original_of
from pipeline.errors import Drop, Fate, Reject, Retry
from pipeline.records import Extracted, Page, Request
from pipeline.stages.download import feed_page, is_last_try, settle, to_page
from pipeline.stages.extract import extract, extract_cheaply
from pipeline.steps.known import OUT_OF_RANGE, out_of_range, within
from pipeline.text.scrub import scrubbed
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
    return await _settled(world, entry, _fetch(world, entry), world.settings.fetch.max_attempts)


async def collect_page(world: World, entry: Entry, page: Page) -> Collected:
    """The same of a page that an archive supplied: there is nothing to fetch, and so nothing to try later."""
    return await _settled(world, entry, _from_page(world, entry, page), 1)


async def _settled(world: World, entry: Entry, work: Coroutine[None, None, Collected], max_attempts: int) -> Collected:
    try:
        return scrubbed(within_bounds(await work))
    except Fate as fate:
        failed = fate
    except Exception:
        log.exception("collecting %s", entry.url)
        failed = Retry("internal_error", "see the log")
    decided = settle(entry, failed, world.clock.now(), max_attempts)
    return Collected(entry=entry, url=entry.url, fate=decided)


def within_bounds(collected: Collected) -> Collected:
    """The page's own date has the last word on whether an archived entry lies within the bounds.

    Raises Drop("out_of_range").
    """
    entry, extracted = collected.entry, collected.extracted
    if extracted is not None and not within(extracted.date_published, entry.since, entry.until):
        raise Drop(OUT_OF_RANGE, out_of_range(extracted.date_published))
    return collected


async def _fetch(world: World, entry: Entry) -> Collected:
    if _trusts_feed(world, entry):
        return await _from_feed(world, entry)
    try:
        return await _from_web(world, entry, entry.fetch_url)
    except Fate as fate:
        tries = world.settings.fetch.max_attempts
        if isinstance(fate, Retry) and not is_last_try(entry, fate, world.clock.now(), tries):
            raise
        # The page will not come back: better an archive's copy, or the publisher's own text in the feed, than none.
        copy = await _archived_copy(world, entry) or await _feed_copy(world, entry)
        if copy is None:
            raise
        return copy


async def _archived_copy(world: World, entry: Entry) -> Collected | None:
    """None where the archive has none either; raises Retry where it could not be asked."""
    if not entry.archive_url or entry.archived:
        return None
    try:
        return await _from_web(world, entry, entry.archive_url)
    except (Drop, Reject):
        return None


async def _feed_copy(world: World, entry: Entry) -> Collected | None:
    if not entry.content_html:
        return None
    try:
        return await _from_feed(world, entry)
    except Fate:
        return None


async def _from_web(world: World, entry: Entry, url: str) -> Collected:
    copy = url == entry.archive_url
    response = await world.web.get(Request(url=url, kind="archive" if copy else "page"))
    page = to_page(response, entry)
    if copy:
        page = replace(page, requested_url=entry.url, url=original_of(page.url) or entry.url)
    return await _from_page(world, entry, page)


async def _from_page(world: World, entry: Entry, page: Page) -> Collected:
    extracted = await extract_page(world, page, entry)
    return Collected(entry=entry, url=page.url, fetched_at=page.fetched_at, extracted=extracted)


async def extract_page(world: World, page: Page, entry: Entry | None) -> Extracted:
    """Extracts in a worker. A page that costs a worker its life is tried once more with the cheap extractor."""
    settings = world.settings.extract
    try:
        return await world.compute.run(extract, page, entry, settings, deadline_s=settings.deadline_s)
    except Retry as fate:
        if fate.slug not in WORKER_FAULTS:
            raise
    try:
        return await world.compute.run(extract_cheaply, page, entry, settings, deadline_s=settings.deadline_s)
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
