"""Polling policies as their projects publish them, and ours: what was seen in, seconds until the next poll out."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.publishers import DAY, HOUR, MINUTE, START, Trace
from pipeline.cadence import after_success, after_unchanged
from pipeline.records import ParsedFeed, Response
from pipeline.settings import ScheduleSettings
from pipeline.stages.poll import Verdict
from storage.records import Entry, Feed


@dataclass
class View:
    """What a poll at ``now`` showed: the entries ``low`` … ``high`` of the trace, of which the last ``new`` were new."""

    now: float
    low: int
    high: int
    new: int
    first: bool

    @property
    def size(self) -> int:
        return self.high - self.low


Policy = Callable[[View], float]
"""Seconds until the next poll."""


def fixed(minutes: float) -> Callable[[Trace], Policy]:
    return lambda _trace: lambda _view: minutes * MINUTE


def miniflux(factor: float = 1.0) -> Callable[[Trace], Policy]:
    def start(trace: Trace) -> Policy:
        stored: list[float] = []

        def policy(view: View) -> float:
            fresh = trace.times[view.high - view.new : view.high]
            stored.extend(fresh if trace.dated else [view.now] * len(fresh))
            week = len(stored) - bisect_right(stored, view.now - 7 * DAY)
            return min(DAY, max(5 * MINUTE, 7 * DAY / (week * factor))) if week else DAY

        return policy

    return start


def commafeed(longest_h: float = 4.0) -> Callable[[Trace], Policy]:
    def start(trace: Trace) -> Policy:
        def policy(view: View) -> float:
            longest = longest_h * HOUR
            if not view.size or not trace.dated:
                return longest
            idle = view.now - trace.times[view.high - 1]
            for days, share in ((30, 1), (14, 2), (7, 4)):
                if idle >= days * DAY:
                    return longest / share
            gaps = view.size - 1
            average = (trace.times[view.high - 1] - trace.times[view.low]) / gaps if gaps else longest
            return min(longest / 4, max(5 * MINUTE, average / 2))

        return policy

    return start


def media_cloud(start_minutes: float = 60.0) -> Callable[[Trace], Policy]:
    def start(_trace: Trace) -> Policy:
        minutes, last_new, successes = start_minutes, -1e12, 0

        def policy(view: View) -> float:
            nonlocal minutes, last_new, successes
            successes += 1
            if view.new:
                last_new = view.now
            known = 100.0 * (1 - view.new / view.size) if view.new else 101.0 if view.size else 102.0
            if successes < 2:
                return minutes * MINUTE
            if known >= 67:
                recent = view.now - last_new <= 31 * DAY or known < 100
                minutes = min(1440.0, minutes + (10 if recent else 60))
            elif known < 33:
                minutes = 360.0 if minutes > 360 else max(10.0, minutes - 60)
            return minutes * MINUTE

        return policy

    return start


def ours(minutes: float = 30.0) -> Callable[[Trace], Policy]:
    settings = ScheduleSettings(default_interval_minutes=minutes)

    def start(trace: Trace) -> Policy:
        feed = Feed(url=trace.name)
        rng = random.Random(trace.name)
        entries = [_entry(trace, time) for time in trace.times]
        keys = [entry.key for entry in entries]

        def policy(view: View) -> float:
            nonlocal feed
            now = START + timedelta(seconds=view.now)
            response = Response(request_url="", url="", status=200, headers={}, body=b"", fetched_at=now)
            if view.new or view.first:
                known = set(keys[view.low : view.high - view.new])
                parsed = ParsedFeed(
                    format="",
                    parser="",
                    title=None,
                    site_url=None,
                    language=None,
                    entries=tuple(entries[view.low : view.high]),
                )
                feed = after_success(feed, Verdict(kind="parse"), response, parsed, known, settings, now, rng)
            else:
                feed = after_unchanged(feed, Verdict(kind="unchanged"), response, settings, now, rng)
            assert feed.next_due is not None
            return (feed.next_due - now).total_seconds()

        return policy

    return start


def _entry(trace: Trace, time: float) -> Entry:
    published = START + timedelta(seconds=time) if trace.dated else None
    return Entry(
        key=repr(time), url="", feed_url=None, entry_id=None, via="feed", revision_hash="", date_published=published
    )


def policies() -> Iterator[tuple[str, str, Callable[[Trace], Policy]]]:
    for minutes in (5, 10, 15, 20, 30, 60, 120, 240):
        yield "fixed", f"fixed {minutes} min", fixed(minutes)
    for factor in (0.5, 1, 2, 3, 4, 8):
        yield "Miniflux", f"Miniflux entry_frequency ×{factor:g}", miniflux(factor)
    for longest in (2, 4, 8):
        yield "CommaFeed", f"CommaFeed, at most {longest} h", commafeed(longest)
    yield "Media Cloud", "Media Cloud auto-adjust", media_cloud()
    for price in (10, 15, 20, 30, 45, 60, 90, 120, 180, 360, 720):
        yield "ours", f"ours, {price} min at one entry an hour", ours(price)
