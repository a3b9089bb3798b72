"""Writing to stdout for people and for machines, and progress on stderr."""

import contextlib
import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn, TaskID
    from rich.table import Table

    from pipeline.engines.summary import Progress, Report

PIPE_WIDTH = 160
"""Columns where stdout is no terminal and COLUMNS is not set: rich would cut at 80, and a pipe has no edge."""


class _Trimmed(io.TextIOBase):
    """A stream whose lines come without the padding that tables end with."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._line = ""

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        self._stream.write("".join(f"{line.rstrip(' ')}\n" for line in lines))
        return len(text)

    def flush(self) -> None:
        self._stream.write(self._line)
        self._line = ""
        self._stream.flush()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # rich asks it what can be written
        return self._stream.encoding


def console(*, stderr: bool = False) -> "Console":
    """A console that colours only a terminal, and not where NO_COLOR is set; elsewhere no line ends in spaces."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty():
        return Console(file=stream, highlight=False)
    width = None if os.environ.get("COLUMNS", "").isdigit() else PIPE_WIDTH  # rich reads COLUMNS itself
    return Console(file=cast("IO[str]", _Trimmed(stream)), highlight=False, width=width)


def show_table(table: "Table") -> None:
    """A table on stdout."""
    console().print(table)


def emit(record: object) -> None:
    """One JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


def emit_all(records: Iterable[object]) -> None:
    """JSONL on stdout."""
    for record in records:
        emit(record)


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 feed``, ``2 feeds``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def away(moment: str | None, now: datetime) -> str:
    """An RFC 3339 time as its distance from now: ``5 min ago``, ``in 3 h``, ``-`` for None."""
    if moment is None:
        return "-"
    seconds = (datetime.fromisoformat(moment) - now).total_seconds()
    size = abs(seconds)
    if size < 60:
        return "now"
    unit, step = next((unit, step) for unit, step in (("d", 86400), ("h", 3600), ("min", 60)) if size >= step)
    return f"in {size / step:.0f} {unit}" if seconds > 0 else f"{size / step:.0f} {unit} ago"


def mib(size: int) -> str:
    """Bytes for a person."""
    if size < 1024**2:
        return f"{size / 1024:.0f} KiB"
    return f"{size / 1024**2:.1f} MiB"


class Bars:
    """Progress of work longer than a second: bars on a terminal's stderr, else a line every ten seconds.

    A context manager; nothing is shown before a second has passed.
    """

    SHOW_AFTER_S = 1.0
    LINE_EVERY_S = 10.0

    def __init__(self, *names: str, quiet: bool = False) -> None:
        self._names = names
        self._state: dict[str, tuple[int, int | None]] = {}
        self._live: Any = None
        self._tasks: dict[str, TaskID] = {}
        self._terminal = sys.stderr.isatty()
        self._quiet = quiet
        self._said_at = time.monotonic()
        self._timer = threading.Timer(self.SHOW_AFTER_S, self._start)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._terminal and not self._quiet:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._live is not None:
            self._live.stop()

    def update(self, name: str, done: int, total: int | None = None) -> None:
        """``total`` None: the end is not known. Cheap enough for every item."""
        self._state[name] = (done, total or None)
        if self._live is not None:
            self._live.update(self._tasks[name], completed=done, total=total or None)
        elif not self._terminal and not self._quiet and time.monotonic() - self._said_at >= self.LINE_EVERY_S:
            self._said_at = time.monotonic()
            sys.stderr.write(self.line() + "\n")

    def line(self) -> str:
        """``feeds 3/12, entries 40``."""
        return ", ".join(f"{name} {n}/{total}" if total else f"{name} {n}" for name, (n, total) in self._state.items())

    def _start(self) -> None:
        from rich.progress import Progress

        live = Progress(*self._columns(), console=console(stderr=True), transient=True)
        for name in self._names:
            done, total = self._state.get(name, (0, None))
            self._tasks[name] = live.add_task(name, completed=done, total=total)
        live.start()
        self._live = live

    def _columns(self) -> list["ProgressColumn"]:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

        return [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]


class TimedBars(Bars):
    """Bars that also tell how fast the last of them grows, and when it will be full."""

    def __init__(self, *names: str, quiet: bool = False) -> None:
        super().__init__(*names, quiet=quiet)
        self._began = time.monotonic()

    def line(self) -> str:
        """``sources 1/2, entries 40/100, 12/min, about 5 min left``."""
        return f"{super().line()}{self.pace()}"

    def pace(self) -> str:
        """``, 12/min, about 5 min left``; empty before anything was done."""
        done, total = self._state.get(self._names[-1], (0, None))
        per_s = done / max(time.monotonic() - self._began, 0.001)
        if not per_s:
            return ""
        left = f", about {duration((total - done) / per_s)} left" if total and total > done else ""
        return f", {per_s * 60:.0f}/min{left}"

    def _columns(self) -> list["ProgressColumn"]:
        from rich.progress import ProgressColumn, Task
        from rich.text import Text

        last, pace = self._names[-1], self.pace

        class Pace(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text(pace().removeprefix(", ") if task.description == last else "")

        return [*super()._columns(), Pace()]


def duration(seconds: float) -> str:
    """``40 s``, ``3 min``, ``2.5 h``, ``3.1 d``."""
    for unit, size in (("d", 86400.0), ("h", 3600.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


@contextlib.contextmanager
def run_progress(*, quiet: bool) -> Iterator["Report"]:
    """An engine's ``report``, shown."""
    with Bars("feeds", "entries", quiet=quiet) as bars:

        def report(progress: "Progress") -> None:
            bars.update("feeds", progress.feeds_done, progress.feeds_total)
            bars.update("entries", progress.entries_done, progress.entries_total)

        yield report


@contextlib.contextmanager
def backfill_progress(*, quiet: bool) -> Iterator["Report"]:
    """The same of a backfill: how much of its sources is read, and how many of their entries were looked at."""
    with TimedBars("sources", "entries", quiet=quiet) as bars:

        def report(progress: "Progress") -> None:
            bars.update("sources", int(progress.sources_read), progress.sources_total)
            bars.update("entries", progress.entries_done, progress.entries_total)

        yield report


@contextlib.contextmanager
def counting(name: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Shows how many were done; the end is not known."""
    with Bars(name, quiet=quiet) as bars:
        yield lambda done: bars.update(name, done)
