"""The current state of every article: its latest published line, and the columns that are asked for often."""

import dataclasses
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from storage import codec
from storage.records import Article
from storage.records.articles import REDACTED
from storage.tables.base import Commit, Connect, View, chunks, marks

_CURRENT = "SELECT line, story_id, feeds FROM articles"
_HEAD = (
    "SELECT id, seq, revision, status, content_hash, articles.story_id, domain, language, feeds, first_seen,"
    " articles.event_time, text_hash FROM articles LEFT JOIN fingerprints ON article_id = id WHERE id = ?"
)
_COLUMNS = (
    "id", "seq", "revision", "status", "content_hash", "story_id", "domain", "language", "event_time", "first_seen",
    "feeds", "line",
)  # fmt: skip
_INSERT = f"INSERT INTO articles ({', '.join(_COLUMNS)}) VALUES ({marks(_COLUMNS)})"  # noqa: S608  constants only
_UPDATE = f"UPDATE articles SET {', '.join(f'{column} = ?' for column in _COLUMNS)} WHERE n = ?"  # noqa: S608  constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHead:
    """What deciding about an article needs, without its text. ``text_hash`` is its fingerprint's, None without one."""

    id: str
    seq: int
    revision: int
    status: Literal["usable", "withdrawn"]
    content_hash: str
    story_id: str
    domain: str
    language: str | None
    feeds: tuple[str, ...]
    date_first_seen: datetime
    event_time: datetime
    text_hash: bytes | None


class ArticlesView(View):
    def get(self, article_id: str) -> Article | None:
        """The latest revision, with its present ``story_id`` and every feed that announced it."""
        row = self._db().execute(_CURRENT + " WHERE id = ?", (article_id,)).fetchone()
        return _article(codec.inflate(row[0]), *row[1:]) if row else None

    def head(self, article_id: str) -> ArticleHead | None:
        row = self._db().execute(_HEAD, (article_id,)).fetchone()
        return _head(row) if row else None

    def seq_of(self, article_id: str) -> int | None:
        """The seq of the article's last line."""
        row = self._db().execute("SELECT seq FROM articles WHERE id = ?", (article_id,)).fetchone()
        return int(row[0]) if row else None

    def resolve(self, keys: Collection[str]) -> dict[str, str]:
        """The article id of each known URL key."""
        by_hash = {codec.key_hash(key): key for key in keys}
        found: dict[str, str] = {}
        for part in chunks(by_hash):
            query = f"SELECT hash, id FROM article_keys JOIN articles ON n = article WHERE hash IN ({marks(part)})"  # noqa: S608  marks only
            found.update((by_hash[bytes(key)], article) for key, article in self._db().execute(query, part))
        return found

    def current(self) -> Iterator[Article]:
        """Every article's latest revision, in the order in which they were first published; a consistent snapshot."""
        return (article for _raw, article in self.published())

    def published(self) -> Iterator[tuple[bytes, Article]]:
        """Every article's last line as it was published, and the article as it is now; a consistent snapshot."""
        for line, story_id, feeds in self._db().execute(_CURRENT + " ORDER BY n"):
            raw = codec.inflate(line)
            yield raw, _article(raw, story_id, feeds)

    def count(self) -> int:
        return int(self._db().execute("SELECT count(*) FROM articles").fetchone()[0])


class Articles(ArticlesView):
    def __init__(self, connect: Connect, commit: Commit) -> None:
        super().__init__(connect)
        self._commit = commit

    def put(self, article: Article, keys: Iterable[str]) -> int:
        """Publishes one line; ``keys`` are the URL keys under which the article is found. Returns the line's seq.

        An article whose content was taken back (``store redact``) stays so: nothing is published, its last seq returned.
        """
        known = self._known(article.id)
        if known and known.content_hash == REDACTED:
            return known.seq
        seq, line = self._commit.publish(article)
        self._commit.promise(seq, self._keep(known, article, seq, line, keys))
        return seq

    def restore(self, article: Article, seq: int, line: bytes, keys: Iterable[str]) -> None:
        """Takes over a published line without publishing it again (rebuild)."""
        self._keep(self._known(article.id), article, seq, line, keys)

    def _known(self, article_id: str) -> "_Known | None":
        query = "SELECT n, seq, content_hash, feeds FROM articles WHERE id = ?"
        row = self._db().execute(query, (article_id,)).fetchone()
        return _Known(*row) if row else None

    def _keep(self, known: "_Known | None", article: Article, seq: int, line: bytes, keys: Iterable[str]) -> int:
        """Writes the row; returns its number."""
        if known is None:
            number = self._db().execute(_INSERT, _columns(article, seq, line, article.feeds)).lastrowid
            assert number is not None
        else:
            number, feeds = known.number, _joined(article.feeds, json.loads(known.feeds))
            self._db().execute(_UPDATE, (*_columns(article, seq, line, feeds), number))
        self._alias(number, keys)
        return number

    def alias(self, article_id: str, keys: Iterable[str]) -> None:
        """The article is found under these keys too; nothing is published."""
        row = self._db().execute("SELECT n FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row:
            self._alias(row[0], keys)

    def _alias(self, number: int, keys: Iterable[str]) -> None:
        self._db().executemany(
            "INSERT INTO article_keys VALUES (?, ?) ON CONFLICT DO UPDATE SET article = excluded.article",
            [(codec.key_hash(key), number) for key in keys],
        )

    def announced_by(self, article_id: str, feed_url: str) -> None:
        """One more feed carries the article; nothing is published."""
        known = self._known(article_id)
        feeds = json.loads(known.feeds) if known else []
        if known and codec.text(feed_url) not in feeds:
            values = (codec.pack_texts([*feeds, feed_url]), known.number)
            self._db().execute("UPDATE articles SET feeds = ? WHERE n = ?", values)

    def move(self, ids: Collection[str], story_id: str) -> None:
        """The articles now belong to ``story_id``; their lines stay as they were published."""
        for part in chunks(ids):
            query = f"UPDATE articles SET story_id = ? WHERE id IN ({marks(part)}) AND story_id <> ?"  # noqa: S608
            self._db().execute(query, (story_id, *part, story_id))


class _Known(NamedTuple):
    number: int
    seq: int
    content_hash: str
    feeds: str


def _joined(feeds: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Both, each once, in order."""
    return tuple(dict.fromkeys([*feeds, *more]))


def _columns(article: Article, seq: int, line: bytes, feeds: Sequence[str]) -> tuple[Any, ...]:
    event_time = article.date_published or article.date_first_seen
    return (
        article.id, seq, article.revision, article.status, article.content_hash, article.story_id,
        article.source.domain, article.language, codec.seconds(event_time), codec.seconds(article.date_first_seen),
        codec.pack_texts(feeds), codec.deflate(line),
    )  # fmt: skip


def _article(raw: bytes, story_id: str, feeds: str) -> Article:
    published = codec.article(raw)
    listed = _joined(published.feeds, json.loads(feeds))
    if (published.story_id, published.feeds) == (story_id, listed):
        return published
    return dataclasses.replace(published, story_id=story_id, feeds=listed)


def _head(row: tuple[Any, ...]) -> ArticleHead:
    article_id, seq, revision, status, content_hash, story_id, domain, language, feeds, seen, event, text_hash = row
    return ArticleHead(
        id=article_id, seq=seq, revision=revision, status=status, content_hash=content_hash, story_id=story_id,
        domain=domain, language=language, feeds=tuple(json.loads(feeds)), date_first_seen=codec.moment(seen),
        event_time=codec.moment(event), text_hash=text_hash,
    )  # fmt: skip
