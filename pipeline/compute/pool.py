"""The parent's side: a queue, N supervised workers, a deadline each."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import socket
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Any, Self, TypeVar

from pipeline.compute import worker as worker_side
from pipeline.compute.link import Link
from pipeline.errors import Retry

T = TypeVar("T")
log = logging.getLogger(__name__)

_DEPTH = 2  # one job at work and one waiting in the worker's socket, so that it never idles while the loop is busy
_SPAWN_RETRY_S = 1.0
_PATIENCE_S = 0.05
"""So long work may wait before more workers start: the feeds of a quiet daemon are parsed by one (3 ms each)."""


@dataclass(slots=True)
class Job:
    function: Callable[..., Any]
    args: tuple[object, ...]
    deadline_s: float
    future: asyncio.Future[Any]

    @property
    def name(self) -> str:
        return getattr(self.function, "__qualname__", repr(self.function))


@dataclass(slots=True, eq=False)
class Worker:
    """A live worker: its process, its link, and the jobs it was given, oldest first (the oldest is at work)."""

    process: ForkServerProcess
    link: Link
    jobs: deque[Job] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None
    served: int = 0
    retiring: bool = False


class WorkerPool:
    """Implements ``pipeline.world.Compute``.

    - ``workers``: how many processes; 0 or less: one per usable core. ``start`` starts them all; ``run`` only
      as many as there is work for: one process can parse the feeds of a daemon that finds nothing new.
    - ``deadline_s``: wall time of one job from the moment it is at work; then its worker is killed and replaced, and
      the job ends as ``Retry("extract_timeout")``. A job that kills its worker ends as ``Retry("extract_crash")``.
      A job that was only waiting behind it goes to the front of the queue.
    - ``memory_mib``: RLIMIT_AS of a worker (0: none); hitting it ends the job as ``Retry("extract_crash")``.
    - ``recycle_after``: jobs after which a worker is replaced; ``recycle_rss_mib``: resident size beyond which it is.
    - ``preload``: modules that the fork server imports once, so that a fresh worker costs milliseconds. The fork
      server is one per process: the first pool that starts decides.
    """

    def __init__(
        self,
        workers: int = 0,
        deadline_s: float = 10.0,
        memory_mib: int = 1500,
        recycle_after: int = 2000,
        preload: Sequence[str] = (),
        *,
        recycle_rss_mib: float = 400.0,
    ) -> None:
        self.size = workers if workers > 0 else usable_cores()
        self._wanted = 0
        self._patience: asyncio.TimerHandle | None = None
        self.replaced = 0
        """Workers replaced so far, for whatever reason."""
        self._deadline_s, self._memory_mib = deadline_s, memory_mib
        self._recycle_after, self._recycle_rss_mib = recycle_after, recycle_rss_mib
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pipeline.compute.zygote", "__main__", *preload])
        self._lifeline_end, self._lifeline = self._context.Pipe(duplex=False)
        self._waiting: deque[Job] = deque()
        self._workers: list[Worker] = []
        self._spawning: set[asyncio.Task[None]] = set()
        self._burying: set[asyncio.Task[None]] = set()
        self._spawn_turn = asyncio.Lock()
        self._closed = False

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def start(self) -> None:
        """Starts all workers in the background; returns at once. Optional: ``run`` starts what it needs."""
        self._wanted = self.size
        self._recruit()

    def _recruit(self) -> None:
        """Workers up to what is wanted: what was needed once is kept, and those that are lost are replaced."""
        while not self._closed and self._in_service + len(self._spawning) < self._wanted:
            task = asyncio.get_running_loop().create_task(self._spawn())
            self._spawning.add(task)
            task.add_done_callback(self._spawned)

    async def run(self, function: Callable[..., T], /, *args: object, deadline_s: float | None = None) -> T:
        """Runs ``function(*args)`` in a worker. Function, arguments, result and exception must be picklable.

        Raises what the function raised; Retry("extract_timeout" | "extract_crash") when the worker had to be replaced;
        Retry("interrupted") when the pool is closed.
        """
        if self._closed:
            raise Retry("interrupted", "the worker pool is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        limit_s = self._deadline_s if deadline_s is None else deadline_s
        self._waiting.append(Job(function, args, limit_s, future))
        self._feed()
        self._wanted = max(1, self._wanted)
        self._recruit()
        if self._patience is None:
            self._be_patient()
        return await future

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._patience = None
        if self._waiting and self._wanted < self.size and not self._closed:
            self._patience = asyncio.get_running_loop().call_later(_PATIENCE_S, self._reinforce)

    def _reinforce(self) -> None:
        """Twice as many, if work still waits; while workers start, their start decides when to look again."""
        self._patience = None
        if self._waiting and not self._spawning and not self._closed:
            self._wanted = min(self.size, 2 * self._wanted)
            self._recruit()

    async def aclose(self) -> None:
        """Kills the workers; what was waiting or at work ends as Retry("interrupted"). Safe to call twice."""
        self._closed = True
        self._be_patient()
        jobs = [*self._waiting, *(job for worker in self._workers for job in worker.jobs)]
        self._waiting.clear()
        for worker in list(self._workers):
            worker.jobs.clear()
            self._discard(worker)
        for job in jobs:
            _fail(job, Retry("interrupted", "the worker pool was closed"))
        while self._spawning or self._burying:
            await asyncio.gather(*self._spawning, *self._burying, return_exceptions=True)
        self._lifeline.close()
        self._lifeline_end.close()

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the live workers."""
        return tuple(worker.process.pid for worker in self._workers if worker.process.pid)

    @property
    def queued(self) -> int:
        """Jobs that no worker was given yet."""
        return len(self._waiting)

    @property
    def _in_service(self) -> int:
        return sum(not worker.retiring for worker in self._workers)

    def _feed(self) -> None:
        """Idle workers first, then one job in advance each; first come, first served."""
        for depth in range(1, _DEPTH + 1):
            for worker in self._workers:
                while self._waiting and not worker.retiring and len(worker.jobs) < depth:
                    self._give(worker, self._waiting.popleft())

    def _give(self, worker: Worker, job: Job) -> None:
        if job.future.done():  # its caller was cancelled meanwhile
            return
        try:
            frame = worker_side.frame((job.function, job.args))  # only now: a queue holds references, not copies
        except Exception as error:  # noqa: BLE001 - what cannot be pickled is the caller's error, whatever its type
            _fail(job, error)
            return
        worker.jobs.append(job)
        worker.link.send(frame)
        if len(worker.jobs) == 1:
            self._arm(worker)

    def _arm(self, worker: Worker) -> None:
        """The clock of the oldest job starts now."""
        if worker.timer:
            worker.timer.cancel()
        worker.timer = None
        if worker.jobs:
            loop = asyncio.get_running_loop()
            worker.timer = loop.call_later(worker.jobs[0].deadline_s, self._overdue, worker)

    def _answered(self, worker: Worker, answer: tuple[str, Any, float]) -> None:
        outcome, value, rss_mib = answer
        job = worker.jobs.popleft()
        worker.served += 1
        self._arm(worker)
        spent = outcome == "memory" or rss_mib > self._recycle_rss_mib or worker.served >= self._recycle_after
        if spent and not worker.retiring:
            self._retire(worker)
        elif worker.retiring and not worker.jobs:
            self._discard(worker)
        self._feed()
        _settle(job, outcome, value, self._memory_mib)

    def _retire(self, worker: Worker) -> None:
        """No more jobs; it finishes the one that it already holds, while its successor starts."""
        worker.retiring = True
        if not worker.jobs:
            self._discard(worker)
        self._recruit()

    def _overdue(self, worker: Worker) -> None:
        job = worker.jobs.popleft()
        self._discard(worker)
        _fail(job, Retry("extract_timeout", f"{job.name} passed its deadline of {job.deadline_s:g} s"))

    def _lost(self, worker: Worker) -> None:
        """The link ended although nobody asked: the worker died, and its oldest job is the suspect."""
        if worker not in self._workers:
            return
        suspect = worker.jobs.popleft() if worker.jobs else None
        self._discard(worker, suspect)

    def _discard(self, worker: Worker, suspect: Job | None = None) -> None:
        """Takes a worker out of service; what it had not begun goes back to the front of the queue."""
        self._workers.remove(worker)
        self.replaced += 1
        if worker.timer:
            worker.timer.cancel()
        self._waiting.extendleft(reversed(worker.jobs))
        worker.jobs.clear()
        worker.link.close()
        with contextlib.suppress(ProcessLookupError):
            worker.process.kill()
        task = asyncio.get_running_loop().create_task(self._bury(worker.process, suspect))
        self._burying.add(task)
        task.add_done_callback(self._burying.discard)
        self._recruit()

    async def _bury(self, process: ForkServerProcess, suspect: Job | None) -> None:
        await asyncio.to_thread(process.join, 5.0)
        code = process.exitcode
        if suspect:
            _fail(suspect, Retry("extract_crash", f"{suspect.name} ended its worker (exit code {code})"))
        if code is not None:
            process.close()

    async def _spawn(self) -> None:
        """Starting blocks while the fork server preloads, so it happens in a thread, one at a time."""
        async with self._spawn_turn:
            if self._closed:
                return
            ours, theirs = socket.socketpair()
            with theirs:
                process = self._context.Process(
                    target=worker_side.serve,
                    args=(theirs, self._lifeline_end, self._memory_mib),
                    daemon=True,
                    name="wirefold-worker",
                )
                try:
                    await asyncio.to_thread(process.start)
                except BaseException:
                    ours.close()
                    raise
        link = await Link.open(ours)
        worker = Worker(process, link)
        link.attach(lambda answer: self._answered(worker, answer), lambda: self._lost(worker))
        self._workers.append(worker)
        if self._closed:
            self._discard(worker)

    def _spawned(self, task: asyncio.Task[None]) -> None:
        self._spawning.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._feed()
            self._be_patient()
            return
        log.error("no worker could be started: %s", error)
        if not self._workers and not self._spawning:
            while self._waiting:
                _fail(self._waiting.popleft(), Retry("interrupted", f"no worker could be started: {error}"))
        else:
            asyncio.get_running_loop().call_later(_SPAWN_RETRY_S, self._recruit)


def _settle(job: Job, outcome: str, value: Any, memory_mib: int) -> None:
    if job.future.done():
        return
    if outcome == "ok":
        job.future.set_result(value)
    elif outcome == "raised":
        job.future.set_exception(value)
    else:
        job.future.set_exception(Retry("extract_crash", f"{job.name} needs more than {memory_mib} MiB"))


def _fail(job: Job, error: Exception) -> None:
    if not job.future.done():
        job.future.set_exception(error)


def usable_cores() -> int:
    """Cores that this process may use: its affinity where the system has one."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
