"""Replays publication times against polling policies: entries missed, delay from publication to discovery, requests.

    python -m benchmarks.cadence [--days 42] [--feeds 6] [--svg cadence.svg] [--json]

Feeds are drawn from twelve kinds of publishers (see ``KINDS``); with ``--real DIR`` the dates inside real feed files are
replayed as well. Each policy sees what a reader would see: at a poll, the last ``window`` entries. The first third of the
time is for learning and is not counted. Policies, as published by their projects:

- fixed: every N minutes.
- Miniflux ``entry_frequency``: 7 d / entries of the last week, within 5 min and 24 h.
- CommaFeed: half the average gap, within 5 min and 1 h; 1, 2, 4 h when nothing came for 7, 14, 30 days.
- Media Cloud: by the share of the window that was known: two thirds or more, 10 (or 60) min longer; under one third, 60
  shorter (or at once 6 h); within 10 min and 24 h.
- ours: ``pipeline.cadence``, with ``default_interval_minutes`` as the price of a request.

Network-free, deterministic (seeded), no clock.
"""

import argparse
import json
import math
import random
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from pipeline.cadence import after_success, after_unchanged
from pipeline.records import ParsedFeed, Response
from pipeline.settings import ScheduleSettings
from pipeline.stages.poll import Verdict
from storage.records import Entry, Feed

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass
class Trace:
    """Publication times in seconds since START, ascending; ``window`` entries are shown; ``dated``: they carry their dates."""

    name: str
    times: list[float]
    window: int
    dated: bool = True


# Publishers ---------------------------------------------------------------------------------------------------------

DIURNAL = [
    0.2,
    0.15,
    0.1,
    0.1,
    0.2,
    0.5,
    1.0,
    1.6,
    1.9,
    1.9,
    1.8,
    1.7,
    1.6,
    1.6,
    1.6,
    1.6,
    1.6,
    1.5,
    1.3,
    1.1,
    0.9,
    0.7,
]
DIURNAL += [0.5, 0.35]
OFFICE = [0.0] * 8 + [2.0] * 10 + [0.0] * 6
FLAT = [1.0] * 24


def poisson(
    rng: random.Random, days: float, per_day: float, hours: list[float] = FLAT, weekend: float = 1.0, shift_h: int = 0
) -> list[float]:
    """An inhomogeneous Poisson process, by thinning."""
    peak = per_day / DAY * max(hours) / statistics.fmean(hours)
    now, times = 0.0, []
    while (now := now + rng.expovariate(peak)) < days * DAY:
        hour = int(now / HOUR + shift_h) % 24
        share = hours[hour] / max(hours) * (weekend if int(now / DAY) % 7 >= 5 else 1.0)
        if rng.random() < share:
            times.append(now)
    return times


def bursts(rng: random.Random, days: float, every_days: float, size: int, span_s: float) -> list[float]:
    """Now and then ``size`` entries within ``span_s``."""
    now, times = 0.0, []
    while (now := now + rng.expovariate(1 / every_days) * DAY) < days * DAY:
        times += [now + rng.random() * span_s for _ in range(size)]
    return times


def excited(rng: random.Random, days: float, per_day: float) -> list[float]:
    """Hawkes: each entry brings 0.7 more on average, within the next hours."""
    waiting, times = poisson(rng, days, per_day * 0.3), []
    while waiting:
        now = waiting.pop()
        if now < days * DAY:
            times.append(now)
            for _ in range(_poisson_count(rng, 0.7)):
                waiting.append(now + rng.expovariate(1 / HOUR))
    return times


def _poisson_count(rng: random.Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def daily(rng: random.Random, days: float, at_h: float, size: int) -> list[float]:
    """A batch at the same time every day, within five minutes."""
    return [day * DAY + at_h * HOUR + rng.random() * 300 for day in range(int(days)) for _ in range(size)]


def on_the_hour(rng: random.Random, days: float) -> list[float]:
    return [hour * HOUR + 60 + rng.random() * 30 for hour in range(int(days * 24))]


Kind = tuple[int, int, Callable[[random.Random, float], list[float]]]
"""How many of forty feeds are of this kind, the window, the process. Most feeds of any list are small."""
KINDS: dict[str, Kind] = {
    "agency": (1, 50, lambda r, d: poisson(r, d, 300, DIURNAL)),
    "daily paper": (3, 25, lambda r, d: poisson(r, d, 80, DIURNAL, 0.6)),
    "broadcaster": (3, 30, lambda r, d: poisson(r, d, 45, DIURNAL, 0.8, shift_h=7)),
    "regional": (6, 20, lambda r, d: poisson(r, d, 14, DIURNAL, 0.5, shift_h=3)),
    "press office": (4, 10, lambda r, d: poisson(r, d, 5, OFFICE, 0.0)),
    "blog": (6, 10, lambda r, d: poisson(r, d, 0.5)),
    "monthly": (4, 10, lambda r, d: poisson(r, d, 0.04)),
    "morning batch": (2, 25, lambda r, d: daily(r, d, r.randrange(24), 18)),
    "on the hour": (2, 20, on_the_hour),
    "breaking": (3, 25, lambda r, d: excited(r, d, 30)),
    "bursty": (3, 20, lambda r, d: poisson(r, d, 1.5) + bursts(r, d, 7.0, 30, 2 * HOUR)),
    "small window": (3, 5, lambda r, d: poisson(r, d, 24, DIURNAL)),
}


def synthetic(days: float, times: int, seed: int) -> list[Trace]:
    """``times`` × forty feeds; one in four carries no dates."""
    traces = []
    for name, (share, window, make) in KINDS.items():
        for number in range(share * times):
            rng = random.Random(f"{seed} {name} {number}")
            traces.append(Trace(f"{name} {number}", sorted(make(rng, days)), window, dated=number % 4 != 3))
    return traces


def real(folder: Path, days: float) -> list[Trace]:
    """The last ``days`` of every feed file that holds at least 30 dates in them; a third of them is taken as its window."""
    import gzip
    from calendar import timegm
    from io import BytesIO

    import feedparser

    traces = []
    for path in sorted(folder.glob("*.gz")):
        parsed = feedparser.parse(BytesIO(gzip.decompress(path.read_bytes())), sanitize_html=False)
        stamps = sorted(timegm(e.published_parsed) for e in parsed.entries if e.get("published_parsed"))
        stamps = [stamp for stamp in stamps if stamp > stamps[-1] - days * DAY]
        if len(stamps) >= 30:
            base = stamps[-1] - days * DAY
            traces.append(Trace(path.name[:8], [stamp - base for stamp in stamps], max(5, len(stamps) // 3)))
    return traces


# Policies -----------------------------------------------------------------------------------------------------------


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


# Replay -------------------------------------------------------------------------------------------------------------


@dataclass
class Result:
    """Over the counted part of all traces. ``seen``: (trace, index) → delay in seconds."""

    requests: int = 0
    feed_days: float = 0.0
    entries: int = 0
    seen: dict[tuple[str, int], float] = field(default_factory=dict)

    @property
    def delays(self) -> list[float]:
        return sorted(self.seen.values())

    @property
    def per_day(self) -> float:
        return self.requests / self.feed_days

    @property
    def missed(self) -> int:
        return self.entries - len(self.seen)

    @property
    def median_min(self) -> float:
        return statistics.median(self.delays) / MINUTE if self.seen else math.inf

    @property
    def mean_min(self) -> float:
        return statistics.fmean(self.seen.values()) / MINUTE if self.seen else math.inf

    def percentile_min(self, share: float) -> float:
        delays = self.delays
        return delays[min(len(delays) - 1, int(len(delays) * share))] / MINUTE if delays else math.inf


def replay(traces: list[Trace], start: Callable[[Trace], Policy], days: float) -> Result:
    result = Result()
    for trace in traces:
        _replay_one(trace, start(trace), days, result)
    return result


def _replay_one(trace: Trace, policy: Policy, days: float, result: Result) -> None:
    counted_from, end = days * DAY / 3, days * DAY
    first_counted = bisect_right(trace.times, counted_from)
    result.entries += len(trace.times) - first_counted
    result.feed_days += (end - counted_from) / DAY
    now, seen_until = random.Random(trace.name).uniform(0, HOUR), 0
    first = True
    while now < end + DAY:  # the last entries get a day to be found; requests after the end are not counted
        until = bisect_right(trace.times, now)
        shown_from = max(0, until - trace.window)
        for index in range(max(seen_until, shown_from, first_counted), until):
            result.seen[trace.name, index] = now - trace.times[index]
        new = until - max(seen_until, shown_from)
        result.requests += counted_from <= now < end
        now += max(1.0, policy(View(now, shown_from, until, new, first)))
        seen_until, first = until, False


# Report -------------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    family: str
    name: str
    result: Result
    avoidable: int
    """Entries missed that a poll every ten minutes saw."""


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


def compare(traces: list[Trace], days: float) -> list[Row]:
    ten = replay(traces, fixed(10), days).seen
    rows = []
    for family, name, start in policies():
        result = replay(traces, start, days)
        rows.append(Row(family, name, result, sum(key not in result.seen for key in ten)))
    return rows


def requests_at(rows: list[Row], family: str, median_min: float) -> float:
    """Requests per feed and day that a family needs for a median delay, between its measured points (log-linear)."""
    points = sorted((row.result.median_min, row.result.per_day) for row in rows if row.family == family)
    for (delay_a, cost_a), (delay_b, cost_b) in pairwise(points):
        if delay_a <= median_min <= delay_b:
            if delay_b == delay_a:
                return min(cost_a, cost_b)
            part = (math.log(median_min) - math.log(delay_a)) / (math.log(delay_b) - math.log(delay_a))
            return math.exp(math.log(cost_a) + part * (math.log(cost_b) - math.log(cost_a)))
    return math.nan


def table(rows: list[Row]) -> str:
    head = f"{'policy':38} {'req/feed/day':>12} {'median':>8} {'mean':>8} {'p95 min':>8} {'missed':>7} {'avoidable':>9}"
    lines = [head, "-" * len(head)]
    for row in rows:
        r = row.result
        lines.append(
            f"{row.name:38} {r.per_day:12.1f} {r.median_min:8.1f} {r.mean_min:8.1f} {r.percentile_min(0.95):8.0f}"
            f" {r.missed:7d} {row.avoidable:9d}"
        )
    return "\n".join(lines)


def verdicts(rows: list[Row]) -> Iterator[str]:
    """Our requests relative to each rival's, at that rival's own median delay."""
    for row in rows:
        if row.family != "ours":
            needed = requests_at(rows, "ours", row.result.median_min)
            if not math.isnan(needed):
                yield (
                    f"at the median delay of {row.name} ({row.result.median_min:.1f} min): ours {needed:.1f},"
                    f" theirs {row.result.per_day:.1f} requests ({needed / row.result.per_day:.2f}×)"
                )


COLOURS = {"fixed": "#888", "Miniflux": "#1f77b4", "CommaFeed": "#2ca02c", "Media Cloud": "#9467bd", "ours": "#d62728"}


def svg(rows: list[Row]) -> str:
    """Requests against median delay, both logarithmic; a ring marks policies that missed what could have been seen."""
    width, height, left, bottom = 860, 520, 70, 60
    xs, ys = [r.result.per_day for r in rows], [r.result.median_min for r in rows]
    x0, x1, y0, y1 = min(xs) * 0.8, max(xs) * 1.25, min(ys) * 0.8, max(ys) * 1.25

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log(x) - math.log(x0)) / (math.log(x1) - math.log(x0))
        up = (math.log(y) - math.log(y0)) / (math.log(y1) - math.log(y0))
        return left + across * (width - left - 20), height - bottom - up * (height - bottom - 20)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">']
    parts.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    for value in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        if x0 <= value <= x1:
            x, _ = place(value, y0)
            parts.append(f'<path d="M{x:.0f} 20V{height - bottom}" stroke="#eee"/>')
            parts.append(
                f'<text x="{x:.0f}" y="{height - bottom + 18}" text-anchor="middle" font-size="12">{value}</text>'
            )
        if y0 <= value <= y1:
            _, y = place(x0, value)
            parts.append(f'<path d="M{left} {y:.0f}H{width - 20}" stroke="#eee"/>')
            parts.append(f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end" font-size="12">{value}</text>')
    for number, (family, colour) in enumerate(COLOURS.items()):
        mine = [(place(r.result.per_day, r.result.median_min), r) for r in rows if r.family == family]
        mine.sort(key=lambda item: item[0])
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for (x, y), _ in mine)
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), row in mine:
            fill = "white" if row.avoidable else colour
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{colour}" stroke-width="2">')
            parts.append(f"<title>{row.name}: {row.avoidable} missed that could have been seen</title></circle>")
        parts.append(f'<text x="{width - 150}" y="{40 + 20 * number}" fill="{colour}" font-size="14">{family}</text>')
    middle = left + (width - left) / 2
    parts.append(
        f'<text x="{middle}" y="{height - 12}" text-anchor="middle" font-size="14">requests per feed and day</text>'
    )
    parts.append(f'<text transform="translate(20 {height / 2}) rotate(-90)" text-anchor="middle" font-size="14">')
    parts.append("median minutes from publication to discovery</text></svg>")
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=float, default=42.0)
    parser.add_argument("--forties", type=int, default=1, help="times forty feeds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=Path, help="a folder of gzipped feed files whose dates are replayed instead")
    parser.add_argument("--svg", type=Path)
    parser.add_argument("--json", action="store_true")
    wishes = parser.parse_args()
    traces = real(wishes.real, wishes.days) if wishes.real else synthetic(wishes.days, wishes.forties, wishes.seed)
    rows = compare(traces, wishes.days)
    if wishes.json:
        for row in rows:
            print(
                json.dumps(
                    {
                        "policy": row.name,
                        "family": row.family,
                        "requests_per_feed_day": row.result.per_day,
                        "median_min": row.result.median_min,
                        "mean_min": row.result.mean_min,
                        "missed": row.result.missed,
                        "avoidable": row.avoidable,
                    }
                )
            )
    else:
        print(f"{len(traces)} feeds, {wishes.days:g} days, the first third for learning")
        print(table(rows))
        print()
        print("\n".join(verdicts(rows)))
    if wishes.svg:
        wishes.svg.write_text(svg(rows), "utf-8")


if __name__ == "__main__":
    main()
