"""A site's furniture: lines that it repeats in article after article, learned as articles arrive.

A line is boilerplate once at least three articles of the site had it, on at least two days. Not sooner: versions of one
story repeat their lines on one day; an article that the site sends again is not counted at all. Never across sites: what
many sites print is the wire.
"""

import hashlib
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group.types import BoilerplateMemory, Prepared
from pipeline.text.words import title_words
from storage.records import Boilerplate

MIN_ARTICLES = 3
MIN_WORDS = 4
MOST = 0.9
"""Share of a text's words in repeated lines beyond which it is the same text sent again, not furniture."""


def is_boilerplate(row: Boilerplate, day: str) -> bool:
    """Whether a line with this history, standing in one more article of ``day``, is furniture."""
    return row.articles + 1 >= MIN_ARTICLES and (row.first_day < max(day, row.last_day) or row.last_day > day)


@runtime_checkable
class Counting(Protocol):
    """A memory that counts by itself: the same outcome as ``put`` of each row counted once more, without the rows."""

    def count(self, site: str, paragraphs: Sequence[int], day: str) -> None: ...


class Furniture:
    """What one article's site knows of the article's lines: read once, asked, then taught."""

    def __init__(self, prepared: Prepared, memory: BoilerplateMemory) -> None:
        numbers, hashes, counts = prepared.lines
        long = counts >= MIN_WORDS
        self._lines = numbers[long]
        self._keys = (hashes[long] >> np.uint64(1)).tolist()
        self._counts = counts[long].tolist()
        subject = prepared.subject
        self._day = subject.event_time.date().isoformat() if subject.dated else ""
        self._site = subject.site
        self._memory = memory
        self._title_key = title_key(prepared.title)
        asked = self._keys if self._title_key is None else [*self._keys, self._title_key]
        self._known = memory.get(self._site, asked) if asked else {}

    def repeated(self, prepared: Prepared) -> NDArray[np.bool_] | None:
        """bool[words]: which words stand in boilerplate lines; None if none does, or most do (a text sent again)."""
        known = self._known
        drop = [
            line
            for line, key in zip(self._lines.tolist(), self._keys, strict=True)
            if key in known and is_boilerplate(known[key], self._day)
        ]
        if not drop:
            return None
        mask: NDArray[np.bool_] = np.isin(prepared.words.lines, drop)
        return mask if mask.sum() <= MOST * mask.size else None

    @property
    def title_repeats(self) -> bool:
        """Whether the site gives this title to everything (section names, weather strips)."""
        row = self._known.get(self._title_key) if self._title_key is not None else None
        return row is not None and is_boilerplate(row, self._day)

    def learn(self) -> None:
        """Counts this article's lines and title; not to be called for revisions, nor for what the site sends again."""
        counts = dict(zip(self._keys, self._counts, strict=True))
        if self._title_key is not None:
            counts[self._title_key] = 0
        if not counts:
            return
        if isinstance(self._memory, Counting):
            self._memory.count(self._site, list(counts), self._day)
            return
        known, site, day = self._known, self._site, self._day
        self._memory.put(
            [
                Boilerplate(site=site, paragraph=key, articles=1, first_day=day, last_day=day, words=words)
                if key not in known
                else self._counted(known[key], words)
                for key, words in counts.items()
            ]
        )

    def _counted(self, old: Boilerplate, words: int) -> Boilerplate:
        day = self._day
        return Boilerplate(
            site=old.site,
            paragraph=old.paragraph,
            articles=old.articles + 1,
            first_day=min(day, old.first_day),
            last_day=max(day, old.last_day),
            words=words,
        )


def title_key(title: str) -> int | None:
    """The key under which a title is counted among its site's lines."""
    words = title_words(title)
    if not words:
        return None
    digest = hashlib.blake2b(" ".join(sorted(words)).encode(), digest_size=8, key=b"title").digest()
    return int.from_bytes(digest, "little") >> 1
