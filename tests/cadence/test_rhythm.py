"""The rhythm of a feed: learned, forgotten, and never so trusted that entries could fall off the window."""

import math
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cadence.interval import next_interval_s, out_of_skipped, schedule_next, wish_s
from pipeline.cadence.rhythm import FILL_SHARE, Rates, Sighting, fill_time_s, learn
from pipeline.settings import ScheduleSettings
from storage.records import Feed, FeedSchedule

NOW = datetime(2026, 1, 14, 12, 0, tzinfo=UTC)  # a Wednesday
SETTINGS = ScheduleSettings()
HOUR = timedelta(hours=1)


def window(times, known=0, at=NOW, undated=0):
    dated = tuple(sorted(times))
    return Sighting(at=at, window=len(dated) + undated, fresh=dated[known:], undated=undated, dated=dated, known=known)


def taught(times, at=NOW):
    return learn(FeedSchedule(), window(times, at=at), first=True, last_polled=None)


def regular(every_h, count, at=NOW):
    return [at - timedelta(hours=every_h * n) for n in range(count)]


@pytest.mark.parametrize("every_h", [0.25, 1.0, 6.0, 24.0])
def test_the_first_window_already_tells_the_rate(every_h):
    rates = Rates(taught(regular(every_h, 60)), NOW)
    assert rates.mean == pytest.approx(1 / every_h, rel=0.35)


def test_busier_feeds_are_polled_more_often_but_less_than_in_proportion():
    intervals = [next_interval_s(taught(regular(h, 80)), SETTINGS, NOW) for h in (0.25, 1.0, 4.0, 16.0)]
    assert intervals == sorted(intervals)
    for busy, quiet in pairwise(intervals):
        assert quiet / busy < 4.0


def test_an_hour_apart_means_about_the_default_interval():
    interval = next_interval_s(taught(regular(1.03, 200)), SETTINGS, NOW)
    assert interval == pytest.approx(SETTINGS.default_interval_minutes * 60, rel=0.35)


def test_silence_lengthens_the_interval():
    schedule = taught(regular(1.0, 50))
    waits = [next_interval_s(schedule, SETTINGS, NOW + timedelta(days=days)) for days in (0, 7, 21, 60)]
    assert waits == sorted(waits)
    assert waits[-1] > 3 * waits[0]


def test_nights_are_quieter_where_the_newsroom_sleeps():
    days = [NOW - timedelta(days=d) for d in range(14)]
    times = [day.replace(hour=h, minute=7 * h % 60) for day in days for h in range(8, 20) if day.replace(hour=h) <= NOW]
    schedule = taught(times)
    noon, night = NOW.replace(hour=11), NOW.replace(hour=22) + timedelta(days=1)
    rates = Rates(schedule, NOW)
    assert rates.at(night) < rates.at(noon + timedelta(days=1)) / 2
    assert rates.at(night) > 0


def test_what_a_timer_publishes_is_expected_at_its_minute():
    times = [NOW.replace(minute=2) - timedelta(hours=n) for n in range(100)]
    rates = Rates(taught(times), NOW)
    assert rates.at(NOW.replace(minute=3)) > 4 * rates.at(NOW.replace(minute=33))
    asked = NOW.replace(minute=20)
    due = asked + timedelta(seconds=next_interval_s(taught(times, at=asked), SETTINGS, asked))
    assert due.minute <= 30 or due.minute >= 50


def test_a_burst_shortens_the_interval_at_once():
    calm = taught(regular(6.0, 20))
    burst = learn(
        calm,
        window([*regular(6.0, 20), *[NOW + timedelta(minutes=2 * n) for n in range(15)]], known=20, at=NOW + HOUR),
        first=False,
        last_polled=NOW,
    )
    assert next_interval_s(burst, SETTINGS, NOW + HOUR) < next_interval_s(calm, SETTINGS, NOW + HOUR) / 2


def test_a_feed_that_wakes_up_after_weeks_is_noticed_within_a_day():
    asleep = taught([NOW - timedelta(days=45 + n) for n in range(15)])
    slow = next_interval_s(asleep, SETTINGS, NOW)
    schedule = asleep
    for hour in range(1, 25):
        at = NOW + timedelta(hours=hour)
        old = [NOW - timedelta(days=45 + n) for n in range(5)]
        news = [NOW + timedelta(hours=h, minutes=-7) for h in range(1, hour + 1)]
        seen = Sighting(at=at, window=20, fresh=tuple(news[-1:]), undated=0, dated=tuple(sorted(old + news)), known=19)
        schedule = learn(schedule, seen, first=False, last_polled=at - HOUR)
    awake = next_interval_s(schedule, SETTINGS, NOW + timedelta(hours=24))
    assert awake < slow / 4
    assert awake < 2 * SETTINGS.default_interval_minutes * 60


@given(
    st.lists(st.floats(0.0, 200.0), min_size=3, max_size=80),
    st.integers(2, 40),
)
def test_the_fill_time_is_what_it_says(ages_h, size):
    """No stretch of history shorter than the fill time held more than its share of the window (beside what came at once)."""
    dated = sorted(NOW - timedelta(hours=h) for h in ages_h)[-size:]
    seen = window(dated)
    schedule = learn(FeedSchedule(), seen, first=True, last_polled=None)
    if schedule.fill_s is None:
        return
    most = max(2, math.ceil(len(dated) * FILL_SHARE))
    for index, time in enumerate(dated):
        inside = [other for other in dated[index:] if (other - time).total_seconds() < schedule.fill_s * 0.999]
        spread = [other for other in inside if other - time >= timedelta(minutes=10)]
        assert not spread or len(inside) <= most + 1 or schedule.fill_s > 600


def test_the_interval_never_exceeds_the_fill_time():
    times = [NOW - timedelta(days=3) + timedelta(minutes=6 * n) for n in range(20)]
    schedule = taught(times)
    assert schedule.fill_s == pytest.approx(14 * 360, rel=0.1)
    assert next_interval_s(schedule, SETTINGS, NOW) <= fill_time_s(schedule, NOW)


def test_what_came_at_once_does_not_make_us_run():
    """A bulk import two years ago, or twenty entries at six every morning, are no reason to poll every minute."""
    old = [NOW - timedelta(days=700) + timedelta(seconds=n) for n in range(20)]
    assert next_interval_s(taught(old), SETTINGS, NOW) > 4 * 3600
    daily = [NOW.replace(hour=6) - timedelta(days=d, seconds=n) for d in range(5) for n in range(5)]
    assert fill_time_s(taught(daily), NOW) > 20 * 3600


def test_an_undated_feed_is_measured_by_the_polls():
    schedule = FeedSchedule(learned_at=NOW - HOUR, window=20)
    schedule = learn(schedule, window([], known=8, undated=12, at=NOW), first=False, last_polled=NOW - HOUR)
    schedule = learn(
        schedule,
        Sighting(at=NOW + HOUR, window=20, fresh=(), undated=16, dated=(), known=4),
        first=False,
        last_polled=NOW,
    )
    assert schedule.fill_s <= 3600
    assert Rates(schedule, NOW + HOUR).mean > 0.5


def test_an_unknown_feed_is_not_left_alone_for_longer_than_it_was_watched():
    schedule = FeedSchedule()
    assert next_interval_s(schedule, SETTINGS, NOW) <= SETTINGS.default_interval_minutes * 60


@given(
    st.builds(
        FeedSchedule,
        interval_s=st.floats(1, 1e6),
        hint_floor_s=st.floats(0, 1e7),
        fill_s=st.none() | st.floats(1, 1e7),
        overlap=st.none() | st.floats(0, 1),
        recent=st.floats(0, 1e4),
        learned_h=st.floats(0, 1e4),
        profile=st.just(()) | st.tuples(*[st.floats(0, 1e4)] * 24),
        skip_hours=st.lists(st.integers(0, 23), max_size=24).map(tuple),
        skip_days=st.lists(st.integers(0, 6), max_size=7).map(tuple),
    ),
    st.none() | st.floats(0.01, 1e5),
    st.randoms(use_true_random=False),
)
def test_whatever_was_learned_the_next_poll_is_within_bounds(schedule, wish, rng):
    feed = Feed(url="u", interval_minutes=wish)
    interval, due = schedule_next(feed, schedule, SETTINGS, NOW, rng)
    assert math.isfinite(interval)
    if wish is None:
        assert 0.9 * SETTINGS.min_interval_minutes * 60 <= interval <= SETTINGS.max_interval_minutes * 60
        assert due <= NOW + timedelta(days=1, hours=3) + timedelta(days=3, hours=1)
    assert due > NOW


# Hints


def test_the_publishers_wish_is_a_floor():
    schedule = FeedSchedule(hint_floor_s=7200.0)
    _, due = schedule_next(Feed(url="u"), schedule, ScheduleSettings(jitter=0.0), NOW, random.Random(1))
    assert due - NOW == timedelta(hours=2)


def test_a_wish_that_loses_the_publishers_own_entries_is_not_obeyed():
    assert wish_s(FeedSchedule(hint_floor_s=86400.0, fill_s=3000.0)) == 3000.0
    assert wish_s(FeedSchedule(hint_floor_s=86400.0, overlap=0.0)) == 900.0
    assert wish_s(FeedSchedule(hint_floor_s=86400.0, overlap=0.5)) == 86400.0


def test_the_subscriber_is_obeyed_before_the_publisher():
    feed = Feed(url="u", interval_minutes=10)
    interval, due = schedule_next(
        feed, FeedSchedule(hint_floor_s=7200.0, skip_hours=(12,)), ScheduleSettings(jitter=0.0), NOW, random.Random(1)
    )
    assert (interval, due) == (600.0, NOW + timedelta(minutes=10))


@given(st.lists(st.integers(0, 23), max_size=23), st.lists(st.integers(0, 6), max_size=6), st.integers(0, 10_000))
def test_skipped_hours_and_days_are_skipped(hours, days, minutes):
    schedule = FeedSchedule(skip_hours=tuple(hours), skip_days=tuple(days))
    due = out_of_skipped(NOW + timedelta(minutes=minutes), schedule, random.Random(minutes))
    if due - NOW - timedelta(minutes=minutes) < timedelta(days=3):
        assert due.hour not in hours
        assert due.weekday() not in days


def test_a_feed_that_skips_everything_skips_nothing():
    everything = FeedSchedule(skip_hours=tuple(range(24)), skip_days=tuple(range(7)))
    assert out_of_skipped(NOW, everything, random.Random(1)) == NOW


def test_jitter_spreads_feeds_and_keeps_the_mean():
    schedule, rng = FeedSchedule(hint_floor_s=7200.0), random.Random(3)
    dues = [(schedule_next(Feed(url="u"), schedule, SETTINGS, NOW, rng)[1] - NOW).total_seconds() for _ in range(2000)]
    assert 7200 * 0.95 <= min(dues) <= max(dues) <= 7200 * 1.05
    assert sum(dues) / len(dues) == pytest.approx(7200, rel=0.01)
