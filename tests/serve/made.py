"""Self-made articles and stories, and a store that is written to as a daemon would."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.serve.library import Library
from pipeline.settings import Settings
from storage.records import Article, Credit, Extraction, Origin, Source, Story, Version
from storage.store import Store

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def article(number: int, text: str = "", **fields: object) -> Article:
    """Article ``number``: of its own source, out ``number`` minutes after noon."""
    published = NOON + timedelta(minutes=number)
    made = Article(
        id=f"a-{number:04d}", revision=1, status="usable", url=f"https://s{number}.example/news", canonical_url=None,
        source=Source(name=f"Source {number}", domain=f"s{number}.example"), feeds=(), entry_id=None, via="feed",
        backfill=False, kind="article", title=f"Title {number}", authors=(), summary=None, section=None, tags=(),
        image=None, language="en", date_published=published, date_published_raw=None, date_published_from="feed",
        date_modified=None, date_first_seen=published + timedelta(minutes=1), date_fetched=published,
        content_text=text or f"The text of number {number}.", credits=(), dateline=None,
        extraction=Extraction(method="t", recipe="t"), content_hash=f"h{number}", story_id=f"s-{number:04d}", match=None,
    )  # fmt: skip
    return replace(made, **fields)


def agency(name: str) -> Credit:
    return Credit(role="agency", name=name, text=name)


def story(*members: Article, **fields: object) -> Story:
    """The story of these articles, each built on the first; its id is the first one's."""
    first = members[0]
    versions = tuple(
        Version(
            article_id=one.id, source=one.source.name or one.source.domain, url=one.url, title=one.title,
            date_published=one.date_published, date_first_seen=one.date_first_seen, words=len(one.content_text.split()),
            based_on=None if one is first else first.id, relation=None if one is first else "near",
            similarity=None if one is first else 0.8, containment=None if one is first else 0.9,
        )
        for one in members
    )  # fmt: skip
    made = Story(
        story_id=f"s-{first.id[2:]}", change="created", members=tuple(one.id for one in members), canonical=first.id,
        origin=Origin(article_id=first.id, name=first.source.name, evidence=("Published first",)), merged_from=(),
        related=(), title=first.title, date_first_published=first.date_published,
        date_updated=max(one.date_first_seen for one in members),
        languages=tuple(sorted({one.language for one in members if one.language})),
        sources=tuple(one.source.name or one.source.domain for one in members), versions=versions,
    )  # fmt: skip
    return replace(made, **fields)


class Corpus:
    """A store on disk, written to as a daemon would, and the library that a server reads it through."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.library = Library(data, Settings(), clock=lambda: NOON + timedelta(days=1))

    @contextmanager
    def writing(self) -> Iterator[Store]:
        with Store.open(self.data, clock=lambda: NOON) as store:
            yield store

    def put(self, *stories: tuple[Story, list[Article]]) -> None:
        """Each story in a transaction of its own, after its articles."""
        with self.writing() as store:
            for one, members in stories:
                with store.transaction() as tx:
                    for member in members:
                        tx.articles.put(replace(member, story_id=one.story_id), [member.url])
                    tx.stories.put(one)

    def add(self, *members: Article, **fields: object) -> Story:
        made = story(*members, **fields)
        self.put((made, list(members)))
        return made

    def close(self) -> None:
        self.library.close()
