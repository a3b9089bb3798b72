"""Invented publishers: when their feeds gain entries. Seeded, so that every run replays the same times."""

import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass
class Trace:
    """Publication times in seconds since START, ascending; ``window`` entries are shown; ``dated``: they carry their dates."""

    name: str
    times: list[float]
    window: int
    dated: bool = True


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
    "blog": (5, 10, lambda r, d: poisson(r, d, 0.5)),
    "monthly": (4, 10, lambda r, d: poisson(r, d, 0.04)),
    "morning batch": (2, 25, lambda r, d: daily(r, d, r.randrange(24), 18)),
    "on the hour": (2, 20, on_the_hour),
    "breaking": (3, 25, lambda r, d: excited(r, d, 30)),
    "bursty": (3, 20, lambda r, d: poisson(r, d, 1.5) + bursts(r, d, 7.0, 30, 2 * HOUR)),
    "waking": (1, 20, lambda r, d: [t for t in poisson(r, d, 20, DIURNAL) if t > d * DAY / 2]),
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
    """Every feed file that holds at least 30 dates of the last ``days``: replayed over and over, in whole days, so that the
    time of day is kept; a third of the entries is taken as its window.
    """
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
            traces.append(Trace(path.name[:8], _repeated(stamps, days), max(5, len(stamps) // 3)))
    return traces


def _repeated(stamps: list[int], days: float) -> list[float]:
    midnight = stamps[0] - stamps[0] % DAY
    span = math.ceil((stamps[-1] - midnight) / DAY) * DAY
    rounds = math.ceil(days * DAY / span)
    times = [stamp - midnight + number * span for number in range(rounds) for stamp in stamps]
    return [time for time in times if time < days * DAY]
