"""A compact map from 40-bit keys to article numbers: one open-addressed table of 8-byte entries, worked on with numpy.

A lookup of 130 keys reads two cache lines a key whatever the size of the table (datasketch's dictionaries take ten times
the memory; sorted segments were tried first: their lookups grow with the number of segments). An entry is
``key << 24 | number``, numbers counted from a base; entries of one key follow each other by linear probing.
"""

import numpy as np
from numpy.typing import NDArray

_NUMBER_BITS = 24
_NUMBER_MASK = np.uint64((1 << _NUMBER_BITS) - 1)
_MOST_NUMBERS = (1 << _NUMBER_BITS) - 2
_SHIFT = np.uint64(_NUMBER_BITS)
KEY_BITS = 64 - _NUMBER_BITS

_LOAD = 0.7
"""Share of the slots in use at which the table grows."""

_GROWTH = 1.6
_WINDOW = 8
"""Slots read at a time: one cache line, two at most; four keys of five end within them."""

_STEPS = np.arange(_WINDOW)
_TOGETHER = 64
"""Articles that wait in a dict until they are written at once."""

_SMALL = 1 << 14
_PAD = 4096
"""Slots beyond the last key's own, so that probing never wraps around."""

COMMON = 128
"""Postings of one key that are kept: a key that more articles have says nothing about any of them."""


class Postings:
    """The map. Article numbers are given in rising order."""

    def __init__(self, slots: int = 1 << 16) -> None:
        self._fresh: dict[int, int] = {}
        self._more: dict[int, list[int]] = {}
        self._waiting: list[tuple[int, NDArray[np.uint64]]] = []
        self._base = 0
        self._floor = 0
        self._last = 0
        self._used = 0
        self.passed_over = 0
        """Keys not filed because too many articles have them."""
        self._clear(slots)

    def _clear(self, slots: int) -> None:
        self._slots = slots
        self._table = np.zeros(slots + _PAD, np.uint64)

    @property
    def nbytes(self) -> int:
        return self._table.nbytes

    def forget_before(self, number: int) -> None:
        """Entries of older articles are dead: their room is used again, and goes when the table is next built."""
        self._floor = number
        self._settle()
        if self._slots > _SMALL and number - self._base > (self._last - self._base) // 2:
            self._build(self._alive(), 0)

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """``(position in keys, article number)`` of every posting that is not dead."""
        place, entry = self._probe(keys)
        number = (entry & _NUMBER_MASK).astype(np.int64) + (self._base - 1)
        if self._fresh:
            waiting_place, waiting_number = self._find_waiting(keys)
            place, number = np.concatenate((place, waiting_place)), np.concatenate((number, waiting_number))
        if not self._floor:
            return place, number
        alive = number >= self._floor
        return place[alive], number[alive]

    def _find_waiting(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        listed = keys.tolist()
        hits = self._fresh.keys() & set(listed)
        if not hits:
            return np.empty(0, np.intp), np.empty(0, np.int64)
        pairs = [(listed.index(k), n) for k in sorted(hits) for n in (self._fresh[k], *self._more.get(k, ()))]
        place, number = zip(*pairs, strict=True)
        return np.array(place, np.intp), np.array(number, np.int64)

    def _probe(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
        """All entries of ``keys``, window by window: only keys whose window is full are looked for further right."""
        places, entries = [], []
        rows, wanted, slot = np.arange(keys.size), keys, self._home(keys)
        while rows.size:
            block = self._table[slot[:, None] + _STEPS]
            hit = np.flatnonzero((block >> _SHIFT) == wanted[:, None])
            found = block.ravel()[hit]
            if found.size:
                places.append(rows[hit // _WINDOW][found != 0])
                entries.append(found[found != 0])
            full = np.flatnonzero(block.all(axis=1))
            rows, wanted, slot = rows[full], wanted[full], slot[full] + _WINDOW
        if not places:
            return np.empty(0, np.intp), np.empty(0, np.uint64)
        return np.concatenate(places), np.concatenate(entries)

    def add(self, number: int, keys: NDArray[np.uint64]) -> None:
        """Files one article under ``keys`` (uint64 below 2^40, distinct)."""
        mine = dict.fromkeys(keys.tolist(), number)
        for key in self._fresh.keys() & mine.keys():
            self._more.setdefault(key, []).append(mine.pop(key))
        self._fresh.update(mine)
        self._waiting.append((number, keys))
        if len(self._waiting) >= _TOGETHER:
            self._settle()

    def _settle(self) -> None:
        """Writes what waits into the table."""
        waiting, self._waiting = self._waiting, []
        self._fresh, self._more = {}, {}
        if waiting:
            self._reserve(waiting[-1][0], sum(k.size for _, k in waiting))
            self._file([n for n, _ in waiting], [k for _, k in waiting])

    def _reserve(self, last: int, count: int) -> None:
        """Makes room for ``count`` entries of articles up to number ``last``."""
        if self._used + count > _LOAD * self._slots or last - self._base >= _MOST_NUMBERS:
            self._build(self._alive(), count)
        if last - self._base >= _MOST_NUMBERS:
            raise OverflowError(f"more than {_MOST_NUMBERS} articles in the window")
        self._last = last

    def _file(self, numbers: list[int], keys: list[NDArray[np.uint64]]) -> None:
        number = np.repeat(np.array(numbers) - (self._base - 1), [k.size for k in keys])
        self._write(np.concatenate(keys) << _SHIFT | number.astype(np.uint64))

    def _write(self, entries: NDArray[np.uint64]) -> None:
        dead = np.uint64(max(self._floor - self._base + 1, 1))
        slot = self._home(entries >> _SHIFT)
        seen = np.zeros(entries.size, np.intp)
        while entries.size:
            block = self._table[slot[:, None] + _STEPS]
            free = (block & _NUMBER_MASK) < dead  # empty, or of an article that is gone
            column = free.argmax(axis=1)
            room = free[np.arange(entries.size), column]
            target = slot[room] + column[room]
            self._table[target] = entries[room]
            left = ~room
            slot[left] += _WINDOW
            seen[left] += ((block[left] >> _SHIFT) == (entries[left, None] >> _SHIFT)).sum(axis=1)
            left[room] = self._table[target] != entries[room]  # two wanted one slot: one looks again
            common = seen >= COMMON
            self.passed_over += int(common.sum())
            left &= ~common
            self._used += int(room.sum())
            entries, slot, seen = entries[left], slot[left], seen[left]

    def fill(self, numbers: list[int], keys: list[NDArray[np.uint64]]) -> None:
        """Files many articles at once (a restart)."""
        self._settle()
        if not self._used:
            self._base = numbers[0]
        self._reserve(numbers[-1], sum(k.size for k in keys))
        for start in range(0, len(numbers), _TOGETHER):
            part = slice(start, start + _TOGETHER)
            self._file(numbers[part], keys[part])

    def _home(self, keys: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Where probing for each key starts; rises with the key, so that sorted entries are in the order of the table."""
        return ((keys >> np.uint64(KEY_BITS - 32)) * np.uint64(self._slots) >> np.uint64(32)).astype(np.intp)

    def _alive(self) -> NDArray[np.uint64]:
        """The living entries, with numbers counted from a base as high as can be."""
        table: NDArray[np.uint64] = self._table[self._table != 0]
        base = max(self._floor, self._base)
        if base > self._base:
            table = table[(table & _NUMBER_MASK) > np.uint64(base - self._base)]
            table -= np.uint64(base - self._base)
            self._base = base
        return table

    def _build(self, entries: NDArray[np.uint64], room: int) -> None:
        """A new table of these entries, with room for as many again as growth gives and ``room`` more."""
        entries.sort()
        keys = entries >> _SHIFT
        common = keys[COMMON:] == keys[:-COMMON]
        if common.any():
            kept = np.concatenate((np.ones(COMMON, np.bool_), ~common))
            self.passed_over += int(common.sum())
            entries, keys = entries[kept], keys[kept]
        self._clear(max(int((entries.size + room) / _LOAD * _GROWTH), 1 << 10))
        order = np.arange(entries.size)
        slots = np.maximum.accumulate(self._home(keys) - order) + order
        if entries.size and int(slots[-1]) + _WINDOW >= self._table.size:
            self._table = np.zeros(int(slots[-1]) + _PAD, np.uint64)
        self._table[slots] = entries
        self._used = entries.size
