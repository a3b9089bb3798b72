"""Sums over everything: which values one can filter by, who copies whom, what is a source's own."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from storage.tables.base import marks

LISTED_SOURCES = 60
MATRIX_SOURCES = 16
"""A matrix with more rows is a wall; the table behind it is not cut as short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value that one can filter by, what it is called, and in how many stories it stands."""

    value: str
    name: str
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source: its articles, and how many of them are built on (or credited to) another's text.

    ``copied``: how often others built on its articles; ``delay_s``: the median time after which it takes others' texts.
    """

    domain: str
    name: str
    articles: int
    carried: int
    copied: int
    copies: int
    delay_s: float | None

    @property
    def own(self) -> int:
        return self.articles - self.carried


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPair:
    """``copier`` built ``copies`` of its articles on articles of ``source``, ``delay_s`` later (median seconds)."""

    copier: str
    source: str
    copies: int
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSums:
    """``matrix`` names the domains of the picture, those with most copies; ``pairs`` are all pairs, most copies first."""

    sources: tuple[SourceRow, ...]
    pairs: tuple[CopyPair, ...]
    matrix: tuple[str, ...]
    agencies: tuple[Choice, ...]


def choices(db: sqlite3.Connection, kind: str, limit: int) -> tuple[Choice, ...]:
    """The values of a facet, the most frequent first."""
    rows = db.execute(
        "SELECT f.value, ifnull(l.name, f.value), count(*) AS number FROM facet f"
        " LEFT JOIN label l ON l.kind = f.kind AND l.value = f.value"
        " WHERE f.kind = ? GROUP BY f.value ORDER BY number DESC, f.value LIMIT ?",
        (kind, limit),
    )
    return tuple(Choice(value=value, name=name, stories=number) for value, name, number in rows)


def source_sums(db: sqlite3.Connection, since_s: float) -> SourceSums:
    """Everything that was out since then (epoch seconds)."""
    pairs = _pairs(db, since_s)
    names = {domain: name for domain, name in db.execute("SELECT domain, name FROM source")}  # noqa: C416  rows are tuples
    delays: dict[str, list[float]] = {}
    for copier, delay in db.execute("SELECT copier, delay_s FROM copy WHERE out >= ?", (since_s,)):
        delays.setdefault(copier, []).append(delay)
    copied: dict[str, int] = {}
    for pair in pairs:
        copied[pair.source] = copied.get(pair.source, 0) + pair.copies
    rows = db.execute(
        "SELECT domain, count(*), sum(carried) FROM article WHERE out >= ? GROUP BY domain ORDER BY count(*) DESC, domain",
        (since_s,),
    )
    sources = tuple(
        SourceRow(
            domain=domain, name=names.get(domain, domain), articles=articles, carried=carried,
            copied=copied.get(domain, 0), copies=len(delays.get(domain, ())),
            delay_s=median(delays[domain]) if domain in delays else None,
        )
        for domain, articles, carried in rows
    )  # fmt: skip
    return SourceSums(
        sources=sources, pairs=pairs, matrix=_busiest(pairs), agencies=choices(db, "agency", LISTED_SOURCES)
    )


def _pairs(db: sqlite3.Connection, since_s: float) -> tuple[CopyPair, ...]:
    delays: dict[tuple[str, str], list[float]] = {}
    for copier, source, delay in db.execute("SELECT copier, source, delay_s FROM copy WHERE out >= ?", (since_s,)):
        delays.setdefault((copier, source), []).append(delay)
    pairs = (
        CopyPair(copier=copier, source=source, copies=len(found), delay_s=median(found))
        for (copier, source), found in delays.items()
    )
    return tuple(sorted(pairs, key=lambda pair: (-pair.copies, pair.copier, pair.source)))


def _busiest(pairs: Sequence[CopyPair]) -> tuple[str, ...]:
    weight: dict[str, int] = {}
    for pair in pairs:
        for domain in (pair.copier, pair.source):
            weight[domain] = weight.get(domain, 0) + pair.copies
    return tuple(sorted(weight, key=lambda domain: (-weight[domain], domain))[:MATRIX_SOURCES])


def names_of(db: sqlite3.Connection, domains: Sequence[str]) -> dict[str, str]:
    """What the sources call themselves."""
    query = f"SELECT domain, name FROM source WHERE domain IN ({marks(domains)})"  # noqa: S608  marks only
    return dict(db.execute(query, list(domains)).fetchall())
