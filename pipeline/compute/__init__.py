"""Worker processes for what may be slow, greedy or fatal: a page costs at most itself.

    loop ── run(function, *args) ──▶ queue (first come, first served) ──▶ worker 1 … N   (one at work, one waiting)
         ◀── result, or the exception raised inside, or Retry("extract_timeout" / "extract_crash") ──

``ProcessPoolExecutor`` is not used: one dead worker breaks all of it, and ``max_tasks_per_child`` deadlocks
(cpython gh-115634, seen on 3.11.7, 3.12.1 and 3.13.0).
"""

from pipeline.compute.pool import WorkerPool

__all__ = ["WorkerPool"]
