"""``feeds check``: every feed fetched once, now, without a store: is it alive, and what should be done about it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.engines.inspect import ForgetfulHosts
from pipeline.errors import SLUGS, Fate
from pipeline.records import ParsedFeed, Response
from pipeline.settings import FeedSettings, Settings
from pipeline.stages.diagnosis import Finding, diagnose
from pipeline.stages.discover import parse_feed
from pipeline.stages.poll import Verdict, judge, request_for
from pipeline.web.client import HttpWeb
from pipeline.world import Clock, SystemClock, Web
from storage.records import Feed

PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one look found. ``outcome``: ``ok`` or a slug from ``pipeline.errors``; ``findings`` are for a person."""

    url: str
    name: str | None
    outcome: str
    detail: str | None = None
    status: int | None = None
    final_url: str | None = None
    title: str | None = None
    format: str | None = None
    parser: str | None = None
    entries: int = 0
    newest: datetime | None = None
    bytes_read: int = 0
    elapsed_s: float = 0.0
    warnings: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        return self.outcome == "ok"


def run(
    settings: Settings,
    feeds: Sequence[FeedSettings],
    *,
    told: Callable[[Checked], None] = lambda _: None,
    clock: Clock | None = None,
    web: Web | None = None,
) -> list[Checked]:
    """Looks at each feed once, politely and side by side; in the order of ``feeds``. ``told`` hears each as it is done."""
    return asyncio.run(_run(settings, feeds, told, clock or SystemClock(), web))


async def _run(
    settings: Settings,
    feeds: Sequence[FeedSettings],
    told: Callable[[Checked], None],
    clock: Clock,
    web: Web | None,
) -> list[Checked]:
    client = web or HttpWeb(settings.fetch, clock, ForgetfulHosts())
    slots = asyncio.Semaphore(settings.fetch.concurrency)

    async def one(wish: FeedSettings) -> Checked:
        async with slots:
            checked = await check(client, clock, wish)
        told(checked)
        return checked

    try:
        return list(await asyncio.gather(*(one(wish) for wish in feeds)))
    finally:
        await client.aclose()


async def check(web: Web, clock: Clock, wish: FeedSettings) -> Checked:
    """One feed. What went wrong is the outcome; nothing is raised."""
    feed = Feed(
        url=wish.url,
        name=wish.name,
        interval_minutes=wish.interval_minutes,
        headers=wish.headers,
        http2=wish.http2,
        full_text=wish.full_text,
    )
    started = clock.monotonic()
    response: Response | None = None
    try:
        request = request_for(feed, clock.now())
        response = await web.get(request)
        _refuse(judge(request, response, feed))
        parsed = await asyncio.to_thread(_parse, response, wish.url)
    except Fate as fate:
        failed = replace(feed, last_outcome=fate.slug, last_detail=fate.detail or None)
        return _checked(failed, None, response, clock, clock.monotonic() - started)
    return _checked(replace(feed, last_outcome="ok"), parsed, response, clock, clock.monotonic() - started)


def _refuse(verdict: Verdict) -> None:
    if verdict.kind == "failed":
        raise Fate(verdict.slug or "protocol_error", verdict.detail or "")


def _parse(response: Response, url: str) -> ParsedFeed:
    return parse_feed(response.body, url=url, headers=response.headers, fetched_at=response.fetched_at)


def _checked(
    feed: Feed, parsed: ParsedFeed | None, response: Response | None, clock: Clock, elapsed_s: float
) -> Checked:
    found = diagnose(feed, (), parsed, now=clock.now())
    if parsed is None:
        found = tuple(_of_one_look(finding, feed) for finding in found if finding.severity != "note")
    return Checked(
        url=feed.url,
        name=feed.name,
        outcome=feed.last_outcome or "ok",
        detail=feed.last_detail,
        status=response.status if response else None,
        final_url=response.url if response else None,
        title=parsed.title if parsed else None,
        format=parsed.format if parsed else None,
        parser=parsed.parser if parsed else None,
        entries=len(parsed.entries) if parsed else 0,
        newest=_newest(parsed, clock.now()) if parsed else None,
        bytes_read=response.wire_bytes if response else 0,
        elapsed_s=round(elapsed_s, 3),
        warnings=parsed.warnings if parsed else (),
        findings=(*found, *_transport(response)) if parsed and response else found,
    )


def _of_one_look(finding: Finding, feed: Feed) -> Finding:
    """Without the history that a single look does not have."""
    if finding.slug != feed.last_outcome:
        return finding
    return replace(finding, text=": ".join(filter(None, (SLUGS.get(finding.slug), feed.last_detail))))


def _newest(parsed: ParsedFeed, now: datetime) -> datetime | None:
    dates = (entry.date_published for entry in parsed.entries)
    return max((date for date in dates if date is not None and date <= now), default=None)


def _transport(response: Response) -> Iterator[Finding]:
    """What a single answer shows of how the feed is served."""
    if response.hops and all(hop.status in PERMANENT for hop in response.hops):
        text = f"answers with a permanent redirect to {response.url}"
        yield Finding(severity="note", slug="moved", text=text, remedy="put that address into the feed list")
    if not {"etag", "last-modified"} & response.headers.keys():
        text = "names neither ETag nor Last-Modified: every look costs the whole document"
        yield Finding(severity="note", slug="no_validators", text=text, remedy="only the publisher can mend it")
