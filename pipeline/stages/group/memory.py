"""A memory for grouping outside the store: as long as the process, small in RAM, fingerprints in an unnamed file.

Per article about .6 KiB stay in RAM; what verification reads (shingles, signature, numbers) lies in a temporary file that
the operating system caches and removes.
"""

import os
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from storage.records import Boilerplate, Fingerprint, PairLink

_WRITTEN_AT_ONCE = 1 << 20


class _Place(NamedTuple):
    offset: int
    size: int
    arrival: int


class OfflineFingerprints:
    """The table ``fingerprints``: places and stories in dicts, the rest in a file."""

    def __init__(self) -> None:
        self._file, name = tempfile.mkstemp(prefix="wirefold-")
        Path(name).unlink()
        weakref.finalize(self, os.close, self._file)
        self._end = 0
        self._unwritten = bytearray()
        self._places: dict[str, _Place] = {}
        self._story: dict[str, str] = {}
        self._links: dict[str, dict[str, PairLink]] = defaultdict(dict)
        self._members: dict[str, list[str]] = {}
        self._last = 0
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Fingerprint)

    def get(self, ids: Collection[str]) -> Mapping[str, Fingerprint]:
        return {i: self._read(i) for i in ids if i in self._places}

    def _read(self, article_id: str) -> Fingerprint:
        place = self._places[article_id]
        if place.offset >= self._end:
            start = place.offset - self._end
            data = bytes(self._unwritten[start : start + place.size])
        else:
            data = os.pread(self._file, place.size, place.offset)
        row = self._decoder.decode(data)
        story_id = self._story[article_id]
        return row if row.story_id == story_id else replace(row, story_id=story_id)

    def live(self, since: datetime, published_since: datetime | None = None) -> Iterator[Fingerprint]:
        arrived = (f for f in self._all() if f.arrived is None or f.arrived >= since)
        return (f for f in arrived if published_since is None or f.event_time >= published_since)

    def between(self, since: datetime, until: datetime) -> Iterator[Fingerprint]:
        return (f for f in self._all() if since <= f.event_time < until)

    def _all(self) -> Iterator[Fingerprint]:
        return map(self._read, sorted(self._places, key=lambda i: self._places[i].arrival))

    def links(self, ids: Collection[str]) -> Sequence[PairLink]:
        found = {(link.a, link.b): link for i in ids if i in self._links for link in self._links[i].values()}
        return [found[pair] for pair in sorted(found)]

    def members(self, story_id: str) -> Sequence[str]:
        return sorted(self._members.get(story_id, ()), key=lambda i: self._places[i].arrival)

    def story_of(self, article_id: str) -> str:
        """The story that an article stands in now."""
        return self._story[article_id]

    def last_arrival(self) -> int:
        return self._last

    def put(self, fingerprint: Fingerprint) -> None:
        self.drop(fingerprint.article_id)
        data = self._encoder.encode(fingerprint)
        self._places[fingerprint.article_id] = _Place(self._end + len(self._unwritten), len(data), fingerprint.arrival)
        self._unwritten += data
        if len(self._unwritten) >= _WRITTEN_AT_ONCE:
            os.pwrite(self._file, self._unwritten, self._end)
            self._end += len(self._unwritten)
            self._unwritten.clear()
        self._enter(fingerprint.article_id, fingerprint.story_id)
        self._last = max(self._last, fingerprint.arrival)

    def drop(self, article_id: str) -> None:
        if self._places.pop(article_id, None) is not None:
            self._leave(article_id)

    def put_links(self, links: Sequence[PairLink]) -> None:
        for link in links:
            self._links[link.a][link.b] = link
            self._links[link.b][link.a] = link

    def drop_links(self, article_id: str) -> None:
        for other in self._links.pop(article_id, {}):
            self._links[other].pop(article_id, None)

    def move(self, ids: Sequence[str], story_id: str) -> None:
        for article_id in ids:
            self._leave(article_id)
            self._enter(article_id, story_id)

    def _enter(self, article_id: str, story_id: str) -> None:
        self._story[article_id] = story_id
        self._members.setdefault(story_id, []).append(article_id)

    def _leave(self, article_id: str) -> None:
        story_id = self._story.pop(article_id)
        members = self._members[story_id]
        members.remove(article_id)
        if not members:
            del self._members[story_id]


_DAY_BITS = 16
_DAY_MASK = (1 << _DAY_BITS) - 1
_MOST_ARTICLES = 255
_DAY_ZERO = date(1900, 1, 1).toordinal() - 1


class OfflineBoilerplate:
    """The table ``boilerplate``: open addressing in two numpy columns, 16 bytes a slot (a dozen lines an article)."""

    def __init__(self) -> None:
        self._used = 0
        self._clear(1 << 14)

    def _clear(self, slots: int) -> None:
        self._mask = np.uint64(slots - 1)
        self._keys = np.zeros(slots + _PAD, np.uint64)
        self._rows = np.zeros(slots + _PAD, np.uint64)

    def get(self, site: str, paragraphs: Collection[int]) -> Mapping[int, Boilerplate]:
        asked = list(dict.fromkeys(paragraphs))
        slots, known = self._find(_keys(site, asked))
        rows = self._rows[slots].tolist()
        return {p: _unpacked(site, p, row) for p, row, k in zip(asked, rows, known.tolist(), strict=True) if k}

    def put(self, rows: Sequence[Boilerplate]) -> None:
        if (self._used + len(rows)) * 3 > (self._keys.size - _PAD) * 2:
            self._grow()
        packed = np.array([_packed(r.articles, r.first_day, r.last_day) for r in rows], np.uint64)
        self._write(_keys(rows[0].site, [row.paragraph for row in rows]), packed)

    def count(self, site: str, paragraphs: Sequence[int], day: str) -> None:
        """Counts distinct lines of one more article of ``day``."""
        if (self._used + len(paragraphs)) * 3 > (self._keys.size - _PAD) * 2:
            self._grow()
        keys = _keys(site, paragraphs)
        slots, known = self._find(keys)
        number = _day_number(day)
        rows = np.full(keys.size, _packed(1, day, day), np.uint64)
        if known.any():
            old = self._rows[slots[known]].astype(np.int64)
            articles = np.minimum((old >> 2 * _DAY_BITS) + 1, _MOST_ARTICLES)
            first = np.minimum(old >> _DAY_BITS & _DAY_MASK, number)
            last = np.maximum(old & _DAY_MASK, number)
            rows[known] = (articles << 2 * _DAY_BITS | first << _DAY_BITS | last).astype(np.uint64)
        self._write(keys, rows)

    def _write(self, keys: NDArray[np.uint64], rows: NDArray[np.uint64]) -> None:
        """Sets rows by key; the keys of one call are distinct, but two may want one free slot: one looks again."""
        while keys.size:
            slots, known = self._find(keys)
            self._keys[slots], self._rows[slots] = keys, rows
            lost = self._keys[slots] != keys
            self._used += int((~(known | lost)).sum())
            if not lost.any():
                return
            self._rows[slots[~lost]] = rows[~lost]
            keys, rows = keys[lost], rows[lost]

    def _find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each key stands, or the free slot where it would; and whether it is there."""
        out = np.empty(keys.size, np.intp)
        rows, slot = np.arange(keys.size), (keys & self._mask).astype(np.intp)
        while rows.size:
            at = slot[:, None] + _STEPS
            held = self._keys[at]
            ends = (held == keys[rows, None]) | (held == 0)
            column = ends.argmax(axis=1)
            lines = np.arange(rows.size)
            done = ends[lines, column]
            out[rows[done]] = at[lines[done], column[done]]
            rows, slot = rows[~done], slot[~done] + _STEPS.size
        return out, self._keys[out] == keys

    def _grow(self) -> None:
        held = self._keys != 0
        keys, rows = self._keys[held], self._rows[held]
        self._used = 0
        self._clear(2 * (self._keys.size - _PAD))
        self._write(keys, rows)


_PAD = 1 << 12
_STEPS = np.arange(8)


def _keys(site: str, paragraphs: Sequence[int]) -> NDArray[np.uint64]:
    return (np.array(paragraphs, np.uint64) ^ np.uint64(_salt(site))) | np.uint64(1 << 63)


@cache
def _salt(site: str) -> int:
    return int.from_bytes(blake2b(site.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=4096)
def _packed(articles: int, first_day: str, last_day: str) -> int:
    days = _day_number(first_day) << _DAY_BITS | _day_number(last_day)
    return min(articles, _MOST_ARTICLES) << 2 * _DAY_BITS | days


def _unpacked(site: str, paragraph: int, packed: int) -> Boilerplate:
    return Boilerplate(
        site=site,
        paragraph=paragraph,
        articles=packed >> 2 * _DAY_BITS,
        first_day=_day_text(packed >> _DAY_BITS & _DAY_MASK),
        last_day=_day_text(packed & _DAY_MASK),
        words=0,
    )


@cache
def _day_number(day: str) -> int:
    """Days since 1900, 0 for no date; what lies outside 1900 to 2079 counts as the edge."""
    if not day:
        return 0
    return min(max(date.fromisoformat(day).toordinal() - _DAY_ZERO, 1), _DAY_MASK)


@cache
def _day_text(number: int) -> str:
    return date.fromordinal(number + _DAY_ZERO).isoformat() if number else ""


class Offline:
    """A ``GroupingMemory`` that lives as long as the process."""

    def __init__(self) -> None:
        self.fingerprints = OfflineFingerprints()
        self.boilerplate = OfflineBoilerplate()
