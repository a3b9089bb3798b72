"""Feed → Polled: one GET, judged and parsed, and when to look again."""

import logging
import random
from dataclasses import dataclass, replace
from datetime import timedelta

from pipeline.cadence import OutageDetector, after_failure, after_success, after_unchanged
from pipeline.errors import REJECT_SLUGS, RETRY_SLUGS, Fate, Reject, Retry
from pipeline.records import ParsedFeed, Response
from pipeline.stages.discover import parse_feed
from pipeline.stages.identity import is_backfill
from pipeline.stages.poll import Verdict, judge, request_for
from pipeline.text.scrub import scrubbed
from pipeline.text.urls import host_of
from pipeline.world import World
from storage.records import Anomaly, Entry, Feed, Poll

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A feed after one poll: its new state, what it announced (empty where unchanged), one line of its history."""

    feed: Feed
    entries: tuple[Entry, ...]
    poll: Poll
    anomalies: tuple[Anomaly, ...] = ()
    moved: bool = False
    """A permanent redirect has proved itself: ``feed.fetch_url`` is new."""
    pardoned: tuple[str, ...] = ()
    """Feeds that were blamed for what turned out to be an outage of our own network."""


class Poller:
    """Polls feeds of one world; remembers between polls only whether the network itself is down."""

    def __init__(self, world: World, rng: random.Random | None = None) -> None:
        self._world = world
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not secrets
        self._outage = OutageDetector()

    async def poll(self, feed: Feed) -> Polled:
        """Never raises a fate: what went wrong is the outcome of the poll."""
        started = self._world.clock.monotonic()
        response: Response | None = None
        try:
            request = request_for(feed, self._world.clock.now())
            response = await self._world.web.get(request)
            polled = await self._read(feed, judge(request, response, feed), response)
            self._outage.observe(host_of(feed.url), None, self._world.clock.now(), feed.url)
        except Fate as fate:
            polled = self._failed(feed, fate)
        except Exception:
            log.exception("polling %s", feed.url)
            polled = self._failed(feed, Retry("internal_error", "see the log"))
        polled = replace(
            polled,
            anomalies=(*polled.anomalies, *_new_anomalies(feed, polled.feed)),
            moved=polled.feed.fetch_url not in {None, feed.fetch_url},
            pardoned=self._outage.pardoned(),
        )
        return _timed(polled, response, timedelta(seconds=self._world.clock.monotonic() - started))

    async def _read(self, feed: Feed, verdict: Verdict, response: Response) -> Polled:
        settings, now = self._world.settings.schedule, self._world.clock.now()
        if verdict.kind == "failed":
            raise _fate(verdict)
        if verdict.kind == "unchanged":
            done = after_unchanged(feed, verdict, response, settings, now, self._rng)
            return self._polled(done, (), "unchanged")
        parsed = await self._parse(feed, response)
        known = self._known(parsed)
        done = after_success(feed, verdict, response, parsed, known, settings, now, self._rng)
        entries = tuple(
            replace(entry, feed_url=feed.url, first_seen=now, backfill=is_backfill(entry, feed, now))
            for entry in parsed.entries
        )
        return replace(self._polled(done, entries, "ok"), anomalies=_anomalies(parsed, done))

    def _known(self, parsed: ParsedFeed) -> set[str]:
        """Keys of the entries that were seen before, under whichever of their names."""
        names = [name for entry in parsed.entries for name in (entry.key, *entry.aliases)]
        found = self._world.store.frontier.known(names)
        return {entry.key for entry in parsed.entries if not found.keys().isdisjoint((entry.key, *entry.aliases))}

    async def _parse(self, feed: Feed, response: Response) -> ParsedFeed:
        deadline_s = self._world.settings.extract.deadline_s
        try:
            return scrubbed(await self._world.compute.run(_parse, response, feed.url, deadline_s=deadline_s))
        except Retry as fate:
            if fate.slug not in {"extract_timeout", "extract_crash"}:
                raise
            raise Reject("parse_timeout", fate.detail or fate.slug) from fate

    def _failed(self, feed: Feed, fate: Fate) -> Polled:
        now = self._world.clock.now()
        self._outage.observe(host_of(feed.url), fate, now, feed.url)
        done = after_failure(
            feed, fate, self._world.settings.schedule, now, self._rng, network_down=self._outage.down()
        )
        polled = self._polled(done, (), fate.slug)
        return replace(polled, poll=replace(polled.poll, detail=fate.detail or None))

    def _polled(self, feed: Feed, entries: tuple[Entry, ...], outcome: str) -> Polled:
        poll = Poll(
            feed_url=feed.url,
            at=self._world.clock.now(),
            outcome=outcome,
            status=None,
            duration=timedelta(0),
            bytes_read=0,
            entries=len(entries),
            new=0,
            detail=None,
        )
        return Polled(feed=feed, entries=entries, poll=poll)


def _parse(response: Response, url: str) -> ParsedFeed:
    return parse_feed(
        response.body, url=url, headers=response.headers, fetched_at=response.fetched_at, base_url=response.url
    )


def _fate(verdict: Verdict) -> Fate:
    slug, detail = verdict.slug or "protocol_error", verdict.detail or ""
    kind = Retry if slug in RETRY_SLUGS else Reject if slug in REJECT_SLUGS else Fate
    return kind(slug, detail)


def _timed(polled: Polled, response: Response | None, duration: timedelta) -> Polled:
    if response is None:
        return replace(polled, poll=replace(polled.poll, duration=duration))
    poll = replace(polled.poll, duration=duration, status=response.status, bytes_read=response.wire_bytes)
    return replace(polled, poll=poll)


def _new_anomalies(before: Feed, after: Feed) -> list[Anomaly]:
    """What cadence noticed at this poll (stale_304, overlap_lost, dormant, ...) and had not noticed before."""
    at = after.last_polled
    assert at is not None
    return [
        Anomaly(at=at, subject=after.url, slug=slug, detail="")
        for slug in after.anomalies
        if slug not in before.anomalies
    ]


def _anomalies(parsed: ParsedFeed, feed: Feed) -> tuple[Anomaly, ...]:
    """What a person should hear about a feed although the poll succeeded; each document's warnings once a poll."""
    assert feed.last_polled is not None
    found = [Anomaly(at=feed.last_polled, subject=feed.url, slug=slug, detail="") for slug in parsed.warnings]
    if parsed.dropped:
        detail = f"{parsed.dropped} items without link or usable id"
        found.append(Anomaly(at=feed.last_polled, subject=feed.url, slug="dropped_items", detail=detail))
    return tuple(found)
