"""What grouping keeps: fingerprints in the order of their arrival, verified pairs, paragraph histories."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from storage import codec
from storage.records import Boilerplate, Fingerprint, PairLink
from storage.tables.base import View, chunks, marks

_FINGERPRINT = (
    "SELECT article_id, profile, site, story_id, event_time, arrival, words, title, text_hash, signature, shingles,"
    " numbers, aggregate, arrived FROM fingerprints"
)


class FingerprintsView(View):
    def get(self, ids: Collection[str]) -> dict[str, Fingerprint]:
        found: dict[str, Fingerprint] = {}
        for part in chunks(ids):
            rows = self._db().execute(f"{_FINGERPRINT} WHERE article_id IN ({marks(part)})", part)
            found.update((row[0], _fingerprint(row)) for row in rows)
        return found

    def live(self, since: datetime, published_since: datetime | None = None) -> Iterator[Fingerprint]:
        """Every fingerprint that arrived at or after ``since`` (or whose arrival has no date), in the order of arrival.

        ``published_since`` leaves out what is older by its event time: history that a backfill brought a minute ago.
        """
        query = "SELECT arrival FROM fingerprints WHERE ifnull(arrived, event_time) >= ? AND event_time >= ?"
        oldest_s = float("-inf") if published_since is None else codec.seconds(published_since)
        return self._rows(self._db().execute(query, (codec.seconds(since), oldest_s)))

    def between(self, since: datetime, until: datetime) -> Iterator[Fingerprint]:
        """Every fingerprint with an event time from ``since`` until before ``until``, in the order of arrival."""
        query = "SELECT arrival FROM fingerprints WHERE event_time >= ? AND event_time < ?"
        return self._rows(self._db().execute(query, (codec.seconds(since), codec.seconds(until))))

    def _rows(self, found: sqlite3.Cursor) -> Iterator[Fingerprint]:
        for part in chunks(sorted(arrival for (arrival,) in found)):
            rows = self._db().execute(f"{_FINGERPRINT} WHERE arrival IN ({marks(part)}) ORDER BY arrival", part)
            yield from map(_fingerprint, rows.fetchall())

    def links(self, ids: Collection[str]) -> list[PairLink]:
        """Every verified pair that touches one of the articles, each once, by (a, b)."""
        found: dict[tuple[str, str], PairLink] = {}
        for part in chunks(ids):
            for end in ("a", "b"):
                for row in self._db().execute(f"SELECT * FROM pair_links WHERE {end} IN ({marks(part)})", part):  # noqa: S608
                    found[row[0], row[1]] = _link(row)
        return [found[pair] for pair in sorted(found)]

    def members(self, story_id: str) -> list[str]:
        """The ids of the story's articles, in the order of arrival."""
        query = "SELECT article_id FROM fingerprints WHERE story_id = ? ORDER BY arrival"
        return [article_id for (article_id,) in self._db().execute(query, (story_id,))]

    def last_arrival(self) -> int:
        """The highest arrival ever given, 0 before the first."""
        row = self._db().execute("SELECT value FROM meta WHERE name = 'last_arrival'").fetchone()
        return int(row[0]) if row else 0


class Fingerprints(FingerprintsView):
    def put(self, fingerprint: Fingerprint) -> None:
        """Keeps one article's fingerprint. Raises sqlite3.IntegrityError if another article has the same arrival."""
        db = self._db()
        db.execute(
            "INSERT INTO fingerprints (article_id, profile, site, story_id, event_time, arrival, words, title, text_hash,"
            " signature, shingles, numbers, aggregate, arrived) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (article_id) DO UPDATE SET arrival = excluded.arrival, profile = excluded.profile,"
            " site = excluded.site, story_id = excluded.story_id, event_time = excluded.event_time,"
            " words = excluded.words, title = excluded.title, text_hash = excluded.text_hash,"
            " signature = excluded.signature, shingles = excluded.shingles, numbers = excluded.numbers,"
            " aggregate = excluded.aggregate, arrived = excluded.arrived",
            _values(fingerprint),
        )
        db.execute(
            "INSERT INTO meta VALUES ('last_arrival', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            (fingerprint.arrival,),
        )

    def drop(self, article_id: str) -> None:
        self._db().execute("DELETE FROM fingerprints WHERE article_id = ?", (article_id,))

    def put_links(self, links: Iterable[PairLink]) -> None:
        values = ((k.a, k.b, k.relation, k.similarity, k.a_in_b, k.b_in_a, k.shared, k.rule, k.channel) for k in links)
        self._db().executemany("REPLACE INTO pair_links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def drop_links(self, article_id: str) -> None:
        self._db().execute("DELETE FROM pair_links WHERE a = ? OR b = ?", (article_id, article_id))

    def move(self, ids: Collection[str], story_id: str) -> None:
        for part in chunks(ids):
            query = f"UPDATE fingerprints SET story_id = ? WHERE article_id IN ({marks(part)})"  # noqa: S608  marks only
            self._db().execute(query, (story_id, *part))


def _values(f: Fingerprint) -> tuple[Any, ...]:
    return (
        f.article_id, f.profile, f.site, f.story_id, codec.seconds(f.event_time), f.arrival, f.words, f.title,
        f.text_hash, f.signature, f.shingles, codec.pack_texts(f.numbers), f.aggregate,
        None if f.arrived is None else codec.seconds(f.arrived),
    )  # fmt: skip


def _fingerprint(row: tuple[Any, ...]) -> Fingerprint:
    return Fingerprint(
        article_id=row[0], profile=row[1], site=row[2], story_id=row[3], event_time=codec.moment(row[4]), arrival=row[5],
        words=row[6], title=row[7], text_hash=row[8], signature=row[9], shingles=row[10],
        numbers=tuple(json.loads(row[11])) if row[11] != "[]" else (), aggregate=bool(row[12]),
        arrived=None if row[13] is None else codec.moment(row[13]),
    )  # fmt: skip


def _link(row: tuple[Any, ...]) -> PairLink:
    a, b, relation, similarity, a_in_b, b_in_a, shared, rule, channel = row
    return PairLink(
        a=a, b=b, relation=relation, similarity=similarity, a_in_b=a_in_b, b_in_a=b_in_a, shared=shared, rule=rule,
        channel=channel,
    )  # fmt: skip


class BoilerplateView(View):
    def site(self, site: str) -> list[Boilerplate]:
        """Every remembered paragraph of the site."""
        return _paragraphs(self._db().execute("SELECT * FROM boilerplate WHERE site = ?", (site,)))

    def get(self, site: str, paragraphs: Collection[int]) -> dict[int, Boilerplate]:
        """Those of ``paragraphs`` (64-bit hashes) that the site has used before."""
        found: dict[int, Boilerplate] = {}
        for part in chunks([_signed(paragraph) for paragraph in paragraphs]):
            query = f"SELECT * FROM boilerplate WHERE site = ? AND paragraph IN ({marks(part)})"  # noqa: S608  marks only
            found.update((row.paragraph, row) for row in _paragraphs(self._db().execute(query, (site, *part))))
        return found


class BoilerplateTable(BoilerplateView):
    def put(self, rows: Iterable[Boilerplate]) -> None:
        values = ((r.site, _signed(r.paragraph), r.articles, r.first_day, r.last_day, r.words) for r in rows)
        self._db().executemany("REPLACE INTO boilerplate VALUES (?, ?, ?, ?, ?, ?)", values)


def _paragraphs(rows: sqlite3.Cursor) -> list[Boilerplate]:
    return [
        Boilerplate(
            site=site, paragraph=paragraph % 2**64, articles=articles, first_day=first, last_day=last, words=words
        )
        for site, paragraph, articles, first, last, words in rows
    ]


def _signed(paragraph: int) -> int:
    """SQLite's integers are signed; a hash is not."""
    return paragraph - 2**64 if paragraph >= 2**63 else paragraph
