"""Which words of a text stand in quotation marks: what two articles share because both quote it is not copied.

Curly, angle and corner marks say themselves whether they open or close; a straight mark opens if it stands before a word
and after a space. A quotation that is not closed ends with its line (long quotations open every paragraph anew).
"""

import numpy as np
from numpy.typing import NDArray

_OPEN = frozenset(map(ord, "\u201c\u201e\u300c\u300e\u2039"))
_CLOSE = frozenset(map(ord, "\u201d\u300d\u300f\u203a"))
_EITHER = frozenset(map(ord, '"\u00ab\u00bb'))
_MARKS = np.array(sorted(_OPEN | _CLOSE | _EITHER), np.uint32)
_SPACE = frozenset(map(ord, " \n\r\t\u00a0\u3000(-[\u2014\u2013"))

LONGEST = 2500
"""Characters: a longer quotation is taken for a missing closing mark."""


def quotations(code: NDArray[np.uint32] | NDArray[np.uint8]) -> list[tuple[int, int]]:
    """The stretches ``[start, end)`` of folded code points that stand in quotation marks, in order."""
    at = np.flatnonzero(code == ord('"') if code.dtype == np.uint8 else np.isin(code, _MARKS))
    if not at.size:
        return []
    before = code[np.maximum(at - 1, 0)].tolist()
    after = code[np.minimum(at + 1, code.size - 1)].tolist()
    marks = zip(at.tolist(), code[at].tolist(), before, after, strict=True)
    breaks = np.append(np.flatnonzero(code == ord("\n")), code.size)
    return _stretches([(p, _opens(p, mark, b, a)) for p, mark, b, a in marks], breaks)


def _opens(place: int, mark: int, before: int, after: int) -> bool:
    if mark in _OPEN:
        return True
    return mark in _EITHER and (place == 0 or before in _SPACE) and after not in _SPACE


def _stretches(marks: list[tuple[int, bool]], breaks: NDArray[np.intp]) -> list[tuple[int, int]]:
    out = []
    start = -1
    for place, opens in marks:
        if start >= 0:
            closed = not opens and place - start <= LONGEST
            end = place if closed else int(breaks[np.searchsorted(breaks, start)])
            out.append((start, min(end, place)))
        start = place if opens else -1
    if start >= 0:
        out.append((start, int(breaks[np.searchsorted(breaks, start)])))
    return out
