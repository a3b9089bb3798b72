"""From rhythm, hints and wishes to the next poll (pure).

The time that an entry waits to be found is bought with requests. Over many feeds, the mean wait per entry is least for a given
number of requests if the density of polls follows the *square root* of the rate of entries (Lagrange: minimise Σ λᵢτᵢ/2
under Σ 1/τᵢ = const). ``default_interval_minutes`` is the interval of a feed with one entry an hour, and thereby the price.
"""

import math
import random
from datetime import datetime, timedelta

from pipeline.cadence.rhythm import Rates, fill_time_s
from pipeline.settings import ScheduleSettings
from storage.records import Feed, FeedSchedule

WISH_CAP_S = 24 * 3600.0
"""A longer Cache-Control or ttl is a static host's default, not a wish."""
LOSING_FLOOR_S = 900.0
"""Where its own hints would make a feed lose entries, they are obeyed only up to this."""
MAX_SKIP = timedelta(days=3)
STEP = timedelta(hours=1)
EXPONENT = 0.5


def next_interval_s(schedule: FeedSchedule, settings: ScheduleSettings, now: datetime) -> float:
    """Seconds until the next poll by rhythm and overlap alone, before hints, wishes and jitter."""
    shortest, longest = settings.min_interval_minutes * 60.0, settings.max_interval_minutes * 60.0
    interval = min(longest, _by_rhythm(schedule, settings, now))
    fill_s = fill_time_s(schedule, now)
    return max(shortest, interval if fill_s is None else min(interval, fill_s))


def _by_rhythm(schedule: FeedSchedule, settings: ScheduleSettings, now: datetime) -> float:
    """The time in which ∫ √λ(t) dt reaches one poll, hour by hour."""
    per_poll_h, rates = settings.default_interval_minutes / 60.0, Rates(schedule, now)
    when, gathered = now, 0.0
    end = now + timedelta(minutes=settings.max_interval_minutes)
    while when < end:
        hour_ends = min(end, when.replace(minute=0, second=0, microsecond=0) + STEP)
        density = rates.at(when) ** EXPONENT / per_poll_h
        hours = (hour_ends - when).total_seconds() / 3600.0
        if gathered + density * hours >= 1.0:
            return (when - now).total_seconds() + (1.0 - gathered) / density * 3600.0
        gathered += density * hours
        when = hour_ends
    return (end - now).total_seconds()


def schedule_next(
    feed: Feed, schedule: FeedSchedule, settings: ScheduleSettings, now: datetime, rng: random.Random
) -> tuple[float, datetime]:
    """The interval in seconds, and when that is: bounded by hints, moved out of skipHours and skipDays, jittered.

    A subscriber's ``interval_minutes`` is obeyed as it stands; the feed's own hints are wishes about ours.
    """
    if feed.interval_minutes is not None:
        interval = max(60.0, feed.interval_minutes * 60.0)
        return interval, now + timedelta(seconds=jittered(interval, settings, rng))
    interval = max(next_interval_s(schedule, settings, now), wish_s(schedule))
    interval = min(interval, max(settings.max_interval_minutes * 60.0, settings.min_interval_minutes * 60.0))
    due = now + timedelta(seconds=jittered(interval, settings, rng))
    return interval, out_of_skipped(due, schedule, rng)


def wish_s(schedule: FeedSchedule) -> float:
    """The least interval that the publisher asks for, as far as obeying it does not lose the publisher's own entries."""
    wish = min(schedule.hint_floor_s, WISH_CAP_S)
    if schedule.fill_s is not None:
        wish = min(wish, max(schedule.fill_s, LOSING_FLOOR_S))
    if schedule.overlap == 0.0:
        wish = min(wish, LOSING_FLOOR_S)
    return wish


def jittered(interval_s: float, settings: ScheduleSettings, rng: random.Random) -> float:
    """± half of the jitter: feeds that were added together drift apart; the mean stays."""
    return interval_s * (1.0 + settings.jitter * (rng.random() - 0.5))


def out_of_skipped(due: datetime, schedule: FeedSchedule, rng: random.Random) -> datetime:
    """The first time at or after ``due`` outside skipHours and skipDays (RSS 2.0, GMT); a feed that skips all skips none."""
    hours, days = set(schedule.skip_hours), set(schedule.skip_days)
    if (not hours and not days) or len(hours) >= 24 or len(days) >= 7:
        return due
    when = due
    while (when.hour in hours or when.weekday() in days) and when - due < MAX_SKIP:
        when = when.replace(minute=0, second=0, microsecond=0) + STEP
    return when if when == due else when + timedelta(seconds=rng.uniform(0, 600))
