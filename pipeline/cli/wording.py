"""Text as a terminal shows it: right-to-left runs isolated, lines cut to width, times and shares in words."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from pipeline.stages.provenance import KINDS, RELATIONS, in_words
from storage.records import Version

__all__ = [
    "KINDS",
    "PDI",
    "RELATIONS",
    "RLI",
    "Cell",
    "delay",
    "isolated",
    "kept",
    "out_at",
    "percent",
    "reads_right_to_left",
    "short",
]

RLI, PDI = "\u2067", "\u2069"
"""Unicode's isolates (UAX #9): what stands between them cannot pull its neighbours into its direction."""

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_LTR = "A-Za-z\u00c0-\u058f\u0900-\u1fff\u2c00-\ud7ff"
_RUN = re.compile(f"[{_RTL}](?:[^{_LTR}\n()“”:;,•]*[{_RTL}])?")
"""From one right-to-left letter to the last before anything that belongs to the sentence around it."""

_READS = {"L": False, "R": True, "AL": True}
_ISOLATE = re.compile("[\u2066-\u2068][^\u2069]*\u2069?")


def reads_right_to_left(text: str) -> bool:
    """The direction of the first letter that has one, outside isolates (UAX #9, rule P2)."""
    strong = (_READS.get(unicodedata.bidirectional(character)) for character in _ISOLATE.sub("", text))
    return next((right for right in strong if right is not None), False)


def isolated(text: str) -> str:
    """For text inside a line of ours: each right-to-left run in isolates, or all of it where it begins as one."""
    if text.isascii():
        return text
    if reads_right_to_left(text):
        return f"{RLI}{text}{PDI}"
    return _runs_isolated(text)


def _runs_isolated(text: str) -> str:
    """A text that reads left to right with its other runs isolated; one that reads right to left as it is."""
    if text.isascii() or reads_right_to_left(text):
        return text
    return _RUN.sub(lambda run: f"{RLI}{run.group()}{PDI}", text)


class Cell:
    """A text with its own direction, isolated line by line. ``lines``: cut to this many; None: whole.

    A single line is cut with an ellipsis. Give a plain string as it is; a ``Text`` with its foreign parts isolated.
    """

    def __init__(self, text: Text | str, style: str = "", lines: int | None = None, least: int = 12) -> None:
        self._text = text if isinstance(text, Text) else Text(_runs_isolated(text), style=style)
        self._lines = lines
        self._least = least

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        widest = Measurement.get(console, options, self._text).maximum
        return Measurement(min(self._least, widest), widest)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        right = reads_right_to_left(self._text.plain)
        for line in self._wrapped(console, options.max_width):
            yield Text.assemble(RLI, line, PDI) if right else line

    def _wrapped(self, console: Console, width: int) -> Iterator[Text]:
        if self._lines == 1:
            line = Text(" ").join(self._text.split())
            line.truncate(width, overflow="ellipsis")
            yield line
            return
        lines = list(self._text.wrap(console, width, overflow="fold"))
        yield from lines[: self._lines]


def short(text: str, longest: int) -> str:
    """``text`` on one line of at most ``longest`` characters."""
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def out_at(version: Version) -> datetime:
    """When the version was out, as far as can be told: published, but never later than it was seen."""
    published = version.date_published
    return min(published, version.date_first_seen) if published else version.date_first_seen


def delay(later: datetime, earlier: datetime) -> str:
    """``+2 h 10 min``; a minus sign where the dates run against the tree."""
    gap = later - earlier
    if abs(gap) < timedelta(minutes=1):
        return "same time"
    return f"{'+' if gap > timedelta(0) else '−'}{in_words(gap)}"


def percent(share: float | None) -> str:
    """``82 %``; only what is the same to the last shingle is 100 %."""
    if share is None:
        return "–"
    return "100 %" if share >= 1 else f"{min(99, round(100 * share))} %"


def kept(text: str) -> str:
    """``kind`` in words, whatever it is."""
    return KINDS.get(text, text.replace("_", " "))
