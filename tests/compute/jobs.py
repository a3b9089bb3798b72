"""What the tests let workers do: good work, failures of every kind, and worse."""

import os
import signal
import time
from pathlib import Path

from pipeline.errors import Drop, Retry


def double(number: int) -> int:
    return number * 2


def length(data: bytes) -> int:
    return len(data)


def pid_of(_: object = None) -> int:
    return os.getpid()


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def forever() -> None:
    while True:
        pass


def touch_and_hang(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    forever()


def drop() -> None:
    raise Drop("no_article", "nothing to read")


def retry() -> None:
    raise Retry("server_error", "busy", retry_after_s=7.0)


class Untravelled(Exception):
    """Pickles and does not unpickle, as exceptions with their own signature do."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)
        self.two = two


def untravelled() -> None:
    raise Untravelled("one", "two")


def unpicklable() -> object:
    return lambda: None


def abort() -> None:
    os.abort()


def leave() -> None:
    os._exit(3)


def eat(mib: int) -> int:
    return len(bytearray(mib * 1024 * 1024))


def keep(mib: int) -> int:
    """Grows the worker for good."""
    KEPT.append(bytearray(os.urandom(1024) * 1024 * mib))
    return os.getpid()


KEPT: list[bytearray] = []


def signals_ignored() -> bool:
    return all(signal.getsignal(number) == signal.SIG_IGN for number in (signal.SIGINT, signal.SIGTERM))
