"""One row per article and per story: the envelope's ``seq`` and ``time``, then the record as it is now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage import codec
from storage.records import Article, Story
from storage.store import Store

Kind = Literal["articles", "stories"]
RECORDS: dict[Kind, type] = {"articles": Article, "stories": Story}


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` is the last published line; ``record`` differs from it where the story or the feeds have changed since."""

    line: bytes
    record: Article | Story

    @property
    def seq(self) -> int:
        return codec.seq_of(self.line)

    @property
    def time(self) -> datetime:
        return codec.time_of(self.line)


def article_rows(store: Store) -> Iterator[Row]:
    return (Row(line, article) for line, article in store.articles.published())


def story_rows(store: Store) -> Iterator[Row]:
    return (Row(line, codec.story(line)) for line in store.stories.lines())


ROWS: dict[Kind, Callable[[Store], Iterator[Row]]] = {"articles": article_rows, "stories": story_rows}
