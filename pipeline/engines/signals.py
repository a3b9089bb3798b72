"""SIGTERM and SIGINT ask a run to finish what is in hand; a second one ends it at once (everything kept stays kept)."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Iterator

log = logging.getLogger(__name__)
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """What was asked: ``event`` is set by the first signal, ``signal`` says which it was."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.signal: signal.Signals | None = None

    def ask(self, number: int) -> None:
        if self.event.is_set():
            os._exit(128 + number)
        self.signal = signal.Signals(number)
        log.info("%s: finishing what is in hand; once more ends at once", self.signal.name)
        self.event.set()


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Within an event loop's main thread; elsewhere (a test's thread) signals stay as they are."""
    stop = Stop()
    loop = asyncio.get_running_loop()
    installed = []
    for number in SIGNALS:
        with contextlib.suppress(ValueError, RuntimeError):
            loop.add_signal_handler(number, stop.ask, number)
            installed.append(number)
    try:
        yield stop
    finally:
        for number in installed:
            loop.remove_signal_handler(number)
