"""The three ways a poll can end, each a new ``Feed`` with its next due time (pure; randomness is handed in).

A feed is never given up. Errors have weights (a lost host name may be ours, a 404 is theirs), the back-off doubles with
them up to ``error_cap_hours``, and the first success forgets everything.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.cadence import redirects, rhythm, validators
from pipeline.cadence.interval import jittered, out_of_skipped, schedule_next
from pipeline.cadence.outage import NETWORK_SLUGS
from pipeline.errors import Fate, Retry
from pipeline.records import FeedHints, ParsedFeed, Response
from pipeline.settings import ScheduleSettings
from pipeline.stages.poll import Verdict, probe_at
from pipeline.text.headers import fresh_for_s
from storage.records import Entry, Feed, FeedSchedule

NO_FAULT = frozenset({"host_closed", "rate_limited", "interrupted", "robots_unreachable"})
"""The host's gate, or our own doing: the feed is not to blame."""
WEIGHTS = {
    "dns_failure": 0.25,
    "connect_failure": 0.5,
    "tls_failure": 0.5,
    "timeout": 0.5,
    "protocol_error": 0.5,
    "server_error": 0.5,
    "bot_wall": 0.5,
    "truncated": 0.5,
    "forbidden": 0.5,
    "parse_timeout": 0.5,
    "empty_document": 0.5,
}
"""Media Cloud's weights: 1 for what the server meant, 0.5 for what may pass, 0.25 for name servers. Others: 1."""
FIRST_BACKOFF_S = 900.0
GONE_CONFIRMED = 3
GONE_AGE = timedelta(days=7)
"""410 said three times over a week: then it is believed, and asked about every other week."""
DORMANT = timedelta(days=14)
OUTAGE_RETRY_S = 120.0
NETWORK_DOWN = "the network is down"
REVERT_WEIGHT = 3.0
"""A rewritten address that has failed this much: the subscriber's own is tried again."""
SMALL_WINDOW = 5
"""A feed that shows only its latest few entries always shows new ones alone: that proves no loss."""
MAX_ANOMALIES = 12
_HTTP_WISH_CAP_S = 24 * 3600.0
_STATIC_DEFAULT_S = 3600.0


def first_due(settings: ScheduleSettings, now: datetime, rng: random.Random, feeds: int = 1) -> datetime:
    """When a new feed is polled first: at once for a few, spread over half the default interval for many."""
    span_s = min(feeds * 0.05, settings.default_interval_minutes * 30.0)
    return now + timedelta(seconds=rng.uniform(0.0, span_s))


def after_success(
    feed: Feed,
    verdict: Verdict,
    response: Response,
    parsed: ParsedFeed,
    known: Collection[str],
    settings: ScheduleSettings,
    now: datetime,
    rng: random.Random,
) -> Feed:
    """A body that parsed. ``known``: the keys among the parsed entries that had been seen before this poll."""
    fresh = [entry for entry in parsed.entries if entry.key not in known]
    first = feed.last_success is None
    seen = sighting(parsed, known, now)
    overlap = None if first or not parsed.entries else seen.known / len(parsed.entries)
    schedule = rhythm.learn(_calm(feed.schedule), seen, first=first, last_polled=feed.last_polled)
    schedule = _hinted(replace(schedule, overlap=overlap), parsed.hints, response.headers, now)
    lost = overlap == 0.0 and seen.window >= SMALL_WINDOW
    if lost:
        schedule = _lost(schedule, feed.schedule)
    caught = validators.lied(feed, verdict, response.headers, fresh)
    kept = validators.after_full(feed.validators, response.headers, verdict, now)
    done = replace(
        feed,
        title=parsed.title or feed.title,
        site_url=parsed.site_url or feed.site_url,
        language=parsed.language or feed.language,
        validators=replace(kept, conditional=False) if caught else kept,
        schedule=schedule,
        last_polled=now,
        last_success=now,
        last_outcome="ok",
        last_detail="truncated: what came was kept" if verdict.partial else None,
        entries_seen=feed.entries_seen + len(fresh),
        anomalies=_anomalies(feed, {"stale_304": caught, "partial": verdict.partial, "overlap_lost": lost}),
    )
    done = redirects.track(done, response, shares_entries=seen.known > 0, now=now)
    return _due(done, settings, now, rng)


def after_unchanged(
    feed: Feed, verdict: Verdict, response: Response, settings: ScheduleSettings, now: datetime, rng: random.Random
) -> Feed:
    """304, or the body already known. The document's hints are remembered; the response's are renewed if it has any."""
    schedule = _hinted(_calm(feed.schedule), None, response.headers, now)
    done = replace(
        feed,
        validators=validators.after_same(feed.validators, response.headers, verdict, now),
        schedule=schedule,
        last_polled=now,
        last_success=now,
        last_outcome="unchanged",
        last_detail=None,
    )
    done = redirects.track(done, response, shares_entries=True, now=now)
    return _due(done, settings, now, rng)


def after_failure(
    feed: Feed,
    fate: Fate,
    settings: ScheduleSettings,
    now: datetime,
    rng: random.Random,
    *,
    network_down: bool = False,
) -> Feed:
    """A poll that brought no document. Validators stay as they were; the rhythm is not taught."""
    done = replace(feed, last_polled=now, last_outcome=fate.slug, last_detail=fate.detail or None)
    wish_s = (fate.retry_after_s or 0.0) if isinstance(fate, Retry) else 0.0
    if network_down:
        return _later(replace(done, last_detail=NETWORK_DOWN), max(wish_s, OUTAGE_RETRY_S), settings, rng, now)
    if fate.slug in NO_FAULT:
        wait_s = wish_s or jittered(min(feed.schedule.interval_s, FIRST_BACKOFF_S), settings, rng)
        return replace(done, next_due=now + timedelta(seconds=wait_s))
    schedule = _blamed(feed.schedule, fate.slug, now)
    done = replace(done, schedule=schedule)
    if done.fetch_url and schedule.error_weight >= REVERT_WEIGHT:
        done = redirects.revert(done)
    if _dormant(schedule, now):
        done = replace(done, anomalies=_anomalies(done, {"dormant": True}))
        return _later(done, DORMANT.total_seconds(), settings, rng, now)
    return _later(done, max(wish_s, _backoff_s(schedule, settings)), settings, rng, now)


def pardon(feed: Feed, settings: ScheduleSettings, now: datetime, rng: random.Random) -> Feed:
    """Takes back the last blame: it turned out that our own network was down."""
    if feed.last_outcome not in NETWORK_SLUGS:
        return feed
    weight = max(0.0, feed.schedule.error_weight - WEIGHTS[feed.last_outcome])
    innocent = replace(feed, last_detail=NETWORK_DOWN, schedule=replace(feed.schedule, error_weight=weight))
    return _later(innocent, OUTAGE_RETRY_S, settings, rng, now)


def sighting(parsed: ParsedFeed, known: Collection[str], now: datetime) -> rhythm.Sighting:
    """What the document teaches about the rhythm; dates in the future are no dates."""
    fresh = [entry for entry in parsed.entries if entry.key not in known]
    dated = sorted(time for entry in fresh if (time := _believable(entry, now)))
    return rhythm.Sighting(
        at=now,
        window=len(parsed.entries),
        fresh=tuple(dated),
        undated=len(fresh) - len(dated),
        dated=tuple(sorted(time for entry in parsed.entries if (time := _believable(entry, now)))),
        known=len(parsed.entries) - len(fresh),
    )


def _believable(entry: Entry, now: datetime) -> datetime | None:
    published = entry.date_published
    return published if published is not None and published <= now + timedelta(minutes=5) else None


def _due(feed: Feed, settings: ScheduleSettings, now: datetime, rng: random.Random) -> Feed:
    interval_s, due = schedule_next(feed, feed.schedule, settings, now, rng)
    suspicion = probe_at(feed.validators) if feed.validators.conditional else None
    if suspicion is not None and now < suspicion < due:
        due = suspicion
    return replace(feed, schedule=replace(feed.schedule, interval_s=interval_s), next_due=due)


def _calm(schedule: FeedSchedule) -> FeedSchedule:
    """The first success forgets every error."""
    return replace(schedule, error_weight=0.0, gone_count=0, gone_since=None)


def _hinted(schedule: FeedSchedule, hints: FeedHints | None, headers: Mapping[str, str], now: datetime) -> FeedSchedule:
    """``hints`` None: no document came, its old hints stand (Miniflux forgets them at each 304)."""
    document_s, skip_hours, skip_days = schedule.document_floor_s, schedule.skip_hours, schedule.skip_days
    if hints is not None:
        document_s = max(hints.ttl_s or 0.0, hints.update_period_s or 0.0)
        skip_hours, skip_days = hints.skip_hours, hints.skip_days
    fresh_s = fresh_for_s(headers, now)
    http_s = schedule.http_floor_s if fresh_s is None else _wish(fresh_s)
    return replace(
        schedule,
        document_floor_s=document_s,
        http_floor_s=http_s,
        hint_floor_s=max(document_s, http_s),
        skip_hours=skip_hours,
        skip_days=skip_days,
    )


def _wish(fresh_s: float) -> float:
    """More than a day is a static host's default for every file, not a wish about this one."""
    return fresh_s if fresh_s <= _HTTP_WISH_CAP_S else _STATIC_DEFAULT_S


def _lost(schedule: FeedSchedule, before: FeedSchedule) -> FeedSchedule:
    """Nothing in the window was known: entries were probably lost. Half the interval, and that is remembered."""
    fill_s = before.interval_s / 2
    return replace(schedule, fill_s=min(schedule.fill_s or fill_s, fill_s))


def _blamed(schedule: FeedSchedule, slug: str, now: datetime) -> FeedSchedule:
    weight = schedule.error_weight + WEIGHTS.get(slug, 1.0)
    if slug != "gone":
        return replace(schedule, error_weight=weight)
    return replace(
        schedule, error_weight=weight, gone_count=schedule.gone_count + 1, gone_since=schedule.gone_since or now
    )


def _dormant(schedule: FeedSchedule, now: datetime) -> bool:
    """By the span of the sightings: several 410 in one bad hour are one bad hour."""
    since = schedule.gone_since
    return since is not None and schedule.gone_count >= GONE_CONFIRMED and now - since >= GONE_AGE


def _backoff_s(schedule: FeedSchedule, settings: ScheduleSettings) -> float:
    cap_s = settings.error_cap_hours * 3600.0
    backoff_s = FIRST_BACKOFF_S * float(2.0 ** min(schedule.error_weight, 40.0))
    return min(cap_s, max(backoff_s, schedule.interval_s))


def _later(feed: Feed, wait_s: float, settings: ScheduleSettings, rng: random.Random, now: datetime) -> Feed:
    due = now + timedelta(seconds=wait_s + wait_s * settings.jitter * rng.random())
    return replace(feed, next_due=out_of_skipped(due, feed.schedule, rng))


def _anomalies(feed: Feed, found: dict[str, bool]) -> tuple[str, ...]:
    """What was found joins what is known; ``partial`` and ``overlap_lost`` are about the last document alone."""
    kept = [slug for slug in feed.anomalies if slug not in {"partial", "overlap_lost", "dormant"}]
    return tuple(dict.fromkeys((*kept, *(slug for slug, yes in found.items() if yes))))[-MAX_ANOMALIES:]
