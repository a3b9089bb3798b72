"""One writer: an flock that the kernel releases however the process dies."""

import fcntl
import os
import re
import time
from pathlib import Path

from storage.errors import StoreInUse

ATTEMPTS = 5
ATTEMPT_S = 0.01


class WriterLock:
    """Held from construction to ``release``. Raises StoreInUse with the holder's pid. Local file systems only."""

    def __init__(self, data: Path, path: Path) -> None:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not _take(fd):
            pid = _holder(fd)
            os.close(fd)
            raise StoreInUse(data, pid)
        os.truncate(fd, 0)
        os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        self._fd = fd
        # A forked worker would otherwise keep the lock alive after this process has died.
        os.register_at_fork(after_in_child=self._close)

    def release(self) -> None:
        self._close()

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _take(fd: int) -> bool:
    """Tries for a moment: ``held`` takes the lock for microseconds to see whether it is free."""
    for _attempt in range(ATTEMPTS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(ATTEMPT_S)
        else:
            return True
    return False


def held(path: Path) -> bool:
    """Does a writer hold the lock?"""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _holder(fd: int) -> int:
    match = re.match(rb"\d+", os.pread(fd, 32, 0))
    return int(match[0]) if match else 0
