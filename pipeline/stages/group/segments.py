"""A compact map from 40-bit keys to article numbers that grows for ever and forgets in bulk.

A log-structured merge of sorted numpy arrays: new entries stand in a small dict; when it is full they become a sorted
segment; segments of like size are merged. Eight bytes an entry (datasketch's dictionaries take about 80), a lookup of 150
keys is one ``searchsorted`` a segment.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SLOT_BITS = 24
_SLOT_MASK = np.uint64((1 << _SLOT_BITS) - 1)
_SHIFT = np.uint64(_SLOT_BITS)
_ONE = np.uint64(1)
KEY_BITS = 64 - _SLOT_BITS

FRESH_ARTICLES = 256
"""Articles held in the dict before they are sorted into a segment."""

_FAN_IN = 4
"""Segments of like size that are merged into one."""

COMMON = 256
"""A key with more postings in one segment is too common to say anything, and is passed over."""


@dataclass(slots=True)
class _Segment:
    """Entries ``key << 24 | slot`` in order; a slot plus ``base`` is an article number."""

    entries: NDArray[np.uint64]
    base: int
    articles: int
    tier: int

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int64], int]:
        """``(position in keys, article number)`` of every posting, and how many keys were too common. ``keys`` sorted."""
        wanted = keys << _SHIFT
        low = np.searchsorted(self.entries, wanted)
        hit = low < self.entries.size
        hit[hit] = (self.entries[low[hit]] >> _SHIFT) == keys[hit]
        which = np.flatnonzero(hit)
        if not which.size:
            return which, np.empty(0, np.int64), 0
        low = low[which]
        high = np.searchsorted(self.entries, (keys[which] + _ONE) << _SHIFT)
        counts = high - low
        rare = counts <= COMMON
        common = int(rare.size - rare.sum())
        which, low, counts = which[rare], low[rare], counts[rare]
        at = np.repeat(low - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
        numbers = (self.entries[at] & _SLOT_MASK).astype(np.int64) + self.base
        return np.repeat(which, counts), numbers, common


class Postings:
    """The map. Article numbers are given in rising order."""

    def __init__(self, fresh_articles: int = FRESH_ARTICLES) -> None:
        self._fresh_articles = fresh_articles
        self._segments: list[_Segment] = []
        self._fresh: dict[int, int] = {}
        self._more: dict[int, list[int]] = {}
        self._fresh_numbers: list[int] = []
        self._fresh_keys: list[NDArray[np.uint64]] = []
        self.passed_over = 0
        """Keys that were too common, over all lookups."""

    def add(self, number: int, keys: NDArray[np.uint64]) -> None:
        """Files one article under ``keys`` (uint64 below 2^40, distinct)."""
        mine = dict.fromkeys(keys.tolist(), number)
        for key in self._fresh.keys() & mine.keys():
            self._more.setdefault(key, []).append(mine.pop(key))
        self._fresh.update(mine)
        self._fresh_numbers.append(number)
        self._fresh_keys.append(keys)
        if len(self._fresh_numbers) >= self._fresh_articles:
            self._flush()

    def fill(self, numbers: list[int], keys: list[NDArray[np.uint64]]) -> None:
        """Files many articles at once (a restart); not after ``add``."""
        self._push(_sorted_segment(numbers, keys, tier=2))

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """``(position in keys, article number)`` of every posting; ``keys`` sorted."""
        found = [self._find_fresh(keys)]
        for segment in self._segments:
            where, who, common = segment.find(keys)
            self.passed_over += common
            if who.size:
                found.append((where, who))
        if len(found) == 1:
            return found[0]
        return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])

    def _find_fresh(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        held: list[int] = []
        numbers: list[int] = []
        for key in self._fresh.keys() & set(keys.tolist()):
            holders = (self._fresh[key], *self._more.get(key, ()))
            numbers += holders
            held += [key] * len(holders)
        return np.searchsorted(keys, np.array(held, np.uint64)), np.array(numbers, np.int64)

    def forget_before(self, number: int) -> None:
        """Drops the segments whose every article is older than ``number``; single articles are the caller's to skip."""
        self._segments = [s for s in self._segments if s.base + s.articles > number]

    @property
    def nbytes(self) -> int:
        return sum(s.entries.nbytes for s in self._segments) + sum(k.nbytes for k in self._fresh_keys)

    def _flush(self) -> None:
        self._push(_sorted_segment(self._fresh_numbers, self._fresh_keys, tier=0))
        self._fresh, self._more, self._fresh_numbers, self._fresh_keys = {}, {}, [], []

    def _push(self, segment: _Segment) -> None:
        self._segments.append(segment)
        while len(self._segments) >= _FAN_IN and len({s.tier for s in self._segments[-_FAN_IN:]}) == 1:
            parts = self._segments[-_FAN_IN:]
            self._segments[-_FAN_IN:] = [_merged(parts)]


def _sorted_segment(numbers: list[int], keys: list[NDArray[np.uint64]], *, tier: int) -> _Segment:
    base = numbers[0]
    slots = np.repeat(np.array(numbers, np.int64) - base, [k.size for k in keys]).astype(np.uint64)
    entries = np.concatenate(keys) << _SHIFT
    entries |= slots
    entries.sort()
    return _Segment(entries=entries, base=base, articles=numbers[-1] - base + 1, tier=tier)


def _merged(parts: list[_Segment]) -> _Segment:
    base = parts[0].base
    entries = np.concatenate([p.entries + np.uint64(p.base - base) for p in parts])
    entries.sort()
    last = parts[-1]
    return _Segment(entries=entries, base=base, articles=last.base + last.articles - base, tier=last.tier + 1)
