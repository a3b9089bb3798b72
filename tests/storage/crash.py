"""Kills a writer again and again and checks after each death what a consumer would find. Run by test_crash.py.

    python crash.py DATA MODE RUNS SEED

MODE ``clock`` kills from outside at a random moment; ``operation`` lets the writer die at a random file operation, in the
middle of a write too; ``point`` lets it die at each named point of the protocol in turn. Prints one JSON object.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import factory

from storage import Reader, Store, StoreOptions
from storage.disk import Disk
from storage.views import StoriesFile

OPTIONS = StoreOptions(segment_mib=0.004, plain_grace_hours=0, fsync="none")


class Killer(Disk):
    """Ends the process at operation number ``at``, or at the n-th passing of ``point``."""

    def __init__(self, rng, at=0, point=""):
        super().__init__(durable=False)
        self.rng, self.left, self.name = rng, at, point
        self.passed = set()

    def _operation(self):
        if not self.name:
            self.left -= 1
            if self.left == 0:
                die()

    def point(self, name):
        self.passed.add(name)
        if name == self.name:
            self.left -= 1
            if self.left <= 0:
                die()

    def write(self, fd, data):
        cut = self.rng.randrange(len(data) + 1) if data else 0
        os.write(fd, data[:cut])
        self._operation()
        super().write(fd, data[cut:])

    def sync(self, fd):
        self._operation()

    def replace(self, source, target):
        self._operation()
        super().replace(source, target)

    def unlink(self, path):
        self._operation()
        super().unlink(path)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def write(data, disk, rng, acknowledge):
    """The workload: batches of articles with their stories, revisions, frontier work, rotation, sealing, the view."""
    clock = factory.Clock()
    with Store.open(data, OPTIONS, clock=clock, disk=disk) as store:
        view = StoriesFile(store, disk=disk, monotonic=lambda: 0.0)
        for _round in range(60):
            number = store.articles.count()
            with store.transaction() as tx:
                for _ in range(rng.randrange(1, 5)):
                    number += 1
                    tx.articles.put(factory.article(number, text="word " * rng.randrange(200)), [f"k{number}"])
                    tx.stories.put(factory.story(number))
                    tx.frontier.announce([factory.entry(number)], clock())
            acknowledge(number)
            if rng.random() < 0.3:
                store.maintain(rotate=rng.random() < 0.3)
            if rng.random() < 0.3:
                view.refresh(force=True)


def crash(data, mode, rng, point):
    """Runs the workload in a child that dies; returns the last acknowledged article and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        disk = Killer(rng, at=rng.randrange(1, 400) if mode == "operation" else rng.randrange(1, 6), point=point)
        if mode == "clock":
            disk.name = "never"
        write(data, disk, rng, lambda number: os.write(writing, b"%d\n" % number))
        os._exit(0)
    os.close(writing)
    if mode == "clock":
        time.sleep(rng.random() * 0.15)
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    with os.fdopen(reading) as acknowledgements:
        numbers = acknowledgements.read().split()
    return int(numbers[-1]) if numbers else 0, os.WIFSIGNALED(status)


def check(data, acknowledged):
    """What must hold after any death."""
    view = data / "stories.jsonl"
    if view.exists():
        for raw in view.read_bytes().splitlines():
            json.loads(raw)
    with Store.open(data, OPTIONS, clock=factory.Clock()) as store:
        lines = list(Reader(data).read())
        assert [line.seq for line in lines] == list(range(1, store.last_seq + 1)), "seq is contiguous"
        articles = [line.json()["id"] for line in lines if line.type == "article"]
        assert articles == [f"art-{n}" for n in range(1, len(articles) + 1)], "nothing lost, nothing doubled"
        assert len(articles) == store.articles.count() == store.stories.count(), "streams and state agree"
        assert len(articles) >= acknowledged, "what was acknowledged is there"
        assert len(store.frontier.known([f"https://a.example/{n}" for n in range(1, len(articles) + 1)])) == len(
            articles
        )
    return len(articles)


POINTS = (
    "before commit", "after commit", "before fsync", "rotation", "before meta", "sealing, before fsync",
    "before seal rename", "sealed, plain still there", "before view replacement", "after view replacement",
)  # fmt: skip


def main(data, mode, runs, seed):
    killed = articles = 0
    for run in range(runs):
        rng = random.Random(f"{seed}-{run}")
        if articles > 300:
            shutil.rmtree(data)
            articles = 0
        acknowledged, died = crash(data, mode, rng, POINTS[run % len(POINTS)] if mode == "point" else "")
        killed += died
        try:
            articles = check(data, acknowledged)
        except BaseException as problem:
            raise SystemExit(f"run {run} (seed {seed}-{run}): {type(problem).__name__}: {problem}") from problem
    sys.stdout.write(json.dumps({"runs": runs, "killed": killed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
