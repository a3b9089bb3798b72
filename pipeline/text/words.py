"""From text to hashed words and word shingles, vectorised: each word is hashed once, shingles are combined in numpy.

A shingle is five consecutive words; where it starts with a unit of a script without spaces, four consecutive units.
Why words: on real syndicated copies word 5-grams separate (unrelated articles share .1 % of them), where character 5-grams
share 10 % and chain unrelated texts into one cluster.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.text.quotes import quotations
from pipeline.text.scripts import DIGIT, SEPARATOR, UNIT, compatible, folded

WORD_SHINGLE = 5
UNIT_SHINGLE = 4
RECIPE = f"fold1-word{WORD_SHINGLE}-unit{UNIT_SHINGLE}-quotes1"
"""Names normaliser and shingling; changes whenever one text would give other shingles."""

UNIT_WORDS = 0.6
"""A unit counts as this many words: Chinese runs at 1.5 to 1.7 characters a word."""

QUOTED = np.uint64(1 << 63)
VALUE = np.uint64((1 << 63) - 1)
"""A shingle's mark and its value."""

U64 = NDArray[np.uint64]
Code = NDArray[np.uint32] | NDArray[np.uint8]

_BASE = 0x9E3779B97F4A7C15
_MIX = tuple(np.uint64(v) for v in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))
_SHIFT = np.uint64(33)
_PLACES = tuple(np.uint64(pow(0xD6E8FEB86659FD93, i + 1, 1 << 64)) for i in range(WORD_SHINGLE))


def mix64(value: U64) -> U64:
    """MurmurHash3's 64-bit finaliser: a bijection that spreads every bit (in place of the argument's values: a new array)."""
    value = value ^ (value >> _SHIFT)
    value *= _MIX[0]
    value ^= value >> _SHIFT
    value *= _MIX[1]
    value ^= value >> _SHIFT
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a text.

    - ``hashes``: uint64[n], one per word or unit.
    - ``units``: bool[n], true for a unit of a script without spaces.
    - ``quoted``: bool[n], true for a word in quotation marks.
    - ``lines``: uint32[n], the number of the line (paragraph) that the word stands in.
    - ``numbers``: the digit strings of the text in order (ASCII digits), repeated ones included.
    - ``number_at``: uint32[numbers], the word that each stands in.
    - ``count``: the length in words; units count by ``UNIT_WORDS``.
    """

    hashes: U64
    units: NDArray[np.bool_]
    quoted: NDArray[np.bool_]
    lines: NDArray[np.uint32]
    numbers: tuple[str, ...]
    number_at: NDArray[np.uint32]
    count: int

    def without(self, drop: NDArray[np.bool_]) -> "Words":
        """The words where ``drop`` (bool[n]) is false, and the numbers in them."""
        keep = ~drop
        place = np.cumsum(keep, dtype=np.uint32) - np.uint32(1)
        kept = keep[self.number_at]
        return Words(
            hashes=self.hashes[keep],
            units=self.units[keep],
            quoted=self.quoted[keep],
            lines=self.lines[keep],
            numbers=tuple(n for n, k in zip(self.numbers, kept.tolist(), strict=True) if k),
            number_at=place[self.number_at[kept]],
            count=_count(self.units[keep]),
        )


_NOWHERE = np.empty(0, np.uint32)
_NO = np.empty(0, np.bool_)
_EMPTY = Words(
    hashes=np.empty(0, np.uint64), units=_NO, quoted=_NO, lines=_NOWHERE, numbers=(), number_at=_NOWHERE, count=0
)


def read_words(text: str) -> Words:
    """Folds ``text`` (see ``pipeline.text.scripts``) and hashes its words."""
    code, kind = folded(text)
    if not code.size:
        return _EMPTY
    starts, ends = _bounds(kind)
    if not starts.size:
        return _EMPTY
    breaks = np.flatnonzero(code == ord("\n"))
    numbers, number_at = _numbers(code, kind, starts)
    units = kind[starts] == UNIT
    return Words(
        hashes=_hash_runs(code, starts, ends),
        units=units,
        quoted=_quoted(code, starts),
        lines=np.searchsorted(breaks, starts).astype(np.uint32),
        numbers=numbers,
        number_at=number_at,
        count=_count(units),
    )


def _count(units: NDArray[np.bool_]) -> int:
    unit_count = int(units.sum())
    return units.size - unit_count + round(unit_count * UNIT_WORDS)


def _bounds(kind: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where words begin and end: runs of letters and digits, and every unit by itself."""
    inside = kind != SEPARATOR
    unit = kind == UNIT
    before = np.empty_like(inside)
    before[0] = False
    before[1:] = inside[:-1]
    if not unit.any():
        edges = np.flatnonzero(inside != before)
        ends = edges[1::2] if edges.size % 2 == 0 else np.append(edges[1::2], inside.size)
        return edges[::2], ends
    after_unit = np.zeros_like(unit)
    after_unit[1:] = unit[:-1]
    start = inside & (unit | after_unit | ~before)
    starts = np.flatnonzero(start)
    stop = ~inside | start
    stops = np.append(np.flatnonzero(stop), inside.size)
    return starts, stops[np.searchsorted(stops, starts, side="right")]


def _quoted(code: Code, starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    edges = quotations(code)
    if not edges.size:
        return np.zeros(starts.size, np.bool_)
    within: NDArray[np.bool_] = np.searchsorted(edges, starts, side="right") % 2 == 1
    return within


def _hash_runs(code: Code, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> U64:
    """A polynomial of each run's characters modulo 2^64, from prefix sums over the whole text, then mixed.

    The base is odd, so its powers have inverses and a run's value does not depend on where it stands.
    """
    powers, inverses = _powers(code.size)
    sums = np.empty(code.size + 1, np.uint64)
    sums[0] = 0
    np.cumsum(_spread(code) * powers[: code.size], out=sums[1:])
    value = (sums[ends] - sums[starts]) * inverses[starts]
    return mix64(value + (ends - starts).astype(np.uint64))


def _spread(code: Code) -> U64:
    """A well-spread 64-bit value for each code point."""
    if code.dtype == np.uint8:
        return _spread_bytes()[code]
    return mix64(code.astype(np.uint64) * _PLACES[0])


@cache
def _spread_bytes() -> U64:
    return mix64(np.arange(256, dtype=np.uint64) * _PLACES[0])


_POWERS: list[tuple[U64, U64]] = []


def _powers(size: int) -> tuple[U64, U64]:
    """Powers of the base and of its inverse, at least ``size`` of each; grown to the longest text seen."""
    if not _POWERS or _POWERS[0][0].size < size:
        count = max(1 << 15, 1 << size.bit_length())
        ones = np.ones(count, np.uint64)
        ones[1:] = np.uint64(_BASE)
        back = np.ones(count, np.uint64)
        back[1:] = np.uint64(pow(_BASE, -1, 1 << 64))
        _POWERS[:] = [(np.cumprod(ones), np.cumprod(back))]
    return _POWERS[0]


def _numbers(
    code: Code, kind: NDArray[np.uint8], starts: NDArray[np.intp]
) -> tuple[tuple[str, ...], NDArray[np.uint32]]:
    digits = np.flatnonzero(kind == DIGIT)
    if not digits.size:
        return (), _NOWHERE
    cuts = np.flatnonzero(np.diff(digits) > 1) + 1
    firsts = np.concatenate(([0], cuts))
    chars = code[digits].astype(np.uint8).tobytes().decode("ascii")
    bounds = [*firsts.tolist(), len(chars)]
    at = np.searchsorted(starts, digits[firsts], side="right") - 1
    return tuple(chars[a:b] for a, b in pairwise(bounds)), at.astype(np.uint32)


def shingles(words: Words) -> U64:
    """The shingle at each position, in the order of the text, repeated ones included: uint64[n - 4] (or n - 3, ...).

    Values are below 2^63; the highest bit is set where all words of the shingle stand in quotation marks (``QUOTED``). A
    text of fewer words than a shingle has none.
    """
    hashes, quoted = words.hashes, words.quoted
    long = _combine(hashes, quoted, WORD_SHINGLE)
    if not words.units.any():
        return long
    short = _combine(hashes, quoted, UNIT_SHINGLE)
    units = words.units[: short.size]
    use_long = ~units
    use_long[long.size :] = False
    out = short.copy()
    out[: long.size] = np.where(units[: long.size], short[: long.size], long)
    return out[units | use_long]


def _combine(hashes: U64, quoted: NDArray[np.bool_], width: int) -> U64:
    size = hashes.size - width + 1
    if size <= 0:
        return np.empty(0, np.uint64)
    total = hashes[:size] * _PLACES[0]
    for place in range(1, width):
        total += hashes[place : place + size] * _PLACES[place]
    total = mix64(total)
    total &= VALUE
    total[quoted[:size] & quoted[width - 1 :]] |= QUOTED
    return total


def line_hashes(words: Words) -> tuple[NDArray[np.uint32], U64, NDArray[np.intp]]:
    """The lines that hold words: their numbers, a hash of each line's words in order, and the words in each."""
    if not words.hashes.size:
        return words.lines, words.hashes, np.empty(0, np.intp)
    starts = np.flatnonzero(np.concatenate(([True], words.lines[1:] != words.lines[:-1])))
    counts = np.diff(np.append(starts, words.lines.size))
    place = np.arange(words.lines.size) - np.repeat(starts, counts)
    weighted = words.hashes * mix64(place.astype(np.uint64) + np.uint64(1))
    return words.lines[starts], mix64(np.add.reduceat(weighted, starts)), counts


def words_hash(words: Words) -> bytes:
    """Sixteen bytes that are equal exactly if two texts have the same words in the same order (BLAKE2b)."""
    return hashlib.blake2b(words.hashes.astype("<u8").tobytes(), digest_size=16).digest()


_TITLE_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3040-\u9fff]+"
)


@lru_cache(maxsize=4096)
def title_words(title: str) -> frozenset[str]:
    """The distinct words of a title, folded without the table: titles are short, and are compared with each other only."""
    return frozenset(_TITLE_WORD.findall(compatible(title)))
