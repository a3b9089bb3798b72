"""How often a feed wants to be read: ttl, the syndication module, skipHours and skipDays, with the quirks seen in the wild."""

import re

from pipeline.records import FeedHints
from pipeline.stages.discover.raw import RawFeed

_NUMBER = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)")
_DAY_S = 86_400.0
_PERIODS_S = {
    "hourly": 3600.0,
    "always": 3600.0,
    "daily": _DAY_S,
    "dayly": _DAY_S,
    "weekly": 7 * _DAY_S,
    "monthly": 30 * _DAY_S,
    "yearly": 365 * _DAY_S,
}
"""Media Cloud's table: ``always`` and ``dayly`` occur on national news sites; what is not listed says nothing."""

_SHORTEST_PERIOD_S = 60.0
_LONGEST_S = 365 * _DAY_S
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_hints(feed: RawFeed) -> FeedHints:
    """Seconds; hours 0-23 UTC; days 0 = Monday. What is not understood is None or left out."""
    return FeedHints(
        ttl_s=_ttl_s(feed.ttl),
        update_period_s=_update_period_s(feed.period, feed.frequency),
        skip_hours=_skip_hours(feed.skip_hours),
        skip_days=_skip_days(feed.skip_days),
    )


def _number(text: str | None) -> float | None:
    found = _NUMBER.match(text or "")
    return float(found.group(1)) if found else None


def _ttl_s(text: str | None) -> float | None:
    """Minutes (RSS 2.0); zero and less are no wish."""
    minutes = _number(text)
    return min(minutes * 60, _LONGEST_S) if minutes else None


def _update_period_s(period: str | None, frequency: str | None) -> float | None:
    """``updateFrequency`` times in each ``updatePeriod``; either alone means daily, or once (RSS 1.0 module)."""
    if not (period or "").strip() and not (frequency or "").strip():
        return None
    seconds = _PERIODS_S.get((period or "daily").strip().lower() or "daily")
    times = _number(frequency) or 1.0
    if seconds is None:
        return None
    return min(max(seconds / times, _SHORTEST_PERIOD_S), _LONGEST_S)


def _skip_hours(texts: list[str]) -> tuple[int, ...]:
    """0-23 GMT; 24 is midnight (RSS 0.91 counted 1-24). All 24 hours are a mistake and mean none."""
    hours = {int(number) % 24 for text in texts if (number := _number(text)) is not None and number <= 24}
    return tuple(sorted(hours)) if len(hours) < 24 else ()


def _skip_days(texts: list[str]) -> tuple[int, ...]:
    days = {_DAYS.index(name) for text in texts if (name := text.strip().lower()) in _DAYS}
    return tuple(sorted(days)) if len(days) < len(_DAYS) else ()
