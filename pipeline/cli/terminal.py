"""Writing to stdout for people and for machines, and progress on stderr."""

import json
import sys
import threading
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from pipeline.engines.summary import Progress

PIPE_WIDTH = 160
"""Columns where stdout is no terminal: rich would cut at 80, and a pipe has no edge."""


def console(*, stderr: bool = False) -> "Console":
    """A console that colours only a terminal, and not where NO_COLOR is set."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(file=stream, highlight=False, width=width)


def emit(record: object) -> None:
    """One JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


def emit_all(records: Iterable[object]) -> None:
    """JSONL on stdout."""
    for record in records:
        emit(record)


def mib(size: int) -> str:
    """Bytes for a person."""
    if size < 1024**2:
        return f"{size / 1024:.0f} KiB"
    return f"{size / 1024**2:.1f} MiB"


class ProgressView:
    """Shows an engine's ``Report``: bars on a terminal after the first second, else a line every ten.

    Use as a context manager; the object itself is the report.
    """

    SHOW_AFTER_S = 1.0
    LINE_EVERY_S = 10.0

    def __init__(self, *, quiet: bool = False) -> None:
        self._bars: Any = None
        self._tasks: tuple[TaskID, ...] = ()
        self._quiet = quiet
        self._last: Progress | None = None
        self._said_at = time.monotonic()
        self._timer = threading.Timer(self.SHOW_AFTER_S, self._start_bars)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not self._quiet:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, progress: "Progress") -> None:
        self._last = progress
        if self._bars is not None:
            self._update()
        elif not sys.stderr.isatty() and time.monotonic() - self._said_at >= self.LINE_EVERY_S:
            self._said_at = time.monotonic()
            sys.stderr.write(line(progress) + "\n")

    def _start_bars(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        bars = Bars(*columns, console=console(stderr=True), transient=True)
        self._tasks = (bars.add_task("feeds", total=None), bars.add_task("entries", total=None))
        bars.start()
        self._bars = bars
        self._update()

    def _update(self) -> None:
        if self._last is None:
            return
        feeds, entries = self._tasks
        self._bars.update(feeds, completed=self._last.feeds_done, total=self._last.feeds_total or None)
        self._bars.update(entries, completed=self._last.entries_done, total=self._last.entries_total or None)


def line(progress: "Progress") -> str:
    """``feeds 3/12, entries 40/118``."""
    feeds = f"{progress.feeds_done}/{progress.feeds_total}" if progress.feeds_total else str(progress.feeds_done)
    words = f"feeds {feeds}, entries {progress.entries_done}/{progress.entries_total}"
    return f"{words}: {progress.note}" if progress.note else words
