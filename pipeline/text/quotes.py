"""Which words of a text stand in quotation marks: what two articles share because both quote it is not copied.

Curly, angle and corner marks say themselves whether they open or close; a straight mark opens if it stands before a word
and after a space. A quotation that is not closed ends with its line (long quotations open every paragraph anew).
"""

from functools import cache

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


def quotations(code: NDArray[np.uint32] | NDArray[np.uint8]) -> NDArray[np.intp]:
    """The edges of the stretches of folded code points in quotation marks: start, end, start, end ... in order."""
    if code.dtype == np.uint8:
        return _straight(code)
    at = np.flatnonzero((code == STRAIGHT) | (code >= _MARKS[1]))
    at = at[np.isin(code[at], _MARKS)]
    if not at.size:
        return at
    before = code[np.maximum(at - 1, 0)].tolist()
    after = code[np.minimum(at + 1, code.size - 1)].tolist()
    ends = _line_ends(code, at).tolist()
    marks = zip(at.tolist(), code[at].tolist(), before, after, ends, strict=True)
    return np.array(_stretches(list(marks)), np.intp).ravel()


def _line_ends(code: NDArray[np.uint32] | NDArray[np.uint8], at: NDArray[np.intp]) -> NDArray[np.intp]:
    breaks = np.append(np.flatnonzero(code == ord("\n")), code.size)
    return breaks[np.searchsorted(breaks, at)]


@cache
def _spaces() -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[[c for c in _SPACE if c < 256]] = True
    return table


def _straight(code: NDArray[np.uint32] | NDArray[np.uint8]) -> NDArray[np.intp]:
    """The same where all marks are straight: each opens or closes by its spaces alone, so all are judged at once."""
    at = np.flatnonzero(code == STRAIGHT)
    if not at.size:
        return at
    space = _spaces()
    opens = (space[code[np.maximum(at - 1, 0)]] | (at == 0)) & ~space[code[np.minimum(at + 1, code.size - 1)]]
    following = np.append(at[1:], code.size)
    closed = np.append(~opens[1:], False) & (following - at <= LONGEST)
    ends = np.where(closed, following, np.minimum(following, _line_ends(code, at)))
    return np.column_stack((at[opens], ends[opens])).ravel()


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
