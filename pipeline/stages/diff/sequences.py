"""Matching blocks of two sequences in near-linear time: patience diff (Bram Cohen), with difflib in small gaps.

Items that stand once in both sequences are anchors; the longest run of anchors in the same order holds, and the gaps between
them are looked at again. What a reader takes for unchanged has such anchors; a large gap without any counts as replaced.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

SMALL_GAP = 40_000
"""Cells (items of a × items of b) up to which difflib, which is quadratic, may look into a gap."""


class Block(NamedTuple):
    """``a[a_start : a_start + size] == b[b_start : b_start + size]``."""

    a_start: int
    b_start: int
    size: int


def matching(a: Sequence[str], b: Sequence[str]) -> list[Block]:
    """Blocks in ascending order of both sequences, none overlapping, touching ones joined."""
    found: list[Block] = []
    gaps = [(0, len(a), 0, len(b))]
    while gaps:
        a_low, a_high, b_low, b_high = gaps.pop()
        head = _same_head(a, b, a_low, a_high, b_low, b_high)
        a_mid, b_mid = a_low + head, b_low + head
        tail = _same_tail(a, b, a_mid, a_high, b_mid, b_high)
        found += [
            block for block in (Block(a_low, b_low, head), Block(a_high - tail, b_high - tail, tail)) if block.size
        ]
        a_high, b_high = a_high - tail, b_high - tail
        if a_mid < a_high and b_mid < b_high:
            anchors = _anchors(a, b, a_mid, a_high, b_mid, b_high)
            if anchors:
                gaps += _between(anchors, a_mid, a_high, b_mid, b_high)
            elif (a_high - a_mid) * (b_high - b_mid) <= SMALL_GAP:
                found += _small(a, b, a_mid, a_high, b_mid, b_high)
    return list(_joined(sorted(found)))


def _same_head(a: Sequence[str], b: Sequence[str], a_low: int, a_high: int, b_low: int, b_high: int) -> int:
    n, most = 0, min(a_high - a_low, b_high - b_low)
    while n < most and a[a_low + n] == b[b_low + n]:
        n += 1
    return n


def _same_tail(a: Sequence[str], b: Sequence[str], a_low: int, a_high: int, b_low: int, b_high: int) -> int:
    n, most = 0, min(a_high - a_low, b_high - b_low)
    while n < most and a[a_high - 1 - n] == b[b_high - 1 - n]:
        n += 1
    return n


def _anchors(
    a: Sequence[str], b: Sequence[str], a_low: int, a_high: int, b_low: int, b_high: int
) -> list[tuple[int, int]]:
    in_a = Counter(a[a_low:a_high])
    in_b = Counter(b[b_low:b_high])
    where = {b[j]: j for j in range(b_low, b_high) if in_b[b[j]] == 1}
    pairs = [(i, where[a[i]]) for i in range(a_low, a_high) if in_a[a[i]] == 1 and a[i] in where and not a[i].isspace()]
    return [pairs[n] for n in longest_ascending([j for _, j in pairs])]


def longest_ascending(values: Sequence[int]) -> list[int]:
    """Indices of one longest strictly ascending subsequence (patience sorting, O(n log n))."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for n, value in enumerate(values):
        pile = bisect_left(ends, value)
        before.append(places[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [value]
        places[pile : pile + 1] = [n]
    chain: list[int] = []
    n = places[-1] if places else -1
    while n >= 0:
        chain.append(n)
        n = before[n]
    return chain[::-1]


def _between(
    anchors: list[tuple[int, int]], a_low: int, a_high: int, b_low: int, b_high: int
) -> Iterator[tuple[int, int, int, int]]:
    """The gaps, each ending with its anchor, which then is the gap's common tail."""
    a_at, b_at = a_low, b_low
    for i, j in anchors:
        yield a_at, i + 1, b_at, j + 1
        a_at, b_at = i + 1, j + 1
    yield a_at, a_high, b_at, b_high


def _small(a: Sequence[str], b: Sequence[str], a_low: int, a_high: int, b_low: int, b_high: int) -> list[Block]:
    matcher = SequenceMatcher(None, a[a_low:a_high], b[b_low:b_high], autojunk=False)
    return [Block(a_low + m.a, b_low + m.b, m.size) for m in matcher.get_matching_blocks() if m.size]


def _joined(blocks: list[Block]) -> Iterator[Block]:
    held: Block | None = None
    for block in blocks:
        if held and held.a_start + held.size == block.a_start and held.b_start + held.size == block.b_start:
            held = Block(held.a_start, held.b_start, held.size + block.size)
            continue
        if held:
            yield held
        held = block
    if held:
        yield held
