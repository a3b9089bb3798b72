"""Sitemaps, their indexes, and the sitemaps that a site's robots.txt names (sitemaps.org)."""

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from urllib.parse import urljoin, urlsplit

from pipeline.archives.sitemap import Sitemap, parse_sitemap
from pipeline.errors import Fate, Retry
from pipeline.steps.archives.reading import Bounds, Reading
from pipeline.steps.keep import Announced
from pipeline.text.urls import is_http
from storage.records import Entry

MAX_SITEMAPS = 50_000
"""sitemaps.org allows 50,000 children in an index; a site that nests more is lost in its own archive."""
MARKS = 2000
"""A place names all files that are left to read: of more than so many only every second, third ... one is kept."""
USUAL_PLACES = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
"""Where robots.txt names none: sitemaps.org's example, Yoast's and WordPress' own."""
_SITEMAP_LINE = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/-])")


@dataclass(slots=True)
class Walk:
    """Where a walk is: what waits, and short hashes of what was read or found."""

    waiting: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    read: int = 0

    def add(self, urls: Iterable[str]) -> None:
        for url in urls:
            mark = blake2b(url.encode(), digest_size=6).hexdigest()
            if mark not in self.seen:
                self.seen.add(mark)
                self.waiting.append(url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file, as far as it lies within the bounds; ``found`` counts all that it lists."""

    entries: tuple[Entry, ...] = ()
    found: int = 0
    children: tuple[str, ...] = ()
    dropped: int = 0
    complete: bool = True


async def sitemap(reading: Reading, url: str) -> AsyncIterator[Announced]:
    """Walks a sitemap and its children, breadth first, each once. A site's own address stands for its robots.txt.

    A child that fails for now is left for the next run; the others are read in this one.
    """
    source = f"sitemap {url}"
    walk = reading.resumed(source, Walk) or Walk()
    if not walk.waiting:
        walk.add(await _starts(reading, url))
    later: list[str] = []
    while walk.waiting and walk.read < MAX_SITEMAPS:
        child = walk.waiting.pop(0)
        try:
            part = await _read(reading, child)
        except Fate as fate:
            reading.failed(child, fate)
            part = Part()
            if isinstance(fate, Retry):
                later.append(child)
        walk.read += 1
        walk.add(part.children)
        for announced in _batches(reading, source, walk, part, later):
            yield announced


def _batches(reading: Reading, source: str, walk: Walk, part: Part, later: list[str]) -> Iterator[Announced]:
    left = Walk(waiting=[*walk.waiting, *later], seen=walk.seen, read=walk.read - len(later))
    marked = walk.read % (len(left.waiting) // MARKS + 1) == 0 or not walk.waiting
    mark = reading.mark(source, left if left.waiting else None) if marked else None
    share = walk.read / (walk.read + len(walk.waiting))
    yield from reading.batches(source, part.entries, found=part.found, mark=mark, share=share)


async def _starts(reading: Reading, url: str) -> list[str]:
    """The sitemap itself; of a site's address or robots.txt, what that names."""
    path = urlsplit(url).path
    if path not in {"", "/", "/robots.txt"}:
        return [url]
    try:
        response = await reading.get(urljoin(url, "/robots.txt"))
    except Fate as fate:
        if isinstance(fate, Retry):
            raise
        return await _usual(reading, url)
    named = [urljoin(url, one) for one in _SITEMAP_LINE.findall(response.body.decode("utf-8", "replace"))]
    return [one for one in named if is_http(one)] or await _usual(reading, url)


async def _usual(reading: Reading, url: str) -> list[str]:
    for place in USUAL_PLACES:
        try:
            await _read(reading, urljoin(url, place))
        except Fate:
            continue
        return [urljoin(url, place)]
    reading.problem(f"{url}: robots.txt names no sitemap, and there is none in the usual places")
    return []


async def _read(reading: Reading, url: str) -> Part:
    response = await reading.get(url)
    now = reading.world.clock.now()
    part = await reading.world.compute.run(_part, response.body, response.url, now, reading.bounds)
    if part.dropped:
        reading.problem(f"{url}: {part.dropped} of its addresses are none, or lie beyond the limits of a sitemap")
    if not part.complete or response.truncated:
        reading.problem(f"{url}: it ends early; {part.found} addresses were read")
    return part


def _part(body: bytes, url: str, now: datetime, bounds: Bounds) -> Part:
    """Runs in a worker: of a large file only what lies within the bounds travels back."""
    found = parse_sitemap(body, url=url, fetched_at=now)
    return Part(
        entries=tuple(entry for entry in found.entries if bounds.may_hold(stated_date(entry))),
        found=len(found.entries),
        children=_children(found, bounds),
        dropped=found.dropped,
        complete=found.complete,
    )


def _children(found: Sitemap, bounds: Bounds) -> tuple[str, ...]:
    """Without those in which nothing has changed since before the bounds."""
    pairs = zip(found.children, found.children_modified, strict=True)
    return tuple(
        url for url, modified in pairs if not (bounds.since and modified is not None and modified < bounds.since)
    )


def stated_date(entry: Entry) -> datetime | None:
    """What a sitemap tells of the date of publication: the news extension's, the day in the address, else ``lastmod``."""
    return entry.date_published or date_in(entry.url) or entry.date_modified


def date_in(url: str) -> datetime | None:
    """The day that stands in an address (``/2024/03/05/``), if one does."""
    found = _URL_DATE.search(url)
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return None
