"""What a start finds after any kind of end, and what it does about it.

ended                          found                                       done
before COMMIT                  nothing                                     nothing: the work is done again
after COMMIT, before append    outbox lines that the stream lacks          appended
in the middle of an append     a prefix of the outbox's bytes              cut to the last whole line, appended again
power loss before fsync        a short, zero-filled or torn tail           the same: same bytes, same place
after fsync                    outbox lines that the stream has            cleared with the next transaction
state older than the streams   lines beyond the state's last seq           refused: StoreDamaged, ``store rebuild``
streams older than the state   missing bytes                               refused: StoreDamaged, ``store rebuild``
"""

import os
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import codec
from storage.disk import Disk
from storage.errors import StoreDamaged
from storage.layout import Layout, Segment, Stream
from storage.segments import last_line
from storage.streams import Position, StreamWriter

Lines = deque[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Repair:
    """What one stream needs: what is there made durable, cuts, then the lines that are promised and not there yet."""

    writer: StreamWriter
    position: Position
    found: list[tuple[Path, int, int]]
    cuts: list[tuple[Path, int]]
    pending: Lines

    def apply(self, disk: Disk, now: datetime) -> None:
        for path, start, end in self.found:
            disk.write_again(path, start, end)
        for path, size in self.cuts:
            _truncate(path, size, disk)
        self.writer.resume(self.position)
        if self.pending:
            self.writer.append(self.pending, now)
            self.writer.sync()


def examine(
    writer: StreamWriter, position: Position, outbox: Iterable[tuple[int, bytes]], last_seq: int, layout: Layout
) -> Repair:
    """Compares one stream with the state's promise: every outbox line stands in it exactly once, and nothing behind.

    Changes nothing. Raises StoreDamaged if the stream and the state contradict each other.
    """
    pending: Lines = deque(outbox)
    files = _unsettled(layout.segments(writer.stream), position, writer, last_seq)
    end, found, cuts = _compare(files, position, pending, last_seq)
    return Repair(writer, end, found, cuts, pending)


def _unsettled(
    segments: list[Segment], position: Position, writer: StreamWriter, last_seq: int
) -> list[tuple[Segment, int]]:
    """The files that may hold more than the state knows, each with the offset where to look."""
    files = []
    for segment in segments:
        if segment.base > last_seq or (segment.base > position.base and segment.closed):
            raise _ahead(segment.path, 1, segment.base, last_seq)
        if segment.base > position.base:
            files.append((segment, 0))
        elif segment.base == position.base and not segment.sealed:
            _check_settled(segment.path, position)
            files.append((segment, position.size))
    if position.base and position.base not in {segment.base for segment in segments}:
        raise StoreDamaged(f"{writer.stream} segment {position.base:020d} is missing")
    return files


def _check_settled(path: Path, position: Position) -> None:
    size = path.stat().st_size
    if size < position.size:
        raise StoreDamaged(f"{path} lost lines: it has {size} bytes, {position.size} were written")
    if position.size:
        last = last_line(path, position.size)
        if not last.endswith(b"\n") or _seq(last) != position.last_seq:
            raise StoreDamaged(f"{path} does not hold line {position.last_seq} where it was written")


def _compare(
    files: list[tuple[Segment, int]], position: Position, pending: Lines, last_seq: int
) -> tuple[Position, list[tuple[Path, int, int]], list[tuple[Path, int]]]:
    """Takes from ``pending`` what the files hold already; returns where they end, what they hold, and what must be cut."""
    found: list[tuple[Path, int, int]] = []
    cut: list[tuple[Path, int]] = []
    for segment, start in files:
        if cut:
            _refuse_lines_behind_a_cut(segment.path)
            cut.append((segment.path, 0))
            continue
        size, last = start, position.last_seq
        with segment.path.open("rb") as file:
            file.seek(start)
            for number, raw in enumerate(file, 1):
                if not _expected(raw, pending, segment.path, number, last_seq):
                    break
                size, last = size + len(raw), pending.popleft()[0]
        if size < segment.path.stat().st_size or not size:
            cut.append((segment.path, size))
        if size > start:
            found.append((segment.path, start, size))
        if size:
            position = Position(segment.base, size, last)
    return position, found, cut


def _expected(raw: bytes, pending: Lines, path: Path, number: int, last_seq: int) -> bool:
    """True for the next outbox line, False for a torn tail; anything else is a contradiction."""
    if pending and raw == pending[0][1]:
        return True
    seq = _seq(raw) if raw.endswith(b"\n") else None
    if seq is None:
        return False
    if seq > last_seq:
        raise _ahead(path, number, seq, last_seq)
    raise StoreDamaged(f"{path}: line {seq} is not the one that was committed")


def _refuse_lines_behind_a_cut(path: Path) -> None:
    with path.open("rb") as file:
        if any(raw.endswith(b"\n") and _seq(raw) is not None for raw in file):
            raise StoreDamaged(f"{path} holds lines, but the segment before it is torn")


def cut_torn_tail(layout: Layout, stream: Stream, disk: Disk) -> None:
    """Cuts what stands behind the last whole line of the active segment (for rebuild, which has no outbox to compare)."""
    for segment in layout.segments(stream)[-1:]:
        if not segment.closed and not segment.sealed:
            size = segment.path.stat().st_size
            torn = last_line(segment.path)
            if torn and not torn.endswith(b"\n"):
                _truncate(segment.path, size - len(torn), disk)


def _ahead(path: Path, number: int, seq: int, last_seq: int) -> StoreDamaged:
    return StoreDamaged(
        f"{path}, line {number} of its tail: the stream holds seq {seq}, but the state ends at {last_seq}"
        " (a state from an older backup, or none)"
    )


def _seq(raw: bytes) -> int | None:
    """The seq of a whole line, None for anything else."""
    try:
        seq = codec.seq_of(raw)
        codec.check_json(raw)
    except ValueError:
        return None
    return seq


def _truncate(path: Path, size: int, disk: Disk) -> None:
    if not size:
        disk.unlink(path)
        return
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(fd, size)
        disk.sync(fd)
    finally:
        os.close(fd)
