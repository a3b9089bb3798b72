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
_FURTHER, _NEVER = -1, -2
_SMALL = 1 << 14
_PAD = 4096
"""Slots beyond the last key's own, so that probing never wraps around."""

COMMON = 128
"""Postings of one key that are kept: a key that more articles have says nothing about any of them."""


class Postings:
    """The map. Article numbers are given in rising order."""

    def __init__(self, slots: int = 1 << 16) -> None:
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
        if self._slots > _SMALL and number - self._base > (self._last - self._base) // 2:
            self._build(self._alive(), 0)

    def find(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """``(position in keys, article number)`` of every posting that is not dead."""
        rows = np.arange(keys.size)
        slot = self._home(keys)
        places, entries = [], []
        while rows.size:
            block = self._table[slot[:, None] + _STEPS]
            row, column = np.nonzero((block >> _SHIFT) == keys[rows, None])
            found = block[row, column]
            places.append(rows[row[found != 0]])
            entries.append(found[found != 0])
            full = block.all(axis=1)
            rows, slot = rows[full], slot[full] + _WINDOW
        number = (np.concatenate(entries) & _NUMBER_MASK).astype(np.int64) + (self._base - 1)
        place = np.concatenate(places)
        if not self._floor:
            return place, number
        alive = number >= self._floor
        return place[alive], number[alive]

    def add(self, number: int, keys: NDArray[np.uint64]) -> None:
        """Files one article under ``keys`` (uint64 below 2^40, distinct)."""
        if self._used + keys.size > _LOAD * self._slots or number - self._base >= _MOST_NUMBERS:
            self._build(self._alive(), keys.size)
        self._last = number
        entry = np.uint64(number - self._base + 1)
        dead = np.uint64(max(self._floor - self._base + 1, 1))
        rows, slot = np.arange(keys.size), self._home(keys)
        seen = np.zeros(keys.size, np.intp)
        while rows.size:
            at = slot[:, None] + _STEPS
            block = self._table[at]
            free = (block & _NUMBER_MASK) < dead  # empty, or of an article that is gone
            column = free.argmax(axis=1)
            lines = np.arange(rows.size)
            target = np.where(free[lines, column], at[lines, column], _FURTHER)
            full = target == _FURTHER
            if full.any():
                seen[rows[full]] += ((block[full] >> _SHIFT) == keys[rows[full], None]).sum(axis=1)
                target[seen[rows] >= COMMON] = _NEVER
            rows, slot = self._settle(rows, slot, target, keys, entry)

    def _settle(
        self,
        rows: NDArray[np.intp],
        slot: NDArray[np.intp],
        target: NDArray[np.intp],
        keys: NDArray[np.uint64],
        entry: np.uint64,
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Writes what found room; returns who must look on (further right), or again (two wanted one slot)."""
        self.passed_over += int((target == _NEVER).sum())
        ready = np.flatnonzero(target >= 0)
        _, first = np.unique(target[ready], return_index=True)
        written = ready[first]
        self._used += int((self._table[target[written]] == 0).sum())
        self._table[target[written]] = keys[rows[written]] << _SHIFT | entry
        left = target != _NEVER
        left[written] = False
        slot = np.where(target == _FURTHER, slot + _WINDOW, slot)
        return rows[left], slot[left]

    def fill(self, numbers: list[int], keys: list[NDArray[np.uint64]]) -> None:
        """Files many articles at once (a restart)."""
        old = self._alive()
        first = numbers[0] if not old.size else self._base
        if numbers[-1] - first >= _MOST_NUMBERS:
            raise OverflowError(f"more than {_MOST_NUMBERS} articles in the window")
        self._last = numbers[-1]
        if not old.size:
            self._base = first
        counts = [k.size for k in keys]
        entries = np.repeat(np.array(numbers, np.int64) - (self._base - 1), counts).astype(np.uint64)
        entries |= np.concatenate(keys) << _SHIFT
        self._build(np.concatenate((old, entries)), 0)

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
