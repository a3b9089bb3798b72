"""Every file operation that durability rests on, in one place, so that a test can make each one fail or be the last."""

import os
from pathlib import Path


class Disk:
    """The real disk. ``durable=False`` leaves flushing to the kernel."""

    def __init__(self, *, durable: bool = True) -> None:
        self.durable = durable

    def point(self, name: str) -> None:
        """A named point of the protocol; tests end the process here."""

    def write(self, fd: int, data: bytes) -> None:
        """Writes all of ``data``."""
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]

    def sync(self, fd: int) -> None:
        """Makes the file's bytes durable. A failure is final: the kernel may have dropped the dirty pages."""
        if self.durable:
            os.fsync(fd)

    def write_again(self, path: Path, start: int, end: int) -> None:
        """Writes a file's bytes over themselves, durably. What a failed fsync left may be in the cache and not on the disk,
        and the kernel believes it clean: only writing it again brings it there. Readers see no change.
        """
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            os.pwrite(fd, os.pread(fd, end - start, start), start)
            self.sync(fd)
        finally:
            os.close(fd)

    def sync_directory(self, path: Path) -> None:
        """Makes names durable after a create, a rename or an unlink."""
        if not self.durable:
            return
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def replace(self, source: Path, target: Path) -> None:
        """Atomic rename, durable afterwards."""
        source.replace(target)
        self.sync_directory(target.parent)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.sync_directory(path.parent)

    def write_file(self, target: Path, data: bytes) -> None:
        """Replaces a small file atomically."""
        draft = target.with_name(target.name + ".tmp")
        fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            self.write(fd, data)
            self.sync(fd)
        finally:
            os.close(fd)
        self.replace(draft, target)
