"""What a feed shows now, and what lies behind it: archive links (RFC 5005), and numbered pages where there are none."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace

from pipeline.archives import paging
from pipeline.archives.paging import Paging
from pipeline.errors import Fate, Retry
from pipeline.records import ParsedFeed, Response
from pipeline.stages.discover import parse_feed
from pipeline.steps.archives.reading import Reading
from pipeline.steps.keep import Announced
from pipeline.text.urls import host_of
from storage.records import Entry, Feed

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
MAX_PAGES = 100_000
MAX_SEEN = 1_000_000
"""Keys remembered of one walk; beyond that a page is new unless its very content was seen."""
MAX_BARREN_LINKS = 50
"""Documents of a chain that bring nothing new, in a row, before it is taken for endless."""
PAST_PAGES = 3
"""Pages in a row that lie wholly before ``since``: archives run backwards, and what follows is older still."""


@dataclass(slots=True)
class Reader:
    """One feed's walk in this run; ``seen`` are the hashes of the keys it brought."""

    reading: Reading
    feed: Feed
    source: str
    walk: Paging
    seen: set[int]

    async def parsed(self, url: str) -> ParsedFeed:
        """Raises a Fate for what cannot be read."""
        at_home = host_of(url) == host_of(self.feed.fetch_url or self.feed.url)
        response = await self.reading.get(url, accept=ACCEPT, headers=self.feed.headers if at_home else None)
        return await self.reading.world.compute.run(_parse, response, self.feed.url)

    async def parsed_or_told(self, url: str) -> ParsedFeed | None:
        """A missing link of the chain is a problem, since what lies behind it is lost. Raises Retry."""
        try:
            return await self.parsed(url)
        except Retry:
            raise
        except Fate as fate:
            self.reading.failed(url, fate)
            return None

    def new_of(self, entries: Iterable[Entry]) -> int:
        """How many of these this walk has not seen; from now on it has."""
        before = len(self.seen)
        fresh = {hash(entry.key) for entry in entries}
        new = len(fresh - self.seen)
        if before < MAX_SEEN:
            self.seen |= fresh
        return new

    def announced(self, found: tuple[Entry, ...]) -> list[Announced]:
        bounds = self.reading.bounds
        within = [entry for entry in found if bounds.holds(entry.date_published or entry.date_modified)]
        mark = self.reading.mark(self.source, None if self.walk.ended else self.walk)
        return list(self.reading.batches(self.source, within, found=len(found), mark=mark))


async def feed(reading: Reading, url: str) -> AsyncIterator[Announced]:
    """Everything that a feed still gives, newest first."""
    source = f"feed {url}"
    known = reading.world.store.feeds.get(url) or Feed(url=url, active=False)
    walk = reading.resumed(source, Paging)
    reader = Reader(reading, known, source, walk or Paging(), set())
    if walk is None:
        for announced in await _first(reader):
            yield announced
    while not reader.walk.ended and reader.walk.number < MAX_PAGES:
        try:
            found = await _next(reader)
        except Retry as fate:
            reading.failed(reader.walk.following or url, fate)
            return
        for announced in reader.announced(found):
            yield announced


async def _first(reader: Reader) -> list[Announced]:
    """The feed as it is. Raises a Fate where there is none."""
    address = reader.feed.fetch_url or reader.feed.url
    parsed = await reader.parsed(address)
    walk, entries = reader.walk, tuple(replace(entry, feed_url=reader.feed.url) for entry in parsed.entries)
    walk.links.add(paging.mark_of(address))
    paging.took(walk, [entry.key for entry in entries], reader.new_of(entries))
    walk.following, walk.size = parsed.next_archive, len(entries)
    walk.ended = not entries and walk.following is None
    return reader.announced(entries)


async def _next(reader: Reader) -> tuple[Entry, ...]:
    """The next page; none at the end. Raises Retry."""
    walk = reader.walk
    if walk.following is not None:
        return await _follow(reader, walk.following)
    for style in [walk.style] if walk.style else paging.STYLES:
        url = paging.page_url(reader.feed.fetch_url or reader.feed.url, style, walk.number)
        parsed = await _parsed_or_none(reader, url)
        if parsed is None:
            continue
        entries = _archived(reader, parsed)
        new = reader.new_of(entries)
        if walk.style or new:
            walk.style = style
            _take(reader, entries, new)
            paging.go_on(walk, len(entries), new)
            return entries
    walk.ended = True
    return ()


async def _follow(reader: Reader, url: str) -> tuple[Entry, ...]:
    """An archive document (RFC 5005 §3, §4). A chain ends without a link, or where it leads back to where it has been."""
    walk = reader.walk
    mark = paging.mark_of(url)
    parsed = None if mark in walk.links else await reader.parsed_or_told(url)
    walk.links.add(mark)
    if parsed is None:
        walk.ended = True
        return ()
    entries = _archived(reader, parsed)
    _take(reader, entries, reader.new_of(entries))
    walk.following = parsed.next_archive
    # An archive may hold an empty document in its middle; only the chain says where it ends.
    walk.ended = walk.following is None or walk.past >= PAST_PAGES or walk.barren >= MAX_BARREN_LINKS
    return entries


def _take(reader: Reader, entries: tuple[Entry, ...], new: int) -> None:
    walk, since = reader.walk, reader.reading.bounds.since
    paging.took(walk, [entry.key for entry in entries], new)
    past = since is not None and all(e.date_published is not None and e.date_published < since for e in entries)
    walk.past = walk.past + 1 if past else 0
    walk.ended = walk.ended or walk.past >= PAST_PAGES


def _archived(reader: Reader, parsed: ParsedFeed) -> tuple[Entry, ...]:
    """An old document may hold an older wording: it says nothing of which revision is the latest."""
    name = reader.feed.url
    return tuple(replace(one, feed_url=name, via="archive", revision_hash="") for one in parsed.entries)


async def _parsed_or_none(reader: Reader, url: str) -> ParsedFeed | None:
    """None beyond the end, however the site says so. Raises Retry."""
    try:
        return await reader.parsed(url)
    except Retry:
        raise
    except Fate:
        return None


def _parse(response: Response, url: str) -> ParsedFeed:
    return parse_feed(
        response.body, url=url, headers=response.headers, fetched_at=response.fetched_at, base_url=response.url
    )
