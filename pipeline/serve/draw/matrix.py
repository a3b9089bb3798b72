"""Who copies whom: a row for each copier, a column for each source; the larger the disc, the more copies."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from markupsafe import Markup

from pipeline.serve.draw.svg import element, picture, short
from pipeline.serve.index import CopyPair, SourceSums
from pipeline.stages.provenance import counted, in_words

CELL, GUTTER, TOP = 38.0, 190.0, 128.0
LEAST_RADIUS, RADIUS = 4.0, 16.0
NUMBER_FROM = 9.0
"""Discs of this radius and more have room for their number."""
PACES = ((3600.0, "hour"), (6 * 3600.0, "hours"), (86400.0, "day"), (math.inf, "later"))


def pace(delay_s: float) -> str:
    """The class of a median delay: within an hour, six hours, a day, or later."""
    return next(name for limit, name in PACES if delay_s <= limit)


def matrix_picture(sums: SourceSums, names: Mapping[str, str]) -> Markup | None:
    """None where nobody copies anybody."""
    rows = [domain for domain in sums.matrix if any(pair.copier == domain for pair in sums.pairs)]
    columns = [domain for domain in sums.matrix if any(pair.source == domain for pair in sums.pairs)]
    shown = [pair for pair in sums.pairs if pair.copier in rows and pair.source in columns]
    if not shown:
        return None
    width, height = GUTTER + CELL * len(columns) + 110, TOP + CELL * len(rows) + 10
    parts = [*_grid(rows, columns), *_heads(rows, columns, names), *_discs(shown, rows, columns, names)]
    label = f"Who copies whom: {counted(len(shown), 'pair')} of sources; the table below has the same figures"
    return picture(label, width, height, parts, "picture matrix")


def _grid(rows: Sequence[str], columns: Sequence[str]) -> Iterator[Markup]:
    right, bottom = GUTTER + CELL * len(columns), TOP + CELL * len(rows)
    for n in range(len(rows) + 1):
        yield element("line", x1=GUTTER, x2=right, y1=TOP + CELL * n, y2=TOP + CELL * n, class_="grid")
    for n in range(len(columns) + 1):
        yield element("line", x1=GUTTER + CELL * n, x2=GUTTER + CELL * n, y1=TOP, y2=bottom, class_="grid")


def _heads(rows: Sequence[str], columns: Sequence[str], names: Mapping[str, str]) -> Iterator[Markup]:
    for n, domain in enumerate(rows):
        y = TOP + CELL * (n + 0.5) + 4
        yield element(
            "text", short(names.get(domain, domain), 24), x=GUTTER - 10, y=y, class_="label", text_anchor="end"
        )
    for n, domain in enumerate(columns):
        x = GUTTER + CELL * (n + 0.5)
        turned = f"rotate(-45 {x:.1f} {TOP - 10:.1f})"
        yield element("text", short(names.get(domain, domain), 22), x=x, y=TOP - 10, class_="label", transform=turned)
    yield element("text", "copied from →", x=10.0, y=TOP - 28, class_="tick")
    yield element("text", "copies ↓", x=10.0, y=TOP - 10, class_="tick")


def _discs(
    pairs: Sequence[CopyPair], rows: Sequence[str], columns: Sequence[str], names: Mapping[str, str]
) -> Iterator[Markup]:
    most = max(pair.copies for pair in pairs)
    row, column = ({domain: n for n, domain in enumerate(domains)} for domains in (rows, columns))
    for pair in pairs:
        x, y = GUTTER + CELL * (column[pair.source] + 0.5), TOP + CELL * (row[pair.copier] + 0.5)
        radius = LEAST_RADIUS + (RADIUS - LEAST_RADIUS) * math.sqrt(pair.copies / most)
        said = (
            f"{names.get(pair.copier, pair.copier)} took {counted(pair.copies, 'text')} from "
            f"{names.get(pair.source, pair.source)}, {in_words(timedelta(seconds=pair.delay_s))} later (median)"
        )
        yield element("circle", element("title", said), cx=x, cy=y, r=radius, class_=f"disc {pace(pair.delay_s)}")
        if radius >= NUMBER_FROM:
            classes = f"number {pace(pair.delay_s)}"
            yield element("text", pair.copies, x=x, y=y + 4, class_=classes, text_anchor="middle")
