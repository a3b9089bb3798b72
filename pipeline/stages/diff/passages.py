"""The passages that two texts share: the longest common runs of words."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.stages.diff.tokens import Word, words
from pipeline.text.words import UNIT_WORDS

MIN_WORDS = 12
"""Shorter runs are phrases and titles (“the Coalition against the Islamic State said on”), not text taken over."""

PLACES = 8
"""Places of one run in the first text that are tried: refrains and share bars would make it quadratic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """``a[a_start:a_end]`` and ``b[b_start:b_end]`` have the same ``words`` words; ``text`` is as ``a`` writes it."""

    text: str
    words: int
    a_start: int
    a_end: int
    b_start: int
    b_end: int


def shared_passages(a_text: str, b_text: str, min_words: int = MIN_WORDS) -> tuple[Passage, ...]:
    """The common runs of at least ``min_words`` words in the order of ``b``, as long as they can be.

    Case, accents, punctuation and letter variants do not count; characters of scripts without spaces count as
    ``UNIT_WORDS`` of a word. Time grows with the sum of the lengths.
    """
    a, b = words(a_text), words(b_text)
    found = (_passage(a_text, a, b, *run) for run in _runs(a, b, min_words))
    return tuple(passage for passage in found if passage.words >= min_words)


def _runs(a: Sequence[Word], b: Sequence[Word], width: int) -> Iterator[tuple[int, int, int]]:
    """(place in a, place in b, length) of maximal common runs of at least ``width`` words."""
    keys_a, keys_b = [word.key for word in a], [word.key for word in b]
    where = _places(keys_a, width)
    j = 0
    while j + width <= len(b):
        starts = where.get(tuple(keys_b[j : j + width]), ())
        if not starts:
            j += 1
            continue
        size, i = max((_length(keys_a, keys_b, i, j), -i) for i in starts)
        yield -i, j, size
        j += size


def _places(keys: Sequence[str], width: int) -> dict[tuple[str, ...], list[int]]:
    where: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i in range(len(keys) - width + 1):
        places = where[tuple(keys[i : i + width])]
        if len(places) < PLACES:
            places.append(i)
    return dict(where)


def _length(a: Sequence[str], b: Sequence[str], i: int, j: int) -> int:
    n = 0
    while i + n < len(a) and j + n < len(b) and a[i + n] == b[j + n]:
        n += 1
    return n


def _passage(a_text: str, a: Sequence[Word], b: Sequence[Word], i: int, j: int, size: int) -> Passage:
    units = sum(word.unit for word in a[i : i + size])
    start, end = a[i].start, a[i + size - 1].end
    return Passage(
        text=a_text[start:end],
        words=size - units + round(units * UNIT_WORDS),
        a_start=start,
        a_end=end,
        b_start=b[j].start,
        b_end=b[j + size - 1].end,
    )
