"""The Wayback Machine (or another CDX server): copies of pages, and of feeds, in which older entries stand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from pipeline.archives import cdx
from pipeline.archives.cdx import Capture, CdxPage
from pipeline.errors import Fate, Reject, Retry
from pipeline.records import ParsedFeed, Response
from pipeline.stages.discover import parse_feed
from pipeline.steps.archives.reading import Reading
from pipeline.steps.keep import Announced
from pipeline.text.urls import is_home_page, normalise, url_key
from storage.records import Entry

MAX_PAGES = 100_000


@dataclass(slots=True)
class Captures:
    """Where a walk is: the key that asks for the next captures, and how many of these were read already."""

    resume: str | None = None
    read: int = 0
    asked: set[str] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)
    """Copies of a feed that were read: a feed that stood still was copied again and again."""


async def wayback(reading: Reading, target: str) -> AsyncIterator[Announced]:
    """Copies of pages where ``target`` ends in ``/`` or ``*`` (all addresses that begin so); else of that address, whose
    copies may be pages or feeds. Of a page the first copy counts: it is nearest to its publication.
    """
    source = f"wayback {target}"
    walk = reading.resumed(source, Captures) or Captures()
    prefix = cdx.is_prefix(target)
    for _ in range(MAX_PAGES):
        page = await _captures(reading, target, walk)
        captures = page.captures[walk.read :]
        batches = _pages(reading, source, captures) if prefix else _feed_copies(reading, source, walk, captures)
        async for announced in batches:
            yield announced
        if page.resume is None or page.resume in walk.asked:
            break
        walk.asked.add(page.resume)
        walk.resume, walk.read = page.resume, 0
        yield reading.announced(source, mark=reading.mark(source, walk))
    yield reading.announced(source, mark=reading.mark(source, None), share=1.0)


async def _captures(reading: Reading, target: str, walk: Captures) -> CdxPage:
    base = reading.world.settings.archives.wayback_url
    url = cdx.query_url(base, target, since=reading.bounds.since, resume=walk.resume)
    return cdx.parse_cdx((await reading.get(url, accept="application/json")).body)


async def _pages(reading: Reading, source: str, captures: tuple[Capture, ...]) -> AsyncIterator[Announced]:
    """The captures as entries whose copies are collected like pages."""
    html = [one for one in captures if one.media_type in cdx.HTML_TYPES and not is_home_page(one.url)]
    entries: dict[str, Entry] = {}
    for capture in html:
        entries.setdefault(url_key(capture.url), _entry(reading, capture))
    yield reading.announced(source, entries.values())


async def _feed_copies(
    reading: Reading, source: str, walk: Captures, captures: tuple[Capture, ...]
) -> AsyncIterator[Announced]:
    """Each copy of one address: what a feed showed then, or a page."""
    for capture in captures:
        if capture.digest and capture.digest in walk.digests:
            walk.read += 1
            continue
        try:
            found = await _read_copy(reading, capture)
        except Retry:
            raise
        except Fate as fate:
            reading.failed(capture.url, fate)
            found = []
        walk.read += 1
        walk.digests.add(capture.digest)
        within = [entry for entry in found if reading.bounds.holds(entry.date_published)]
        for announced in reading.batches(source, within, found=len(found), mark=reading.mark(source, walk)):
            yield announced


async def _read_copy(reading: Reading, capture: Capture) -> list[Entry]:
    """The entries that a copy of a feed announces; where it is a page, that page."""
    url = cdx.copy_url(reading.world.settings.archives.wayback_url, capture.timestamp, capture.url)
    response = await reading.get(url)
    try:
        parsed = await reading.world.compute.run(_parse, response, capture.url)
    except Reject as fate:
        if fate.slug == "html_not_feed":
            return [_entry(reading, capture)]
        raise
    return [_announced_then(reading, entry, capture) for entry in parsed.entries]


def _entry(reading: Reading, capture: Capture) -> Entry:
    """``date_modified`` is the time of the copy: the page was published before it."""
    return Entry(
        key=url_key(capture.url),
        url=normalise(capture.url),
        feed_url=None,
        entry_id=None,
        via="wayback",
        revision_hash="",
        date_modified=capture.taken,
        archive_url=cdx.copy_url(reading.world.settings.archives.wayback_url, capture.timestamp, capture.url),
        archived=True,
    )


def _announced_then(reading: Reading, entry: Entry, capture: Capture) -> Entry:
    """The page itself is asked for first, and where it is gone, the copy that is nearest to its announcement."""
    copy = cdx.copy_url(reading.world.settings.archives.wayback_url, capture.timestamp, entry.url)
    return replace(entry, via="wayback", revision_hash="", archive_url=copy if entry.has_page else None)


def _parse(response: Response, feed_url: str) -> ParsedFeed:
    return parse_feed(response.body, url=feed_url, headers=response.headers, fetched_at=response.fetched_at)
