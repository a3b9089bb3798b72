"""What a published line changes in the side database. Idempotent: a line may be applied again."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.serve.index.cards import (
    Card,
    agencies_of,
    agency_key,
    article_out,
    card_of,
    credits_another,
    facets_of,
    out_at,
)
from pipeline.serve.index.folding import folded_words
from pipeline.serve.index.schema import keep
from storage import codec
from storage.records import Article, Story
from storage.records.articles import REDACTED
from storage.tables.base import chunks, marks


class _Known(NamedTuple):
    n: int
    revision: int
    seq: int
    line: bytes


class _Member(NamedTuple):
    id: str
    domain: str
    agencies: str
    backfill: int
    credited: int


def searchable(article: Article) -> str:
    """Title and text as folded words: every spelling of a word is the same word, each sign of Chinese is one."""
    return folded_words(f"{article.title or ''}\n{article.content_text}")


@dataclass(frozen=True, slots=True)
class Writing:
    """Applies lines through one connection, inside the caller's transaction."""

    db: sqlite3.Connection

    def article(self, article: Article, seq: int, raw: bytes) -> None:
        """A new article, or a new revision; one whose content was taken back is forgotten with all its revisions."""
        row = self.db.execute("SELECT n, revision, seq, line FROM article WHERE id = ?", (article.id,)).fetchone()
        known = _Known(*row) if row else None
        if known and known.seq >= seq:
            return
        if known:
            self._unword(known)
            self._keep_revision(article, known)
        line = codec.deflate(raw)
        values = (
            article.story_id, article.source.domain, article.language, article.backfill, article.revision, seq,
            article_out(article).timestamp(), json.dumps(agencies_of(article)), credits_another(article), line, article.id,
        )  # fmt: skip
        self._put_article(known, values)
        self.db.execute(
            "INSERT INTO source VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
            (article.source.domain, article.source.name or article.source.domain),
        )
        if article.content_hash == REDACTED:
            self.db.execute("DELETE FROM revision WHERE article = ?", (article.id,))
            self.db.execute("INSERT INTO words (words) VALUES ('optimize')")  # drops the words themselves
            keep(self.db, "unclean", 1)
        else:
            n = known.n if known else self._number(article.id)
            self.db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (n, searchable(article)))

    def _put_article(self, known: _Known | None, values: Sequence[object]) -> None:
        columns = ("story", "domain", "language", "backfill", "revision", "seq", "out", "agencies", "credited", "line")
        if known:
            names = ", ".join(f"{column} = ?" for column in columns)
            self.db.execute(f"UPDATE article SET {names} WHERE id = ?", values)  # noqa: S608  constants only
        else:
            names = ", ".join((*columns, "id"))
            self.db.execute(f"INSERT INTO article ({names}) VALUES ({marks(values)})", values)  # noqa: S608  constants only

    def _number(self, article_id: str) -> int:
        return int(self.db.execute("SELECT n FROM article WHERE id = ?", (article_id,)).fetchone()[0])

    def _unword(self, known: _Known) -> None:
        """FTS5 without content wants to be told what it was told before."""
        before = codec.article(codec.inflate(known.line))
        if before.content_hash != REDACTED:
            self.db.execute(
                "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (known.n, searchable(before))
            )

    def _keep_revision(self, article: Article, known: _Known) -> None:
        if article.revision > known.revision:
            self.db.execute(
                "REPLACE INTO revision VALUES (?, ?, ?, ?)", (article.id, known.revision, known.seq, known.line)
            )

    def story(self, story: Story, seq: int) -> None:
        """A story's new state; those it absorbed are gone."""
        row = self.db.execute("SELECT n, seq FROM story WHERE id = ?", (story.story_id,)).fetchone()
        if row and row[1] >= seq:
            return
        for absorbed in story.merged_from:
            if absorbed != story.story_id:
                self._remove(absorbed)
        members = self._members(story.members)
        card = card_of(
            story,
            seq,
            self._canonical(story),
            _agencies(story, members),
            sum(member.backfill for member in members),
        )
        n = self._put_story(card)
        self._put_facets(n, card, {member.domain: self._name(member.domain) for member in members})
        self._put_copies(n, story, members)

    def _members(self, ids: Sequence[str]) -> list[_Member]:
        found: list[_Member] = []
        for part in chunks(ids):
            query = f"SELECT id, domain, agencies, backfill, credited FROM article WHERE id IN ({marks(part)})"  # noqa: S608
            found += [_Member(*row) for row in self.db.execute(query, part)]
        return found

    def _canonical(self, story: Story) -> Article | None:
        row = self.db.execute("SELECT line FROM article WHERE id = ?", (story.canonical,)).fetchone()
        return codec.article(codec.inflate(row[0])) if row else None

    def _name(self, domain: str) -> str:
        row = self.db.execute("SELECT name FROM source WHERE domain = ?", (domain,)).fetchone()
        return str(row[0]) if row else domain

    def _remove(self, story_id: str) -> None:
        row = self.db.execute("SELECT n FROM story WHERE id = ?", (story_id,)).fetchone()
        if row:
            for table in ("facet", "copy"):
                self.db.execute(f"DELETE FROM {table} WHERE story = ?", row)  # noqa: S608  constants only
            self.db.execute("DELETE FROM story WHERE n = ?", row)

    def _put_story(self, card: Card) -> int:
        (n,) = self.db.execute(
            "INSERT INTO story (id, seq, first_out, size, card) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " seq = excluded.seq, first_out = excluded.first_out, size = excluded.size, card = excluded.card RETURNING n",
            (card.story_id, card.seq, card.first_out.timestamp(), card.versions, codec.pack(card)),
        ).fetchone()
        return int(n)

    def _put_facets(self, n: int, card: Card, domains: dict[str, str]) -> None:
        facets = list(facets_of(card, domains))
        self.db.execute("DELETE FROM facet WHERE story = ?", (n,))
        at = card.first_out.timestamp()
        self.db.executemany(
            "REPLACE INTO facet VALUES (?, ?, ?, ?, ?)", [(kind, value, at, n, card.seq) for kind, value, _ in facets]
        )
        self.db.executemany("REPLACE INTO label VALUES (?, ?, ?)", [facet for facet in facets if facet[2]])

    def _put_copies(self, n: int, story: Story, members: Sequence[_Member]) -> None:
        domains = {member.id: member.domain for member in members}
        copies = [(copier, n, *rest) for copier, *rest in _copies(story, domains)]
        self.db.execute("DELETE FROM copy WHERE story = ?", (n,))
        self.db.executemany("REPLACE INTO copy VALUES (?, ?, ?, ?, ?, ?)", copies)
        built = {copy[0] for copy in copies}
        for member in members:
            carried = int(bool(member.credited) or member.id in built)
            self.db.execute(
                "UPDATE article SET story = ?1, carried = ?2 WHERE id = ?3 AND (story <> ?1 OR carried <> ?2)",
                (story.story_id, carried, member.id),
            )


def _copies(story: Story, domains: Mapping[str, str]) -> Iterator[tuple[str, str, str, float, float]]:
    """(article, its domain, the domain of what it is built on, delay in seconds, when it was out), across domains."""
    outs = {version.article_id: out_at(version).timestamp() for version in story.versions}
    for version in story.versions:
        copier, source = domains.get(version.article_id), domains.get(version.based_on or "")
        if version.based_on in outs and copier and source and copier != source:
            out = outs[version.article_id]
            yield version.article_id, copier, source, out - outs[version.based_on], out


def _agencies(story: Story, members: Sequence[_Member]) -> list[str]:
    """Whom the versions credit as an agency, and whom they credit as the origin without a version of its own."""
    credited = [agency for member in members for agency in json.loads(member.agencies)]
    if story.origin.article_id is None and story.origin.name:
        credited.append(story.origin.name)
    return list({agency_key(name): name for name in credited}.values())
