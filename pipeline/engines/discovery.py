"""``feeds discover``: the feeds of a site, each of them fetched and read before it is named."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.engines.inspect import ForgetfulHosts
from pipeline.errors import Fate
from pipeline.records import ParsedFeed, Request, Response
from pipeline.settings import Settings
from pipeline.stages.autodiscovery import Candidate, best_first, candidates
from pipeline.stages.discover import parse_feed
from pipeline.web.client import HttpWeb
from pipeline.world import Clock, SystemClock, Web

Tried = Callable[[int, int], None]
"""``tried(done, of)``: addresses looked at so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """One feed. ``tier``: how it was found; ``aside``: of comments, a tag or an author, not of the whole site."""

    url: str
    title: str | None
    tier: str
    aside: bool
    format: str
    entries: int
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The feeds, best first; ``tried`` addresses were looked at; ``problem`` says why the page itself gave nothing."""

    site: str
    feeds: tuple[Discovered, ...]
    tried: int
    problem: str | None = None


def run(
    settings: Settings, site: str, *, tried: Tried = lambda _done, _of: None, clock: Clock | None = None
) -> Discovery:
    """Looks at ``site`` (any page of it), then at what it points to; at the usual places only where that gave nothing."""
    return asyncio.run(_run(settings, site, tried, clock or SystemClock()))


async def _run(settings: Settings, site: str, tried: Tried, clock: Clock) -> Discovery:
    web = HttpWeb(settings.fetch, clock, ForgetfulHosts())
    try:
        return await Search(web, clock, tried).find(site)
    finally:
        await web.aclose()


class Search:
    """One search: every address is fetched at most once."""

    def __init__(self, web: Web, clock: Clock, tried: Tried) -> None:
        self._web, self._clock, self._told = web, clock, tried
        self._done = self._of = 0

    async def find(self, site: str) -> Discovery:
        response, problem = await self._page(site)
        at = response.url if response else site
        if response and (feed := _parsed(response, at)):
            itself = Candidate(url=at, tier="declared", title=feed.title)
            return self._result(site, [(itself, feed)], problem)
        known = candidates(response.body if response else b"", at)
        found = await self._try([one for one in known if one.tier != "guessed"])
        if not any(not one.aside for one, _ in found):
            found += await self._try([one for one in known if one.tier == "guessed"])
        return self._result(site, found, problem)

    async def _page(self, site: str) -> tuple[Response | None, str | None]:
        """Whatever stands there, a feed included; a page that cannot be had still leaves the usual places."""
        try:
            response = await self._web.get(Request(url=site, kind="discovery"))
        except Fate as fate:
            return None, str(fate)
        return (response, None) if response.status < 400 else (None, f"HTTP {response.status}")

    async def _try(self, some: Sequence[Candidate]) -> list[tuple[Candidate, ParsedFeed]]:
        self._of += len(some)
        feeds = await asyncio.gather(*(self._feed(one) for one in some))
        return [(candidate, feed) for candidate, feed in zip(some, feeds, strict=True) if feed is not None]

    async def _feed(self, candidate: Candidate) -> ParsedFeed | None:
        try:
            response = await self._web.get(Request(url=candidate.url, kind="discovery"))
            return await asyncio.to_thread(_parsed, response, candidate.url) if response.status < 300 else None
        except Fate:
            return None
        finally:
            self._done += 1
            self._told(self._done, self._of)

    def _result(self, site: str, found: list[tuple[Candidate, ParsedFeed]], problem: str | None) -> Discovery:
        now = self._clock.now()
        feeds = tuple(_described(candidate, feed, now) for candidate, feed in best_first(found))
        return Discovery(site=site, feeds=feeds, tried=self._done, problem=problem)


def _parsed(response: Response, url: str) -> ParsedFeed | None:
    try:
        return parse_feed(response.body, url=url, headers=response.headers, fetched_at=response.fetched_at)
    except Fate:
        return None


def _described(candidate: Candidate, feed: ParsedFeed, now: datetime) -> Discovered:
    dates = (entry.date_published for entry in feed.entries)
    return Discovered(
        url=candidate.url,
        title=feed.title or candidate.title,
        tier=candidate.tier,
        aside=candidate.aside,
        format=feed.format,
        entries=len(feed.entries),
        newest=max((date for date in dates if date is not None and date <= now), default=None),
    )
