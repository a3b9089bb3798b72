"""The worker's side: read a job, run it, answer; no threads, no state between jobs.

A frame is eight bytes of length and a pickle. A job is ``(function, args)``; an answer is ``(outcome, value, rss_mib)``
with outcome ``ok``, ``raised`` (value: the exception) or ``memory`` (the limit was hit; the worker is spent).
"""

import fcntl
import gc
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import traceback
from multiprocessing.connection import Connection

LENGTH = struct.Struct("!Q")
_PAGE_KIB = resource.getpagesize() / 1024


def serve(link: socket.socket, lifeline: Connection, memory_mib: int) -> None:
    """Answers jobs until the parent closes its end. Runs in the worker process, nowhere else."""
    _die_with_the_parent(lifeline)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if memory_mib:
        limit = memory_mib * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    gc.freeze()  # what was preloaded is never garbage: do not walk it, do not unshare its pages
    with link:
        while (job := _receive(link)) is not None:
            _send(link, _answer(job))
            del job


def frame(message: object) -> bytes:
    payload = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(payload)) + payload


def _answer(job: bytes) -> bytes:
    try:
        function, args = pickle.loads(job)  # noqa: S301 - written by our own parent over a private socket
        return frame(("ok", function(*args), _rss_mib()))
    except MemoryError:
        return frame(("memory", None, _rss_mib()))
    except Exception as error:  # noqa: BLE001 - whatever was raised is the parent's to judge
        return _raised(error)


def _raised(error: Exception) -> bytes:
    """The exception with the worker's traceback as a note; one that cannot travel becomes a RuntimeError that can."""
    where = "".join(traceback.format_exception(error))
    try:
        answer = frame(("raised", error, _rss_mib()))
        pickle.loads(answer[LENGTH.size :])  # noqa: S301 - our own bytes: some exceptions pickle but do not unpickle
    except Exception:  # noqa: BLE001 - any failure here means the same: it cannot travel
        return frame(("raised", RuntimeError(f"{type(error).__qualname__}: {error}\n{where}"), _rss_mib()))
    return answer


def _receive(link: socket.socket) -> bytes | None:
    header = _exactly(link, LENGTH.size)
    return None if header is None else _exactly(link, LENGTH.unpack(header)[0])


def _exactly(link: socket.socket, size: int) -> bytes | None:
    data = bytearray(size)
    view, have = memoryview(data), 0
    while have < size:
        try:
            got = link.recv_into(view[have:])
        except ConnectionError:
            return None
        if not got:
            return None
        have += got
    return bytes(data)


def _send(link: socket.socket, answer: bytes) -> None:
    try:
        link.sendall(answer)
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(0)


def _rss_mib() -> float:
    """Resident set now, not its peak: what a recycling rule needs. Unknown outside Linux: 0."""
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - once a page: the plain call
            return int(statm.read().split()[1]) * _PAGE_KIB / 1024
    except OSError:
        return 0.0


def _die_with_the_parent(lifeline: Connection) -> None:
    """A worker in an endless loop does not see its socket close. The kernel tells it: the end of the lifeline, a pipe whose
    other end only the parent holds, raises SIGIO, whose default action ends the process (signal(7), fcntl(2) O_ASYNC).

    PR_SET_PDEATHSIG would watch the fork server, which lives as long as any of its children.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    number = lifeline.fileno()
    fcntl.fcntl(number, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_ASYNC)
    if lifeline.poll(0):  # it ended before we listened
        os._exit(0)
