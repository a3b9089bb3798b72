"""Pages of stories: narrowed by facets, dates and words, newest first, with a cursor that stands for a place in time."""

import base64
import binascii
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pipeline.serve.index.cards import VERSION_STEPS, Card, agency_key
from pipeline.serve.index.search import fts_query
from storage import codec
from storage.tables.base import chunks, marks

Order = Literal["newest", "changed"]
PAGE = 30
MAX_PAGE = 200
MATCHES = 5000
"""Of a search, so many of the articles that arrived last are looked at: what bounds the time of a common word."""
COUNTED = 10_000
"""Further than this nobody counts."""


class BadCursor(ValueError):
    """A cursor that no page gave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """Which stories. ``source`` is a domain (or a name), ``language`` a tag, ``agency`` a name; ``since`` and ``until``
    (exclusive) are about when the first version was out; ``changed_after`` is a seq.
    """

    q: str = ""
    source: str = ""
    language: str = ""
    agency: str = ""
    versions: int = 1
    backfill: Literal["with", "without", "only"] = "with"
    since: datetime | None = None
    until: datetime | None = None
    changed_after: int = 0
    order: Order = "newest"

    @property
    def plain(self) -> bool:
        """Nothing narrows it."""
        return self == StoryQuery(order=self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    """``next`` is the cursor of the following page (None: this is the last one). ``total`` counts to 10,000 at most.

    ``cut``: the search had more matches than were looked at.
    """

    cards: tuple[Card, ...]
    next: str | None
    total: int
    cut: bool = False


_Place = tuple[float, int]
"""Where a page ends: (first_out or seq, the story's number)."""


def cursor_of(place: _Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0]!r}:{place[1]}".encode()).decode().rstrip("=")


def place_of(cursor: str) -> _Place:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        at, _, number = text.partition(":")
        place = float(at), int(number)
    except (ValueError, binascii.Error) as problem:
        raise BadCursor(cursor) from problem
    if not abs(place[0]) < 1e12 or not abs(place[1]) < 1 << 62:
        raise BadCursor(cursor)
    return place


def stories(db: sqlite3.Connection, query: StoryQuery, *, limit: int = PAGE, cursor: str | None = None) -> StoryPage:
    """One page. Raises BadCursor."""
    place = place_of(cursor) if cursor else None
    query = replace(query, source=_domain(db, query.source), agency=agency_key(query.agency))
    if query.q.strip():
        return _found(db, query, limit, place)
    where, values = _narrowed(query)
    key = _key(query)
    paged, at = (f" AND ({key}, {_number(query)}) < (?, ?)", list(place)) if place else ("", [])
    rows = db.execute(
        f"SELECT s.n, s.first_out, s.seq, s.card FROM {_from(query)} WHERE {where}{paged}"  # noqa: S608  constants only
        f" ORDER BY {key} DESC, {_number(query)} DESC LIMIT ?",
        (*values, *at, limit + 1),
    ).fetchall()
    return _page(rows, query, limit, _count(db, query))


def _page(rows: Sequence[Any], query: StoryQuery, limit: int, total: int, *, cut: bool = False) -> StoryPage:
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        n, first_out, seq, _card = shown[-1]
        following = cursor_of((first_out if query.order == "newest" else float(seq), n))
    cards = tuple(codec.unpack(card, Card) for *_rest, card in shown)
    return StoryPage(cards=cards, next=following, total=total, cut=cut)


def _facets(query: StoryQuery) -> list[tuple[str, str]]:
    """The facets that narrow it, the one that is likely to narrow most first: its index is walked."""
    lane = {"with": "", "without": "live", "only": "backfill"}[query.backfill]
    step = max((step for step in VERSION_STEPS if step <= query.versions), default=None)
    found = [
        ("agency", query.agency), ("source", query.source), ("versions", str(step or "")), ("lane", lane),
        ("language", query.language.strip()),
    ]  # fmt: skip
    return [(kind, value) for kind, value in found if value]


def _from(query: StoryQuery) -> str:
    return "facet f CROSS JOIN story s ON s.n = f.story" if _facets(query) else "story s"


def _key(query: StoryQuery) -> str:
    column = "first_out" if query.order == "newest" else "seq"
    return f"f.{column}" if _facets(query) else f"s.{column}"


def _number(query: StoryQuery) -> str:
    return "f.story" if _facets(query) else "s.n"


def _narrowed(query: StoryQuery) -> tuple[str, list[Any]]:
    """A condition over ``f`` (the first facet) and ``s``, and its values."""
    parts, values = ["1"], []
    for number, (kind, value) in enumerate(_facets(query)):
        if number == 0:
            parts.append("f.kind = ? AND f.value = ?")
        else:
            parts.append(
                "EXISTS (SELECT 1 FROM facet g WHERE g.kind = ? AND g.value = ? AND g.first_out = s.first_out"
                " AND g.story = s.n)"
            )
        values += [kind, value]
    alias = "f" if _facets(query) else "s"
    for condition, bound in _bounds(query, alias):
        parts.append(condition)
        values.append(bound)
    return " AND ".join(parts), values


def _bounds(query: StoryQuery, alias: str) -> Iterator[tuple[str, Any]]:
    if query.versions > 1 and query.versions not in VERSION_STEPS:
        yield "s.size >= ?", query.versions
    if query.since:
        yield f"{alias}.first_out >= ?", query.since.timestamp()
    if query.until:
        yield f"{alias}.first_out < ?", query.until.timestamp()
    if query.changed_after:
        yield f"{alias}.seq > ?", query.changed_after


def _count(db: sqlite3.Connection, query: StoryQuery) -> int:
    if query.plain:
        return int(db.execute("SELECT count(*) FROM story").fetchone()[0])
    where, values = _narrowed(query)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM {_from(query)} WHERE {where} LIMIT ?)"  # noqa: S608  constants only
    return int(db.execute(counted, (*values, COUNTED)).fetchone()[0])


def _domain(db: sqlite3.Connection, source: str) -> str:
    """A name stands for the domain of the source that bears it."""
    wanted = source.strip()
    if not wanted:
        return ""
    row = db.execute("SELECT domain FROM source WHERE domain = ?", (wanted.lower(),)).fetchone()
    if row is None:
        names = db.execute("SELECT name, domain FROM source ORDER BY domain")
        row = next(((domain,) for name, domain in names if name.casefold() == wanted.casefold()), None)
    return str(row[0]) if row else wanted.lower()


def _found(db: sqlite3.Connection, query: StoryQuery, limit: int, place: _Place | None) -> StoryPage:
    """A search: the latest matching articles lead to their stories, which are narrowed and ordered as any others."""
    wanted = fts_query(query.q)
    if wanted is None:
        return StoryPage(cards=(), next=None, total=0)
    matches = db.execute(
        "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?", (wanted, MATCHES + 1)
    ).fetchall()
    ids = _stories_of(db, [n for (n,) in matches[:MATCHES]])
    rows = [row for part in chunks(ids) for row in _narrow(db, query, part)]
    at = 1 if query.order == "newest" else 2
    rows.sort(key=lambda row: (row[at], row[0]), reverse=True)
    after = [row for row in rows if place is None or (row[at], row[0]) < place]
    ends = _with_cards(db, after[: limit + 1])
    return _page(ends, query, limit, len(rows), cut=len(matches) > MATCHES)


def _stories_of(db: sqlite3.Connection, articles: Sequence[int]) -> list[str]:
    found: dict[str, None] = {}
    for part in chunks(articles):
        query = f"SELECT DISTINCT story FROM article WHERE n IN ({marks(part)})"  # noqa: S608  marks only
        found.update((story, None) for (story,) in db.execute(query, part))
    return list(found)


def _narrow(db: sqlite3.Connection, query: StoryQuery, ids: Sequence[str]) -> list[Any]:
    where, values = _narrowed(query)
    joined = " CROSS JOIN facet f ON f.story = s.n AND f.first_out = s.first_out" if _facets(query) else ""
    return db.execute(
        f"SELECT s.n, s.first_out, s.seq FROM story s{joined} WHERE s.id IN ({marks(ids)}) AND {where}",  # noqa: S608
        (*ids, *values),
    ).fetchall()


def _with_cards(db: sqlite3.Connection, rows: Sequence[Any]) -> list[Any]:
    if not rows:
        return []
    numbers = [row[0] for row in rows]
    query = f"SELECT n, card FROM story WHERE n IN ({marks(numbers)})"  # noqa: S608  marks only
    cards = dict(db.execute(query, numbers).fetchall())
    return [(*row, cards[row[0]]) for row in rows if row[0] in cards]
