"""Lines that are not the story: its headline repeated, what sites put behind an article, promotions within it (pure).

Measured (102 pages): headline .. tail .. ; the expressions were checked on the half that they were not written for.
"""

import re
from collections.abc import Sequence

from pipeline.stages.extract import phrases
from pipeline.stages.extract.body import count

_WORD = re.compile(r"\w+")
_MAX_TAIL = 0.35
"""More than this of the words is never cut from the end: then the line that looks like a footer is not one."""

_TAIL = phrases.compiled(phrases.TAIL)
_INLINE = phrases.compiled(phrases.INLINE)


def without_headline(lines: Sequence[str], titles: Sequence[str]) -> tuple[list[str], list[str]]:
    """Drops leading lines that repeat a headline (of the first three); returns what stays and what went."""
    wanted = [key for title in titles if (key := _key(title))]
    kept: list[str] = []
    gone: list[str] = []
    for place, line in enumerate(lines):
        (gone if place < 3 and _is_headline(line, wanted) else kept).append(line)
    return (kept, gone) if kept else (list(lines), [])


def _is_headline(line: str, wanted: Sequence[tuple[str, ...]]) -> bool:
    key = _key(line)
    return bool(key) and any(key == other for other in wanted)


def _key(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def without_tail(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Cuts lines that look like a site's footer from the end upwards, at most a third of the words."""
    budget = sum(map(count, lines)) * _MAX_TAIL
    end, spent = len(lines), 0
    while end > 1 and _TAIL.match(lines[end - 1]):
        spent += count(lines[end - 1])
        if spent > budget:
            break
        end -= 1
    return list(lines[:end]), list(lines[end:])


def without_promotions(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Drops single lines that only point elsewhere; a line is kept if it is long enough to say something itself."""
    gone = [line for line in lines if len(line) < 200 and _INLINE.match(line)]
    return ([line for line in lines if line not in gone], gone) if gone else (list(lines), [])
