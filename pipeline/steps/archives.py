"""Backfill sources → Announced: the same entries as a poll would announce, from further back.

A source is an async iterator of batches. Each batch carries the checkpoint that is kept in the same transaction, so that the
same command goes on where it stopped; a source that reached its end leaves an empty checkpoint and reads anew next time.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from pipeline.archives.sitemap import Sitemap, parse_sitemap
from pipeline.archives.urllist import entries_of
from pipeline.errors import Fate, Retry
from pipeline.records import Request
from pipeline.steps.keep import Announced
from pipeline.steps.poll import Poller
from pipeline.world import World
from storage.records import Entry, Feed, Validators

log = logging.getLogger(__name__)
BATCH = 500
MAX_SITEMAPS = 50_000
"""sitemaps.org allows 50,000 children in an index; a site that nests more is lost in its own archive."""

Problem = Callable[[str], None]
"""Told a sentence about a source that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Published at or after ``since``, before ``until``; an entry without a date is judged by its page."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, published: datetime | None) -> bool:
        if published is None:
            return True
        return not ((self.since and published < self.since) or (self.until and published >= self.until))


@dataclass(slots=True)
class SitemapWalk:
    """Where a walk over a sitemap and its children is: kept as the source's checkpoint."""

    waiting: list[str]
    done: list[str] = field(default_factory=list)


async def sitemap(world: World, url: str, bounds: Bounds, problem: Problem) -> AsyncIterator[Announced]:
    """Walks a sitemap and its children, breadth first, each once."""
    name = f"sitemap {url}"
    walk = _resumed(world, name, url)
    while walk.waiting and len(walk.done) < MAX_SITEMAPS:
        child = walk.waiting[0]
        try:
            parsed = await _read(world, child)
        except Retry as fate:
            problem(f"{child}: {fate}; the same command goes on from here")
            return
        except Fate as fate:
            problem(f"{child}: {fate}")
            parsed = None
        walk = _advance(walk, child, parsed)
        entries = _within(parsed.entries, bounds) if parsed else []
        for chunk in chunks(entries, BATCH):
            yield Announced(source=name, entries=tuple(chunk))
        yield Announced(source=name, entries=(), checkpoint=msgspec.json.encode(walk) if walk.waiting else b"")


async def url_list(urls: Sequence[str], problem: Problem) -> AsyncIterator[Announced]:
    """The pages that a person listed, in their order."""
    entries, refused = entries_of(urls)
    for line in refused:
        problem(line)
    for chunk in chunks(entries, BATCH):
        yield Announced(source="urls", entries=tuple(chunk))


async def feed_window(world: World, url: str, bounds: Bounds, problem: Problem) -> AsyncIterator[Announced]:
    """What a feed shows now, without touching its schedule."""
    known = world.store.feeds.get(url) or Feed(url=url, active=False)
    polled = await Poller(world).poll(replace(known, validators=Validators()))
    if polled.poll.outcome not in {"ok", "unchanged"}:
        problem(f"{url}: {polled.poll.outcome} {polled.poll.detail or ''}".rstrip())
    for chunk in chunks(_within(polled.entries, bounds), BATCH):
        yield Announced(source=f"feed {url}", entries=tuple(chunk))


def chunks(entries: Sequence[Entry], size: int) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]


async def _read(world: World, url: str) -> Sitemap:
    response = await world.web.get(Request(url=url, kind="archive"))
    if response.status != 200:
        raise (
            Retry("server_error", f"HTTP {response.status}")
            if response.status >= 500
            else Fate("client_error", f"HTTP {response.status}")
        )
    return await world.compute.run(_parse, response.body, response.url)


def _parse(body: bytes, url: str) -> Sitemap:
    return parse_sitemap(body, url=url)


def _advance(walk: SitemapWalk, child: str, parsed: Sitemap | None) -> SitemapWalk:
    done = [*walk.done, child]
    seen = {*done, *walk.waiting}
    found = [one for one in dict.fromkeys(parsed.children if parsed else ()) if one not in seen]
    return SitemapWalk(waiting=[*walk.waiting[1:], *found], done=done)


def _resumed(world: World, name: str, url: str) -> SitemapWalk:
    kept = world.store.checkpoints.get(name)
    return msgspec.json.decode(kept, type=SitemapWalk) if kept else SitemapWalk(waiting=[url])


def _within(entries: Sequence[Entry], bounds: Bounds) -> list[Entry]:
    held = [entry for entry in entries if bounds.holds(entry.date_published or entry.date_modified)]
    return [replace(entry, backfill=True) for entry in held]
