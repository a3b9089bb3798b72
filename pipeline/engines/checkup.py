"""``feeds check``: every feed fetched once, now, without a store: is it alive, and what should be done about it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pipeline.engines.inspect import ForgetfulHosts
from pipeline.errors import Fate
from pipeline.records import ParsedFeed, Response
from pipeline.settings import FeedSettings, Settings
from pipeline.stages.discover import parse_feed
from pipeline.stages.poll import Verdict, judge, request_for
from pipeline.web.client import HttpWeb
from pipeline.world import Clock, SystemClock, Web
from storage.records import Feed

QUIET_AFTER = timedelta(days=90)
"""A feed without a newer item is worth a look: most news feeds that stop do so without an error."""

PERMANENT = frozenset({301, 308})
ADVICE = {
    "html_not_feed": "`wirefold feeds discover` with the site's address finds where its feeds are now",
    "not_a_feed": "`wirefold feeds discover` with the site's address finds where its feeds are now",
    "not_found": "`wirefold feeds discover` with the site's address finds where its feeds are now",
    "gone": "the publisher says for good: `wirefold feeds remove`",
    "dns_failure": "check the spelling, and whether the site still exists",
    "blocked_address": "if this is meant, name the network in fetch.allow_private_networks",
    "forbidden": "the site refuses this program: set fetch.user_agent to your own name and address, or ask the publisher",
    "bot_wall": "the site lets browsers in only: ask the publisher, or look for another feed of it",
    "rate_limited": "asked too often, from this address: wait, and lengthen fetch.per_host_delay_s",
    "tls_failure": "the certificate does not hold: tell the publisher; check this machine's clock",
    "too_large": "raise fetch.max_body_mib if this is a real feed",
    "protocol_error": "try http2 = false for this feed",
    "bad_url": "correct the address in the feed list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one look found. ``outcome``: ``ok`` or a slug from ``pipeline.errors``; ``advice`` is for a person."""

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
    advice: tuple[str, ...] = field(default=())

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
    feed = Feed(url=wish.url, name=wish.name, headers=wish.headers, http2=wish.http2)
    started = clock.monotonic()
    response: Response | None = None
    try:
        request = request_for(feed, clock.now())
        response = await web.get(request)
        _refuse(judge(request, response, feed))
        parsed = await asyncio.to_thread(_parse, response, wish.url)
    except Fate as fate:
        return _failed(wish, fate, response, clock.monotonic() - started)
    return _read(wish, parsed, response, clock, clock.monotonic() - started)


def _refuse(verdict: Verdict) -> None:
    if verdict.kind == "failed":
        raise Fate(verdict.slug or "protocol_error", verdict.detail or "")


def _parse(response: Response, url: str) -> ParsedFeed:
    return parse_feed(response.body, url=url, headers=response.headers, fetched_at=response.fetched_at)


def _failed(wish: FeedSettings, fate: Fate, response: Response | None, elapsed_s: float) -> Checked:
    return Checked(
        url=wish.url,
        name=wish.name,
        outcome=fate.slug,
        detail=fate.detail or None,
        status=response.status if response else None,
        final_url=response.url if response else None,
        bytes_read=response.wire_bytes if response else 0,
        elapsed_s=round(elapsed_s, 3),
        advice=(ADVICE[fate.slug],) if fate.slug in ADVICE else (),
    )


def _read(wish: FeedSettings, parsed: ParsedFeed, response: Response, clock: Clock, elapsed_s: float) -> Checked:
    dates = [entry.date_published for entry in parsed.entries if entry.date_published is not None]
    newest = max((date for date in dates if date <= clock.now()), default=None)
    return Checked(
        url=wish.url,
        name=wish.name,
        outcome="ok",
        status=response.status,
        final_url=response.url,
        title=parsed.title,
        format=parsed.format,
        parser=parsed.parser,
        entries=len(parsed.entries),
        newest=newest,
        bytes_read=response.wire_bytes,
        elapsed_s=round(elapsed_s, 3),
        warnings=parsed.warnings,
        advice=tuple(_advice(parsed, response, newest, clock.now())),
    )


def _advice(parsed: ParsedFeed, response: Response, newest: datetime | None, now: datetime) -> list[str]:
    said = []
    if response.hops and all(hop.status in PERMANENT for hop in response.hops):
        said.append(f"the feed has moved for good: put {response.url} into the list")
    if not parsed.entries:
        said.append("no items in it at the moment")
    elif newest is not None and now - newest > QUIET_AFTER:
        said.append(f"nothing new since {newest:%Y-%m-%d}: the publisher may have left it behind")
    if not {"etag", "last-modified"} & response.headers.keys():
        said.append("no validators: every look costs the whole document")
    return said
