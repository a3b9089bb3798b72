"""How a story spread: one row a version, placed in time, joined to the version it is built on."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta

from markupsafe import Markup

from pipeline.serve.draw.svg import element, picture, short
from pipeline.serve.views.story import StoryView, VersionView
from pipeline.stages.provenance import counted, in_words

GUTTER, PLOT, ROW, TOP = 200.0, 620.0, 30.0, 34.0
RIGHT = 90.0
DRAWN = 60
"""Versions in a picture; the table has them all."""
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
TICKS = (
    5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY,
    14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY,
)  # fmt: skip
LOG_FROM = 6 * HOUR
"""A spread beyond this is drawn on a scale where each step is a multiple: copies come in minutes, follow-ups in days."""
LEAST_GAP = 46.0


class _Scale:
    def __init__(self, span_s: float) -> None:
        self._span = max(span_s, MINUTE)
        self._log = span_s > LOG_FROM

    def x(self, after_s: float) -> float:
        after = max(0.0, after_s)
        share = (
            math.log1p(after / (5 * MINUTE)) / math.log1p(self._span / (5 * MINUTE))
            if self._log
            else after / self._span
        )
        return GUTTER + PLOT * min(1.0, share)

    def ticks(self) -> list[tuple[float, str]]:
        found = [(self.x(0), "first")]
        for tick in TICKS:
            at = self.x(tick)
            if tick <= self._span and at - found[-1][0] >= LEAST_GAP:
                found.append((at, f"+{in_words(timedelta(seconds=tick))}"))
        return found


def spread_picture(story: StoryView) -> Markup:
    """The time line and the version tree in one."""
    shown = list(story.versions)[:DRAWN]
    scale = _Scale(max((version.after_s for version in shown), default=0.0))
    height = TOP + ROW * len(shown) + 8
    row = {version.article_id: n for n, version in enumerate(shown)}
    parts = [*_axis(scale, height), *_branches(shown, row, scale)]
    for n, version in enumerate(shown):
        parts += _row(version, n, scale)
    return picture(_label(story), GUTTER + PLOT + RIGHT, height, parts, "picture spread")


def _label(story: StoryView) -> str:
    number = counted(len(story.versions), "version")
    return f"{number} in {in_words(timedelta(seconds=story.spread_s))}; the table below has the same figures"


def _axis(scale: _Scale, height: float) -> Iterator[Markup]:
    for x, label in scale.ticks():
        yield element("line", x1=x, x2=x, y1=TOP - 6, y2=height - 4, class_="grid")
        yield element("text", label, x=x, y=TOP - 14, class_="tick", text_anchor="middle")


def _middle(n: int) -> float:
    return TOP + ROW * n + ROW / 2


def _branches(shown: Sequence[VersionView], row: dict[str, int], scale: _Scale) -> Iterator[Markup]:
    """From the parent's dot straight down, then along to the child's."""
    outs = {version.article_id: scale.x(version.after_s) for version in shown}
    for n, version in enumerate(shown):
        if version.based_on in row:
            x, y = outs[version.based_on], _middle(row[version.based_on])
            path = f"M{x:.1f} {y:.1f}V{_middle(n) - 6:.1f}q0 6 6 6H{max(outs[version.article_id], x + 6):.1f}"
            yield element("path", d=path, class_=f"branch {version.relation or ''}".strip())


def _row(version: VersionView, n: int, scale: _Scale) -> Iterator[Markup]:
    x, y = scale.x(version.after_s), _middle(n)
    kind = "origin" if version.is_origin else "canonical" if version.is_canonical else version.relation or "root"
    said = f"{version.source}: {version.out:%d %b %H:%M} UTC, {counted(version.words, 'word')}"
    yield element("text", short(version.source, 26), x=GUTTER - 18, y=y + 4, class_="label", text_anchor="end")
    yield element("circle", element("title", said), cx=x, cy=y, r=_radius(version.words), class_=f"dot {kind}")
    after = "" if n == 0 or version.after_s < MINUTE else f"+{in_words(timedelta(seconds=version.after_s))}"
    if after:
        yield element("text", after, x=x + 13, y=y + 4, class_="after")


def _radius(words: int) -> float:
    """The area grows with the length of the text, within reason."""
    return 4.0 + 4.0 * min(1.0, math.sqrt(words / 1200))
