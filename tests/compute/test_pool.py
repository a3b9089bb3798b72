"""The worker pool: one job can cost one worker, never another job, never the loop."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from pipeline.compute import WorkerPool
from pipeline.errors import Drop, Retry
from tests.compute import jobs


@pytest.fixture(autouse=True)
def _jobs_can_be_imported(monkeypatch: pytest.MonkeyPatch, repository: Path) -> None:
    """Workers get this process's path; whoever started the fork server may not have preloaded the jobs."""
    monkeypatch.syspath_prepend(repository)


def with_pool(body: Callable[[WorkerPool], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def main() -> None:
        async with WorkerPool(
            **{"workers": 2, "deadline_s": 20.0, "preload": ["tests.compute.jobs"], **options}
        ) as pool:
            await body(pool)

    asyncio.run(main())


def test_results_come_back_to_their_callers() -> None:
    async def body(pool: WorkerPool) -> None:
        assert await asyncio.gather(*(pool.run(jobs.double, n) for n in range(200))) == [n * 2 for n in range(200)]

    with_pool(body)


def test_quick_work_is_done_by_one_worker_and_long_work_by_all() -> None:
    """A daemon that parses a feed now and then holds one process; a backlog brings the others."""

    async def main() -> None:
        pool = WorkerPool(3, 20.0, preload=["tests.compute.jobs"])
        try:
            assert [await pool.run(jobs.double, n) for n in range(30)] == [2 * n for n in range(30)]
            assert len(pool.pids) == 1
            await asyncio.gather(*(pool.run(jobs.nap, 0.1) for _ in range(24)))
            assert len(pool.pids) == 3
        finally:
            await pool.aclose()

    asyncio.run(main())


def test_frames_larger_than_any_socket_buffer_travel_whole() -> None:
    async def body(pool: WorkerPool) -> None:
        sizes = [0, 1, 300_000, 12_000_000]
        assert await asyncio.gather(*(pool.run(jobs.length, bytes(size)) for size in sizes)) == sizes

    with_pool(body)


def test_a_fate_raised_inside_arrives_as_itself() -> None:
    async def body(pool: WorkerPool) -> None:
        with pytest.raises(Drop) as dropped:
            await pool.run(jobs.drop)
        assert (dropped.value.slug, dropped.value.detail) == ("no_article", "nothing to read")
        with pytest.raises(Retry) as retried:
            await pool.run(jobs.retry)
        assert retried.value.retry_after_s == 7.0
        assert pool.replaced == 0

    with_pool(body)


@pytest.mark.parametrize("job", [jobs.untravelled, jobs.unpicklable])
def test_what_cannot_travel_is_told_and_costs_no_worker(job: Callable[[], object]) -> None:
    async def body(pool: WorkerPool) -> None:
        with pytest.raises(Exception, match=r"(?i)untravelled|pickle"):
            await pool.run(job)
        assert pool.replaced == 0
        assert await pool.run(jobs.double, 4) == 8

    with_pool(body)


def test_an_argument_that_cannot_be_pickled_fails_its_caller_alone() -> None:
    async def body(pool: WorkerPool) -> None:
        with pytest.raises(Exception, match=r"(?i)pickle|local object"):
            await pool.run(jobs.double, lambda: None)
        assert await pool.run(jobs.double, 4) == 8

    with_pool(body)


def test_a_job_that_hangs_is_killed_at_its_deadline_and_costs_only_itself() -> None:
    async def body(pool: WorkerPool) -> None:
        hung = asyncio.create_task(pool.run(jobs.forever, deadline_s=0.3))
        others = [asyncio.create_task(pool.run(jobs.double, n)) for n in range(50)]
        with pytest.raises(Retry) as fate:
            await hung
        assert fate.value.slug == "extract_timeout"
        assert await asyncio.gather(*others) == [n * 2 for n in range(50)]
        assert pool.replaced == 1

    with_pool(body)


def test_a_job_queued_behind_a_hanging_one_is_run_by_another_worker() -> None:
    async def body(pool: WorkerPool) -> None:
        hung = asyncio.create_task(pool.run(jobs.forever, deadline_s=0.5))
        await asyncio.sleep(0)
        behind = asyncio.create_task(pool.run(jobs.double, 21, deadline_s=20.0))
        with pytest.raises(Retry):
            await hung
        assert await behind == 42

    with_pool(body, workers=1)


@pytest.mark.parametrize("job", [jobs.abort, jobs.leave])
def test_a_job_that_kills_its_worker_is_named_with_the_exit_code(job: Callable[[], None]) -> None:
    async def body(pool: WorkerPool) -> None:
        with pytest.raises(Retry) as fate:
            await pool.run(job)
        assert fate.value.slug == "extract_crash"
        assert "exit code" in fate.value.detail
        assert await pool.run(jobs.double, 3) == 6

    with_pool(body)


def test_a_worker_killed_from_outside_costs_at_most_the_job_it_held() -> None:
    async def body(pool: WorkerPool) -> None:
        assert await pool.run(jobs.double, 1) == 2
        napping = asyncio.create_task(pool.run(jobs.nap, 30.0))
        await asyncio.sleep(0.1)
        os.kill(pool.pids[0], signal.SIGKILL)
        with pytest.raises(Retry) as fate:
            await napping
        assert fate.value.slug == "extract_crash"
        assert await pool.run(jobs.double, 5) == 10

    with_pool(body, workers=1)


def test_memory_beyond_the_limit_ends_the_job_not_the_pool() -> None:
    async def body(pool: WorkerPool) -> None:
        with pytest.raises(Retry) as fate:
            await pool.run(jobs.eat, 2000)
        assert fate.value.slug == "extract_crash"
        assert "512 MiB" in fate.value.detail
        assert await pool.run(jobs.eat, 10) == 10 * 1024 * 1024

    with_pool(body, memory_mib=512)


def test_workers_are_recycled_after_their_number_of_jobs() -> None:
    async def body(pool: WorkerPool) -> None:
        pids = await asyncio.gather(*(pool.run(jobs.pid_of, n) for n in range(60)))
        assert len(pids) == 60
        assert max(pids.count(pid) for pid in set(pids)) <= 11  # ten, and the one already in its socket
        assert len(set(pids)) >= 5

    with_pool(body, recycle_after=10)


def test_a_worker_that_grew_is_replaced() -> None:
    async def body(pool: WorkerPool) -> None:
        grown = await pool.run(jobs.keep, 150)
        assert await pool.run(jobs.pid_of) != grown

    with_pool(body, workers=1, recycle_rss_mib=120.0)


def test_a_cancelled_caller_costs_nothing() -> None:
    async def body(pool: WorkerPool) -> None:
        await pool.run(jobs.double, 1)
        task = asyncio.create_task(pool.run(jobs.nap, 0.05))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.run(jobs.double, 2) == 4
        assert pool.replaced == 0

    with_pool(body, workers=1)


def test_closing_ends_what_is_waiting_and_at_work_as_interrupted_and_leaves_no_process() -> None:
    async def main() -> tuple[list[Any], tuple[int, ...]]:
        pool = WorkerPool(2, 20.0, preload=["tests.compute.jobs"])
        await pool.run(jobs.double, 1)
        tasks = [asyncio.create_task(pool.run(jobs.nap, 30.0)) for _ in range(6)]
        await asyncio.sleep(0.05)
        pids = pool.pids
        await pool.aclose()
        await pool.aclose()
        return await asyncio.gather(*tasks, return_exceptions=True), pids

    fates, pids = asyncio.run(main())
    assert [getattr(fate, "slug", None) for fate in fates] == ["interrupted"] * 6
    assert pids
    assert not any(alive(pid) for pid in pids)


def test_a_closed_pool_refuses() -> None:
    async def main() -> None:
        pool = WorkerPool(1, 5.0)
        await pool.aclose()
        with pytest.raises(Retry):
            await pool.run(jobs.double, 1)

    asyncio.run(main())


def test_workers_leave_ctrl_c_and_term_to_the_parent() -> None:
    async def body(pool: WorkerPool) -> None:
        assert await pool.run(jobs.signals_ignored)

    with_pool(body)


def test_the_loop_stays_free_while_workers_are_at_work() -> None:
    async def body(pool: WorkerPool) -> None:
        await pool.run(jobs.double, 1)
        busy = [asyncio.create_task(pool.run(jobs.nap, 0.2)) for _ in range(4)]
        ticks = 0
        while not all(task.done() for task in busy):
            await asyncio.sleep(0)
            ticks += 1
        assert ticks > 100

    with_pool(body)


PARENT = """
import asyncio, sys
from pipeline.compute import WorkerPool
from tests.compute import jobs

async def main():
    pool = WorkerPool(1, 600.0, preload=["tests.compute.jobs"])
    await pool.run(jobs.touch_and_hang, sys.argv[1])

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    """Not even in an endless loop, where nobody reads the pipe."""
    script, mark = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(PARENT)
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, script, mark], env={**os.environ, "PYTHONPATH": str(root)})
    wait_for(lambda: mark.exists() and mark.read_text() != "")
    worker = int(mark.read_text())
    assert alive(worker)
    parent.kill()
    parent.wait()
    wait_for(lambda: not alive(worker))


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(condition: Callable[[], bool], limit_s: float = 30.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
