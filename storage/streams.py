"""The appending end of one stream: the active segment, when it is closed, and what was found on disk at start."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage import codec
from storage.disk import Disk
from storage.layout import Layout, Stream
from storage.options import StoreOptions

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Position:
    """Up to here the stream is durable: ``size`` bytes of segment ``base`` (0: no segment yet), up to ``last_seq``."""

    base: int = 0
    size: int = 0
    last_seq: int = 0


class StreamWriter:
    """Appends lines to the active segment and starts a new one by size, age and at midnight UTC.

    Every error of the disk passes through: the caller must not go on after one.
    """

    def __init__(self, stream: Stream, layout: Layout, options: StoreOptions, disk: Disk) -> None:
        self.stream = stream
        self.position = Position()
        self._layout = layout
        self._options = options
        self._disk = disk
        self._fd = -1
        self._unsynced = False
        self._opened = datetime.max.replace(tzinfo=UTC)

    def resume(self, position: Position) -> None:
        """Goes on behind ``position`` (the file must end there); without a plain segment the next line starts one."""
        self.close()
        self.position = position
        path = self._layout.plain(self.stream, position.base)
        if position.base and path.exists() and not self._layout.meta(self.stream, position.base).exists():
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
            with path.open("rb") as head:
                self._opened = codec.time_of(head.readline())

    def append(self, lines: Sequence[tuple[int, bytes]], now: datetime) -> None:
        """Writes the lines in one go. They are durable after the next ``sync``; until then the outbox vouches for them."""
        self.rotate(now)
        if self._fd < 0:
            self._start(lines[0][0], now)
        data = b"".join(line for _seq, line in lines)
        self._unsynced = True
        self._disk.write(self._fd, data)
        self.position = Position(self.position.base, self.position.size + len(data), lines[-1][0])

    def sync(self) -> None:
        """Makes everything that was appended durable."""
        if self._unsynced:
            self._disk.point("before fsync")
            self._disk.sync(self._fd)
            self._unsynced = False

    def rotate(self, now: datetime, *, force: bool = False) -> bool:
        """Closes the active segment if it is due; the next line opens a new one."""
        if self._fd < 0 or not (force or self._due(now)):
            return False
        self.sync()
        self._disk.point("rotation")
        self.close()
        return True

    def close(self) -> None:
        """Closes the file; what was not synced stays with the outbox."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    @property
    def active_base(self) -> int:
        """The segment that is being written, 0 if there is none."""
        return self.position.base if self._fd >= 0 else 0

    def _due(self, now: datetime) -> bool:
        return (
            self.position.size >= self._options.segment_mib * MIB
            or now - self._opened >= timedelta(hours=self._options.segment_hours)
            or now.astimezone(UTC).date() > self._opened.astimezone(UTC).date()
        )

    def _start(self, base: int, now: datetime) -> None:
        path = self._layout.plain(self.stream, base)
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        self._disk.sync_directory(path.parent)
        self._opened = now
        self.position = Position(base, 0, self.position.last_seq)
