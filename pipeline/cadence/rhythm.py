"""When a feed publishes: learned from the dates and the numbers of what is new, forgotten slowly (pure).

Three things are kept. A *profile* of the hour, the day and the week (decayed counts): newsrooms sleep, timers tick. A
*recent* count that halves every two hours: a burst shows here first. And the *fill time*: the shortest time in which most of
a window was ever published, which bounds the interval so that nothing falls off the window between two polls.
Constants were set with ``benchmarks/cadence.py`` (three times forty feeds, 42 days).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from storage.records import FeedSchedule

HALF_LIFE_H = 14 * 24.0
RECENT_HALF_LIFE_H = 2.0
LATELY_HALF_LIFE_H = 24.0
LATELY_SHARE = 0.8
"""How far the last days are believed against the last weeks (measured: a feed that wakes up after weeks of silence is found
in a mean of 13 instead of 20 min; where nothing wakes up it costs 2 % more requests).
"""
BURST_SHARE = 0.4
"""How far the last hours are believed against the profile (measured: 0.7 and 1 buy little for 4 % more requests each)."""
FILL_SHARE = 0.7
"""Of the window: the rest is the margin for a burst that is faster than any seen before."""
FILL_FORGET_H = 45 * 24.0
"""After so many hours a remembered fill time has grown by a factor of e. With 14 days, a burst after three quiet weeks lost
entries in the simulator (0.3 % of a bursty feed's); with 45 none, for 3 % more requests.
"""
ATOM = timedelta(minutes=10)
MAX_DATED = 2000
PRIOR_H = 6.0
"""The weight of what is assumed before anything is known: one entry a day."""
SMOOTH, SMOOTH_MINUTES = 2.0, 12.0
"""Entries spread evenly over the profile before it is believed."""
FLOOR_SHARE = 0.15
"""No hour is taken to be quieter than this share of the mean: news does not keep office hours."""
MAX_SPAN_H = 60 * 24.0
LATE = timedelta(hours=6)
"""Entries are often dated a little before they are published."""
LN2 = math.log(2)


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
    times = [time for time in (seen.dated if first else seen.fresh) if time >= since - LATE]
    if not first:
        times += _spread(since, seen.at, seen.undated)
    taught = _pass_time(schedule, since, seen.at)
    profile, weekdays, minutes = list(taught.profile), list(taught.weekdays), list(taught.minutes)
    recent, lately = taught.recent, taught.lately
    for time in times:
        age_h = max(0.0, _hours(seen.at - time))
        faded = 0.5 ** (age_h / HALF_LIFE_H)
        profile[time.hour] += faded
        weekdays[time.weekday()] += faded
        minutes[time.minute // 10] += faded
        recent += 0.5 ** (age_h / RECENT_HALF_LIFE_H)
        lately += 0.5 ** (age_h / LATELY_HALF_LIFE_H)
    return replace(
        taught,
        profile=tuple(round(count, 3) for count in profile),
        weekdays=tuple(round(count, 3) for count in weekdays),
        minutes=tuple(round(count, 3) for count in minutes),
        recent=recent,
        lately=lately,
        window=seen.window,
        fill_s=_fill(taught.fill_s, seen, since),
    )


def _pass_time(schedule: FeedSchedule, since: datetime, now: datetime) -> FeedSchedule:
    """Old counts fade, observed time grows, a remembered burst becomes less binding."""
    elapsed_h = max(0.0, _hours(now - since))
    fade = 0.5 ** (elapsed_h / HALF_LIFE_H)
    return replace(
        schedule,
        learned_at=now,
        learned_h=schedule.learned_h * fade + (1 - fade) * HALF_LIFE_H / LN2,
        profile=tuple(count * fade for count in schedule.profile) or (0.0,) * 24,
        weekdays=tuple(count * fade for count in schedule.weekdays) or (0.0,) * 7,
        minutes=tuple(count * fade for count in schedule.minutes) or (0.0,) * 6,
        recent=schedule.recent * 0.5 ** (elapsed_h / RECENT_HALF_LIFE_H),
        lately=schedule.lately * 0.5 ** (elapsed_h / LATELY_HALF_LIFE_H),
        fill_s=_loosened(schedule.fill_s, elapsed_h),
    )


def _loosened(fill_s: float | None, elapsed_h: float) -> float | None:
    return None if fill_s is None else fill_s * math.exp(min(50.0, elapsed_h / FILL_FORGET_H))


def fill_time_s(schedule: FeedSchedule, now: datetime) -> float | None:
    """The remembered fill time, as binding as it still is."""
    if schedule.fill_s is None or schedule.learned_at is None:
        return schedule.fill_s
    return _loosened(schedule.fill_s, _hours(now - schedule.learned_at))


class Rates:
    """Entries per hour, as expected at ``now``; what has been silent since the last lesson counts as silence."""

    def __init__(self, schedule: FeedSchedule, now: datetime) -> None:
        elapsed_h = max(0.0, _hours(now - schedule.learned_at)) if schedule.learned_at else 0.0
        fade = 0.5 ** (elapsed_h / HALF_LIFE_H)
        self.observed_h: float = schedule.learned_h * fade + (1 - fade) * HALF_LIFE_H / LN2
        self._profile, self._weekdays, self._minutes = schedule.profile, schedule.weekdays, schedule.minutes
        self._total = sum(schedule.profile)
        self._now = now
        self._burst = schedule.recent * 0.5 ** (elapsed_h / RECENT_HALF_LIFE_H) * LN2 / RECENT_HALF_LIFE_H
        lately = schedule.lately * 0.5 ** (elapsed_h / LATELY_HALF_LIFE_H) * LN2 / LATELY_HALF_LIFE_H
        self.mean: float = max(
            (self._total * fade + PRIOR_H / 24.0) / (self.observed_h + PRIOR_H), LATELY_SHARE * lately
        )

    def at(self, when: datetime) -> float:
        """By the profile of day and week, or by the burst that is still going on."""
        share = max(FLOOR_SHARE, self._hour_share(when.hour) * self._day_share(when.weekday()))
        fading = 0.5 ** (max(0.0, _hours(when - self._now)) / RECENT_HALF_LIFE_H)
        return float(max(self.mean * share, BURST_SHARE * self._burst * fading) * self._minute_share(when.minute))

    def _hour_share(self, hour: int) -> float:
        """How much busier than the mean, smoothed over its neighbours."""
        counts = self._profile
        if not counts:
            return 1.0
        around = (counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % 24]) / 4
        return (around * 24 + SMOOTH) / (self._total + SMOOTH)

    def _day_share(self, day: int) -> float:
        counts = self._weekdays
        return (counts[day] * 7 + SMOOTH) / (self._total + SMOOTH) if counts else 1.0

    def _minute_share(self, minute: int) -> float:
        counts = self._minutes
        return (counts[minute // 10] * 6 + SMOOTH_MINUTES) / (self._total + SMOOTH_MINUTES) if counts else 1.0


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
