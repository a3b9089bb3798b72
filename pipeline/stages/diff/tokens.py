"""Text cut into what a reader sees change: words, characters of scripts without spaces, white space, signs.

The tokens of a text joined give the text back. What belongs to a word (letters, digits, combining marks, ZWNJ, apostrophes)
is what the folding of ``pipeline.text.scripts`` says, so that diff, grouping and passages see the same words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.text.scripts import DIGIT, LETTER, SEPARATOR, UNIT, VANISH, folded, tables


@cache
def _pattern() -> re.Pattern[str]:
    units = _ranges(UNIT) + "\U00020000-\U0003ffff"
    words = _ranges(LETTER, DIGIT, VANISH) + "\U00010000-\U0001cfff\U0001e000-\U0001efff"
    marks = _ranges(VANISH)
    return re.compile(f"(?P<unit>[{units}][{marks}]*)|(?P<word>[{words}]+)|\n|[^\\S\n]+|.", re.DOTALL)


def _ranges(*kinds: int) -> str:
    """The characters of these classes as the inside of a regular expression's set."""
    codes = np.flatnonzero(np.isin(tables()[1], kinds))
    runs = np.split(codes, np.flatnonzero(np.diff(codes) != 1) + 1)
    return "".join(f"\\u{run[0]:04x}-\\u{run[-1]:04x}" for run in runs)


def tokens(text: str) -> list[str]:
    """``"".join(tokens(text)) == text``."""
    return [match.group() for match in _pattern().finditer(text)]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text at ``[start, end)``; ``key`` is its folded form, equal for all spellings."""

    key: str
    start: int
    end: int
    unit: bool


def words(text: str) -> list[Word]:
    """The words of ``text`` in order; tokens that fold to nothing (a lone ZWNJ) are none."""
    found = [match for match in _pattern().finditer(text) if match.lastgroup]
    keys = folded_all([match.group() for match in found])
    pairs = zip(found, keys, strict=True)
    return [Word(key, m.start(), m.end(), m.lastgroup == "unit") for m, key in pairs if key]


def folded_all(texts: Sequence[str]) -> list[str]:
    """The folded form of each text: letters and digits alone, separators gone."""
    distinct = sorted({text.replace("\n", " ") for text in texts})
    code, kind = folded("\n".join(distinct))
    kept = code[(kind != SEPARATOR) | (code == ord("\n"))]
    lines = kept.astype("<u4").tobytes().decode("utf-32-le", "replace").split("\n")
    found = dict(zip(distinct, lines if distinct else [], strict=True))
    return [found[text.replace("\n", " ")] for text in texts]


def keys(text: str) -> Iterator[str]:
    """The folded words of ``text`` in order."""
    return (word.key for word in words(text))
