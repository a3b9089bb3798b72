"""A feed's last polls: a bar each, as high as it took long; what failed hangs below the line, what was new sits on top."""

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from pipeline.serve.draw.svg import element, picture
from pipeline.serve.views.feeds import PollView
from pipeline.stages.provenance import counted

SLOTS, STEP, BAR = 30, 8.0, 5.0
UP, DOWN = 26.0, 12.0
SLOWEST_S = 30.0
HOURS = 24


def polls_picture(polls: Sequence[PollView]) -> Markup:
    """The newest at the right."""
    shown = list(polls)[-SLOTS:]
    good = sum(poll.good for poll in shown)
    new = sum(poll.new for poll in shown)
    label = f"The last {counted(len(shown), 'poll')}: {good} well, {len(shown) - good} failed, {new} new entries"
    parts = [element("line", x1=0, x2=SLOTS * STEP, y1=UP + 6.5, y2=UP + 6.5, class_="base")]
    for n, poll in enumerate(shown, SLOTS - len(shown)):
        parts += _bar(poll, n * STEP + (STEP - BAR) / 2)
    return picture(label, SLOTS * STEP, UP + DOWN + 8, parts, "picture polls")


def _bar(poll: PollView, x: float) -> Iterator[Markup]:
    title = element("title", f"{poll.at:%d %b %H:%M} UTC: {poll.outcome}, {poll.duration_s:.1f} s, {poll.new} new")
    base = UP + 6.0
    if not poll.good:
        yield element("rect", title, x=x, y=base + 1, width=BAR, height=DOWN, rx=1, class_="failed")
        return
    height = max(2.0, (UP - 4) * math.log1p(10 * poll.duration_s) / math.log1p(10 * SLOWEST_S))
    yield element(
        "rect", title, x=x, y=base - height, width=BAR, height=height, rx=1, class_="well" if poll.new else "quiet"
    )
    if poll.new:
        yield element("circle", cx=x + BAR / 2, cy=base - height - 4, r=2, class_="new")


def hours_picture(by_hour: Sequence[float]) -> Markup | None:
    """When the feed publishes, by the hour of the day in UTC; None before anything was learned."""
    most = max(by_hour, default=0.0)
    if most <= 0 or len(by_hour) != HOURS:
        return None
    height, step = 60.0, 22.0
    parts = []
    for hour, number in enumerate(by_hour):
        tall = max(1.0, height * number / most)
        title = element("title", f"{hour:02d}:00 UTC: {100 * number / sum(by_hour):.0f} % of its entries")
        parts.append(
            element("rect", title, x=hour * step + 2, y=height - tall + 4, width=step - 4, height=tall, class_="well")
        )
        if hour % 6 == 0:
            parts.append(
                element(
                    "text", f"{hour:02d}", x=hour * step + step / 2, y=height + 20, class_="tick", text_anchor="middle"
                )
            )
    busiest = max(range(HOURS), key=lambda hour: by_hour[hour])
    label = f"When it publishes, by the hour (UTC); most at {busiest:02d}:00"
    return picture(label, HOURS * step, height + 26, parts, "picture hours")
