"""Replays publication times against polling policies: entries missed, delay from publication to discovery, requests.

    python -m benchmarks.cadence [--days 42] [--feeds 6] [--svg cadence.svg] [--json]

Feeds are drawn from thirteen kinds of publishers (see ``KINDS``); with ``--real DIR`` the dates inside real feed files are
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
from itertools import pairwise
from pathlib import Path

from benchmarks.cadence_plot import Point, svg
from benchmarks.policies import Policy, View, fixed, policies
from benchmarks.publishers import DAY, HOUR, MINUTE, Trace, real, synthetic


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


def _point(row: Row) -> Point:
    result = row.result
    return Point(row.family, row.name, result.per_day, result.median_min, row.avoidable > 0)


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
        wishes.svg.write_text(svg([_point(row) for row in rows]), "utf-8")


if __name__ == "__main__":
    main()
