"""When a feed publishes: learned from the dates and the numbers of what is new, forgotten slowly (pure).

Three things are kept. A *profile* of the day and the week (decayed counts): newsrooms sleep. A *recent* count that halves
every two hours: a burst shows here first and is remembered for as long. And the *fill time*: the shortest time in which most
of a window was ever published, which bounds the interval so that nothing falls off the window between two polls.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from storage.records import FeedSchedule

HALF_LIFE_H = 14 * 24.0
RECENT_HALF_LIFE_H = 2.0
FILL_SHARE = 0.6
"""Of the window: the rest is the margin for a burst that is faster than any seen before."""
ATOM = timedelta(minutes=10)
MAX_DATED = 2000
FILL_FORGET_H = 14 * 24.0
"""After so many hours a remembered fill time has grown by a factor of e."""
PRIOR_H = 24.0
"""The weight of what is assumed before anything is known: one entry a day."""
SMOOTH = 2.0
"""Entries spread evenly over the profile before it is believed."""
FLOOR_SHARE = 0.15
"""No hour is taken to be quieter than this share of the mean: news does not keep office hours."""
MAX_SPAN_H = 60 * 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one full document showed: ``fresh`` are the publication times of new entries (ascending, none in the future),
    ``undated`` the number of new ones without a believable date, ``window`` all entries, ``dated`` their times.
    """

    at: datetime
    window: int
    fresh: tuple[datetime, ...]
    undated: int
    dated: tuple[datetime, ...]
    known: int

    @property
    def new(self) -> int:
        return len(self.fresh) + self.undated


def learn(schedule: FeedSchedule, seen: Sighting, *, first: bool, last_polled: datetime | None) -> FeedSchedule:
    """The schedule, taught by a full document. ``first``: the whole window is history, not news since the last poll."""
    since = seen.dated[0] if first and seen.dated else (schedule.learned_at or last_polled or seen.at)
    since = max(since, seen.at - timedelta(hours=MAX_SPAN_H))
    times = [time for time in (seen.dated if first else seen.fresh) if time >= since - timedelta(hours=6)]
    spread = [] if first else _spread(since, seen.at, seen.undated)
    taught = pass_time(schedule, since, seen.at)
    profile, weekdays = list(taught.profile), list(taught.weekdays)
    for time in (*times, *spread):
        faded = 0.5 ** (max(0.0, _hours(seen.at - time)) / HALF_LIFE_H)
        profile[time.hour] += faded
        weekdays[time.weekday()] += faded
    recent = taught.recent + sum(
        0.5 ** (max(0.0, _hours(seen.at - time)) / RECENT_HALF_LIFE_H) for time in (*times, *spread)
    )
    return replace(
        taught,
        profile=tuple(profile),
        weekdays=tuple(weekdays),
        recent=recent,
        window=seen.window,
        fill_s=_fill(taught.fill_s, seen, since),
    )


def pass_time(schedule: FeedSchedule, since: datetime | None, now: datetime) -> FeedSchedule:
    """Nothing new in ``since`` … ``now``: old counts fade, observed time grows, a remembered burst becomes less binding."""
    elapsed_h = max(0.0, _hours(now - since)) if since else 0.0
    fade = 0.5 ** (elapsed_h / HALF_LIFE_H)
    observed = (1 - fade) * HALF_LIFE_H / math.log(2)
    return replace(
        schedule,
        learned_at=now,
        learned_h=schedule.learned_h * fade + observed,
        profile=tuple(count * fade for count in schedule.profile) or (0.0,) * 24,
        weekdays=tuple(count * fade for count in schedule.weekdays) or (0.0,) * 7,
        recent=schedule.recent * 0.5 ** (elapsed_h / RECENT_HALF_LIFE_H),
        fill_s=None if schedule.fill_s is None else schedule.fill_s * math.exp(elapsed_h / FILL_FORGET_H),
    )


def mean_rate(schedule: FeedSchedule) -> float:
    """Entries per hour, over the remembered weeks."""
    return (sum(schedule.profile) + 1.0 * PRIOR_H / 24.0) / (schedule.learned_h + PRIOR_H)


def rate_at(schedule: FeedSchedule, when: datetime, now: datetime) -> float:
    """Entries per hour expected at ``when`` (not before ``now``): the profile, or the burst that is still going on."""
    mean = mean_rate(schedule)
    share = _share(schedule.profile, when.hour, 24) * _share(schedule.weekdays, when.weekday(), 7)
    burst = schedule.recent * math.log(2) / RECENT_HALF_LIFE_H
    burst *= 0.5 ** (max(0.0, _hours(when - now)) / RECENT_HALF_LIFE_H)
    return float(max(mean * max(FLOOR_SHARE, share), burst))


def _share(counts: Sequence[float], index: int, size: int) -> float:
    """How much busier this hour (day) is than the mean one; smoothed with its neighbours while little is known."""
    if not counts:
        return 1.0
    total = sum(counts)
    around = (counts[index - 1] + 2 * counts[index] + counts[(index + 1) % size]) / 4 if size == 24 else counts[index]
    return (around * size + SMOOTH) / (total + SMOOTH)


def _fill(known_s: float | None, seen: Sighting, since: datetime) -> float | None:
    """The shortest time for most of a window, over what this document shows; None while it shows too little."""
    most = max(2, math.ceil(seen.window * FILL_SHARE))
    shortest = _least(known_s, _fastest(seen.dated[-MAX_DATED:], most, seen.at))
    if seen.known and seen.undated and seen.new >= most:  # no dates: the interval itself is the measure
        shortest = _least(shortest, (seen.at - since).total_seconds() * most / seen.new)
    return shortest


def _fastest(dated: Sequence[datetime], most: int, now: datetime) -> float | None:
    """The least time between an entry and the ``most``-th after it. What came within one ``ATOM`` came at once: no poll
    could part it. The longer ago, the less it binds, exactly as a remembered fill time would by now.
    """
    shortest, later = None, 0
    for index, time in enumerate(dated):
        later = max(later, index + most)
        while later < len(dated) and dated[later] - time < ATOM:
            later += 1
        if later >= len(dated):
            break
        span_s = (dated[later] - time).total_seconds()
        shortest = _least(shortest, span_s * math.exp(min(50.0, _hours(now - dated[later]) / FILL_FORGET_H)))
    return shortest


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known) if known else None


def _spread(since: datetime, until: datetime, count: int) -> list[datetime]:
    step = (until - since) / (count + 1)
    return [(since + step * (index + 1)).astimezone(UTC) for index in range(min(count, 500))]


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600.0
