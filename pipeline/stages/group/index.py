"""Candidates: who in the window may be a version of this article.

Two channels file into one map of postings:

- ``bands``: datasketch's LSH cut of the signature, ``b`` bands of ``r`` values; two articles meet if a band is equal, the
  same candidates as ``MinHashLSH(params=(b, r))`` (property-tested);
- ``sample``: the shingles with the smallest hashes, one in eight, of a short text about 64. Two samples of the same kind
  meet on the shared shingles, so hits estimate how much is shared; this finds teasers and excerpts that Jaccard cannot see.

In memory an article costs its postings (8 bytes each) and a row of four numbers; shingles stay in the store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group.postings import KEY_BITS, Postings
from pipeline.stages.group.types import Channel
from pipeline.text.words import mix64

SAMPLE_MIN = 64
SAMPLE_RATE = 8
_MIN_HITS = 2
_COMPACT_MIN = 1024
_FILL = 1 << 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY_MASK = np.uint64((1 << KEY_BITS) - 1)
_MOST_ROWS = 32
_BAND_FACTORS = np.array([pow(0xA24BAED4963EE407, i + 1, 1 << 64) for i in range(_MOST_ROWS + 1)], np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    article_id: str
    channel: Channel
    estimate: float
    """Shared shingles, estimated from the samples."""
    dated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What an article is filed under: 40-bit keys in three parts."""

    bands: NDArray[np.uint64]
    sample: NDArray[np.uint64]
    exact: NDArray[np.uint64]
    shingles: int


def keys_of(
    shingles: NDArray[np.uint64], signature: NDArray[np.uint32], text_hash: bytes, bands: int, rows: int
) -> Keys:
    """The postings of an article; ``shingles`` distinct, in any order."""
    return Keys(
        bands=band_keys(signature, bands, rows),
        sample=shingles[shingles < np.uint64(_bound(shingles.size))] & _KEY_MASK,
        exact=np.array([exact_key(text_hash)], np.uint64),
        shingles=shingles.size,
    )


def exact_key(text_hash: bytes) -> int:
    """The key of a text's words in order: 40 bits of their hash."""
    return int.from_bytes(text_hash[8:13], "little")


def sample_keys(shingles: NDArray[np.uint64], sizes: Sequence[int]) -> list[NDArray[np.uint64]]:
    """The keys of the shingles with small values, for several articles at once.

    ``shingles``: those of all articles one after the other, ``sizes`` how many each has. The bound is one in eight, or
    higher for a short text, so that about 64 remain (all, if there are no more).
    """
    if not sizes:
        return []
    bound = np.repeat(np.array([_bound(size) for size in sizes], np.uint64), sizes)
    chosen = shingles < bound
    keys = shingles[chosen] & _KEY_MASK
    ends = np.concatenate(([0], np.cumsum(chosen)))[np.cumsum(sizes)].tolist()
    return [keys[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _bound(size: int) -> int:
    """Below which value the shingles of a text with so many are sampled."""
    return (
        (1 << 63) // SAMPLE_RATE
        if size >= SAMPLE_MIN * SAMPLE_RATE
        else (1 << 63) * SAMPLE_MIN // max(size, SAMPLE_MIN)
    )


def band_keys(signature: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """One key for each band of ``rows`` consecutive values, the band's number mixed in: uint64[bands], or empty.

    Of several signatures (uint32[n, num_perm]) at once: uint64[n, bands].
    """
    if not signature.size:
        return np.empty(0, np.uint64)
    cut = signature[..., : bands * rows].reshape(*signature.shape[:-1], bands, rows).astype(np.uint64)
    cut *= _BAND_FACTORS[:rows]
    key = cut.sum(axis=-1, dtype=np.uint64)
    key += np.arange(1, bands + 1, dtype=np.uint64) * _BAND_FACTORS[-1]
    return mix64(key) & _KEY_MASK


class Filed(NamedTuple):
    """An article as it is filed. ``event_time`` None: no date, meets all times; ``arrived`` None: never expires."""

    article_id: str
    keys: Keys
    event_time: datetime | None
    arrived: datetime | None


class CandidateIndex:
    """The articles in memory, by number; numbers rise and are never used again."""

    def __init__(self, *, bands: int, rows: int, window_days: float) -> None:
        self._shape = (bands, rows)
        self._window_s = window_days * 86400.0
        self._postings = Postings()
        self._ids: list[str] = []
        self._base = 0
        self._expired = 0
        self._number_of: dict[str, int] = {}
        self._time = np.empty(1024, np.float64)
        self._arrived = np.empty(1024, np.float64)
        self._size = np.empty(1024, np.uint32)
        self._sampled = np.empty(1024, np.uint32)

    def __len__(self) -> int:
        return len(self._number_of)

    def __contains__(self, article_id: str) -> bool:
        return article_id in self._number_of

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays (without the ids)."""
        rows = (self._time, self._arrived, self._size, self._sampled)
        return self._postings.nbytes + sum(r.nbytes for r in rows)

    @property
    def passed_over(self) -> int:
        """Keys that were too common to follow, over all lookups."""
        return self._postings.passed_over

    def add(self, filed: Filed) -> None:
        """Files an article, in place of what stood under its id."""
        self._postings.add(self._row(filed), _all(filed.keys))

    def fill(self, rows: Iterable[Filed]) -> None:
        """Files many at once, in order of arrival (a restart)."""
        numbers: list[int] = []
        keys: list[NDArray[np.uint64]] = []
        for row in rows:
            numbers.append(self._row(row))
            keys.append(_all(row.keys))
            if len(numbers) >= max(_FILL, len(self)):
                self._postings.fill(numbers, keys)
                numbers, keys = [], []
        if numbers:
            self._postings.fill(numbers, keys)

    def remove(self, article_id: str) -> None:
        number = self._number_of.pop(article_id, None)
        if number is not None:
            self._time[number - self._base] = np.inf

    def expire(self, before: datetime) -> None:
        """Forgets what arrived before ``before``: at once for queries, later (by whole segments) for memory."""
        limit = _seconds(before)
        row = self._expired
        while row < len(self._ids) and self._arrived[row] < limit:
            if self._number_of.get(self._ids[row]) == self._base + row:
                self.remove(self._ids[row])
            row += 1
        self._expired = row
        if row > max(_COMPACT_MIN, len(self._ids) // 4):
            self._shift(row)
            self._expired = 0

    def _shift(self, count: int) -> None:
        size = len(self._ids)
        del self._ids[:count]
        for name in ("_time", "_arrived", "_size", "_sampled"):
            setattr(self, name, getattr(self, name)[count:size].copy())
        self._base += count
        self._postings.forget_before(self._base)

    def _row(self, filed: Filed) -> int:
        self.remove(filed.article_id)
        row = len(self._ids)
        if row >= self._time.size:
            self._grow()
        self._ids.append(filed.article_id)
        self._time[row] = _seconds(filed.event_time)
        self._arrived[row] = _seconds(filed.arrived)
        self._size[row] = filed.keys.shingles
        self._sampled[row] = filed.keys.sample.size
        number = self._base + row
        self._number_of[filed.article_id] = number
        return number

    def _grow(self) -> None:
        for name in ("_time", "_arrived", "_size", "_sampled"):
            old = getattr(self, name)
            new = np.empty(max(1024, old.size * 3 // 2), old.dtype)
            new[: old.size] = old
            setattr(self, name, new)

    def candidates(self, keys: Keys, event_time: datetime | None, limit: int, min_share: float) -> list[Candidate]:
        """The likeliest versions within the window, best first.

        ``min_share``: what the shared part, as far as the samples allow, must reach of the shorter article.
        """
        place, number = self._postings.find(_all(keys))
        if not number.size:
            return []
        row = number - self._base
        inside = (row >= 0) & self._in_window(row, event_time)
        place, row = place[inside], row[inside]
        if not row.size:
            return []
        return self._ranked(keys, place, row, limit, min_share)

    def _in_window(self, row: NDArray[np.int64], event_time: datetime | None) -> NDArray[np.bool_]:
        time = self._time[np.maximum(row, 0)]
        near = np.isnan(time)
        near |= time != np.inf if event_time is None else np.abs(time - _seconds(event_time)) <= self._window_s
        return near

    def _ranked(
        self, keys: Keys, place: NDArray[np.intp], row: NDArray[np.int64], limit: int, min_share: float
    ) -> list[Candidate]:
        rows, at = np.unique(row, return_inverse=True)
        in_bands = place < keys.bands.size
        exact = place >= keys.bands.size + keys.sample.size
        hits = np.bincount(at, weights=~(in_bands | exact), minlength=rows.size)
        banded = np.bincount(at, weights=in_bands, minlength=rows.size) > 0
        same = np.bincount(at, weights=exact, minlength=rows.size) > 0
        size = self._size[rows].astype(np.float64)
        shorter = np.minimum(size, keys.shingles)
        rate = np.minimum(self._sampled[rows] / np.maximum(size, 1), keys.sample.size / max(keys.shingles, 1))
        rate = np.maximum(rate, 1e-9)
        at_most = (hits + 2.0 + 2.0 * np.sqrt(hits + 1.0)) / rate
        chosen = same | (((hits >= _MIN_HITS) | banded) & (at_most >= min_share * shorter))
        share = np.where(same, 2.0, hits / rate / np.maximum(shorter, 1))
        best = np.lexsort((rows, -share))
        best = best[chosen[best]][:limit]
        return [
            Candidate(
                article_id=self._ids[rows[i]],
                channel="same_words" if same[i] else "bands" if banded[i] else "sample",
                estimate=float(hits[i] / rate[i]),
                dated=not np.isnan(self._time[rows[i]]),
            )
            for i in best
        ]


def _all(keys: Keys) -> NDArray[np.uint64]:
    return np.concatenate((keys.bands, keys.sample, keys.exact))


def _seconds(time: datetime | None) -> float:
    return float("nan") if time is None else (time - _EPOCH).total_seconds()
