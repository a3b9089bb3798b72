"""Which words of a text stand in quotation marks: what two articles share because both quote it is not copied.

Curly, angle and corner marks say themselves whether they open or close; a straight mark opens if it stands before a word
and after a space. A quotation that is not closed ends with its line (long quotations open every paragraph anew).
"""

import numpy as np
from numpy.typing import NDArray

_OPEN = frozenset(map(ord, "\u201c\u201e\u300c\u300e\u2039\u00ab"))
_CLOSE = frozenset(map(ord, "\u201d\u300d\u300f\u203a"))
_EITHER = frozenset(map(ord, '"\u00bb'))
_CLOSED_BY = {0x201E: frozenset((0x201C, 0x201D)), 0x00BB: frozenset((0x00AB,))}
"""Openers (low double, and the angle mark of German books) whose closing mark opens elsewhere."""

_MARKS = np.array(sorted(_OPEN | _CLOSE | _EITHER), np.uint32)
_SPACE = frozenset(map(ord, " \n\r\t\u00a0\u3000(-[\u2014\u2013"))

STRAIGHT = 0x22
ANGLE_CLOSE = 0x00BB
LONGEST = 2500
"""Characters: a longer quotation is taken for a missing closing mark."""


def quotations(code: NDArray[np.uint32] | NDArray[np.uint8]) -> list[tuple[int, int]]:
    """The stretches ``[start, end)`` of folded code points that stand in quotation marks, in order."""
    if code.dtype == np.uint8:
        at = np.flatnonzero(code == ord('"'))
    else:
        at = np.flatnonzero((code == ord('"')) | (code >= _MARKS[1]))
        at = at[np.isin(code[at], _MARKS)]
    if not at.size:
        return []
    before = code[np.maximum(at - 1, 0)].tolist()
    after = code[np.minimum(at + 1, code.size - 1)].tolist()
    breaks = np.append(np.flatnonzero(code == ord("\n")), code.size)
    ends = breaks[np.searchsorted(breaks, at)].tolist()
    return _stretches(list(zip(at.tolist(), code[at].tolist(), before, after, ends, strict=True)))


def _stretches(marks: list[tuple[int, int, int, int, int]]) -> list[tuple[int, int]]:
    """``marks``: place, code point, the ones before and after, and the end of the line."""
    out = []
    start, opener, line_end = -1, 0, 0
    for place, mark, before, after, end in marks:
        looks_open = after not in _SPACE and (before in _SPACE or place == 0)
        opens = looks_open if mark == STRAIGHT else _opens(mark, opener, looks_open=looks_open)
        if start >= 0:
            closed = not opens and place - start <= LONGEST
            out.append((start, place if closed else min(line_end, place)))
        start, opener, line_end = (place, mark, end) if opens else (-1, 0, 0)
    if start >= 0:
        out.append((start, line_end))
    return out


def _opens(mark: int, opener: int, *, looks_open: bool) -> bool:
    if mark in _CLOSED_BY.get(opener, ()) or mark in _CLOSE:
        return False
    if mark == ANGLE_CLOSE and opener:
        return False
    return mark in _OPEN or looks_open
