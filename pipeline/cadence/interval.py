"""From rhythm, hints and wishes to the next poll (pure).

The time that entries wait to be found is bought with requests. A poll is due when the entries not yet found are expected to
have waited, all together, for the *price* of a request. At a steady rate λ that is the interval τ with λτ²/2 = price: polls
follow the square root of the rate, which over many feeds makes the mean wait least for a given number of requests (Lagrange:
minimise Σ λᵢτᵢ/2 under Σ 1/τᵢ = const). ``default_interval_minutes`` is τ at one entry an hour, and thereby sets the price.
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
STEP_MIN = 10
STEP = timedelta(minutes=STEP_MIN)
EXPONENT = 0.7
"""Polls follow λ to this power. 0.5 makes the *mean* wait least, 1 (Miniflux) serves the busy feeds only. Measured at 36
requests per feed and day: 0.5 gives a mean of 9.5 and a median of 6.7 min, 0.7 gives 9.6 and 5.3, 0.8 gives 9.7 and 5.0.
"""


def next_interval_s(schedule: FeedSchedule, settings: ScheduleSettings, now: datetime) -> float:
    """Seconds until the next poll by rhythm and overlap alone, before hints, wishes and jitter. A feed that has been
    watched for so long (or whose dates reach back so far) may be left alone for half as long.
    """
    shortest, longest = settings.min_interval_minutes * 60.0, settings.max_interval_minutes * 60.0
    rates = Rates(schedule, now)
    unknown = max(settings.default_interval_minutes * 60.0, rates.observed_h * 3600.0 / 2)
    interval = min(longest, unknown, _by_rhythm(rates, settings, now))
    fill_s = fill_time_s(schedule, now)
    return max(shortest, interval if fill_s is None else min(interval, fill_s))


def _by_rhythm(rates: Rates, settings: ScheduleSettings, now: datetime) -> float:
    """The time by which entries not yet found are expected to have waited for the price of one request, all together."""
    price_h = (settings.default_interval_minutes / 60.0) ** 2 / 2 * math.pow(max(rates.mean, 0.001), 1 - 2 * EXPONENT)
    longest_h = settings.max_interval_minutes / 60.0
    passed_h = pending = waited_h = 0.0
    when = now
    while passed_h < longest_h:
        ends = when.replace(minute=when.minute - when.minute % STEP_MIN, second=0, microsecond=0) + STEP
        span_h = (ends - when).total_seconds() / 3600.0
        rate = rates.at(when)
        more_h = pending * span_h + rate * span_h * span_h / 2
        if waited_h + more_h >= price_h:
            return (passed_h + _until(price_h - waited_h, pending, rate)) * 3600.0
        waited_h += more_h
        pending += rate * span_h
        passed_h += span_h
        when = ends
    return longest_h * 3600.0


def _until(wanted: float, pending: float, rate: float) -> float:
    """Solves pending·t + rate·t²/2 = wanted."""
    return (math.sqrt(pending * pending + 2 * rate * wanted) - pending) / rate


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
        when = when.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return when if when == due else when + timedelta(seconds=rng.uniform(0, 600))
