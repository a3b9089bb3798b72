"""Kills a writer again and again and checks after each death what a consumer would find. Run by test_crash.py.

    python crash.py DATA MODE RUNS SEED

MODE ``clock`` kills from outside at a random moment; ``operation`` lets the writer die at a random file operation, in the
middle of a write too; ``point`` lets it die at each named point of the protocol in turn; ``rewrite`` does the last two while
segments are sealed, compacted, redacted and retired; ``rebuild`` while the state is made anew. Prints one JSON object.
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
from storage.rebuild import rebuild
from storage.redact import redact
from storage.retention import compact, retain
from storage.verify import verify
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
        self.point("mid-write")
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


def shrink(data, disk, rng, acknowledge):
    """The other workload: everything is sealed and compacted, one article is taken back, old segments go."""
    clock = factory.Clock()
    with Store.open(data, OPTIONS, clock=clock, disk=disk) as store:
        store.maintain(rotate=True, seal_all=True)
        compact(store)
        redact(store, "art-2")
        if rng.random() < 0.5:
            retain(store, clock(), max_mib=0.004)


def _moment(rng, point, workload):
    """Early enough to be reached in most runs, late enough to be reached anywhere."""
    if workload is not write:
        return rng.randrange(1, 4 if point else 80) if workload is shrink else rng.randrange(1, 2 if point else 8)
    return rng.randrange(1, 6 if point else 150)


def crash(data, mode, rng, point, workload=write):
    """Runs the workload in a child that dies; returns the last acknowledged article and whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        disk = Killer(rng, at=_moment(rng, point, workload), point=point)
        if mode == "clock":
            disk.name = "never"
        workload(data, disk, rng, lambda number: os.write(writing, b"%d\n" % number))
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
    "before commit", "after commit", "mid-write", "before fsync", "rotation", "before meta", "sealing, before fsync",
    "before seal rename", "sealed, plain still there", "before view replacement", "after view replacement",
)  # fmt: skip
REWRITE_POINTS = (
    "", "", "", "mid-write", "rewriting, description written", "before seal rename", "rewritten, old still there",
    "retired, still there",
)  # fmt: skip

REBUILD_POINTS = ("", "rebuilt, not installed", "installing, old log gone", "installed")


def fill(data):
    """Revisions and a merge over several segments, the newest state of which must survive any shrinking."""
    with Store.open(data, OPTIONS, clock=factory.Clock()) as store:
        for revision in (1, 2, 3):
            with store.transaction() as tx:
                for number in range(1, 6):
                    tx.articles.put(factory.article(number, revision=revision, text=f"secret {revision} {number}"), [])
                    tx.stories.put(factory.story(number))
            store.maintain(rotate=True)
        with store.transaction() as tx:
            tx.stories.put(factory.story(1, members=("art-1", "art-5"), merged_from=("story-5",)))


def shrunk(data):
    """What must hold after any death while shrinking, and once more after the shrinking was repeated to its end."""
    with Store.open(data, OPTIONS, clock=factory.Clock()):
        pass
    report = verify(data)
    assert report.ok, report
    retired = any((data / stream / "retired.json").exists() for stream in ("articles", "stories"))
    articles = {line.json()["id"]: line.record() for line in Reader(data).read() if line.type == "article"}
    stories = {line.json()["story_id"]: line.record() for line in Reader(data).read() if line.type == "story"}
    if not retired:
        assert {key: a.revision for key, a in articles.items() if key != "art-2"} == dict.fromkeys(
            ("art-1", "art-3", "art-4", "art-5"), 3
        ), "the last revisions are there"
        assert stories["story-1"].merged_from == ("story-5",), "old story ids stay resolvable"
    return articles.get("art-2")


def rewrite_run(data, rng, point):
    shutil.rmtree(data, ignore_errors=True)
    fill(data)
    _acknowledged, died = crash(data, "rewrite", rng, point, shrink)
    shrunk(data)
    shrink(data, Disk(durable=False), random.Random(0), None)
    gone = shrunk(data)
    assert gone is None or gone.content_text == "", "what was taken back is gone"
    return died


class NoDerivation:
    def keys(self, article):
        return [article.url]

    def fingerprints(self, placements):
        return []

    def links(self, members):
        return []


def rebuild_run(data, rng, point):
    """A rebuild that dies, over a state that is whole, old or gone: repeated, it ends well; before, nothing is lost."""
    shutil.rmtree(data, ignore_errors=True)
    fill(data)
    if rng.random() < 0.5:
        (data / "state" / "state.db").unlink()
    before = [line.raw for line in Reader(data).read()]

    def dying(data, disk, rng, acknowledge):
        rebuild(data, NoDerivation(), OPTIONS, clock=factory.Clock(), disk=disk)

    _acknowledged, died = crash(data, "rebuild", rng, point, dying)
    rebuild(data, NoDerivation(), OPTIONS, clock=factory.Clock())
    assert [line.raw for line in Reader(data).read()] == before, "a rebuild changes no line"
    shrunk(data)
    return died


def main(data, mode, runs, seed):
    killed = articles = 0
    points = {"rewrite": REWRITE_POINTS, "rebuild": REBUILD_POINTS}.get(mode, POINTS)
    for run in range(runs):
        rng = random.Random(f"{seed}-{run}")
        point = "" if mode in {"clock", "operation"} else points[run % len(points)]
        try:
            if mode in {"rewrite", "rebuild"}:
                killed += (rewrite_run if mode == "rewrite" else rebuild_run)(data, rng, point)
                continue
            if articles > 150:
                shutil.rmtree(data)
                articles = 0
            acknowledged, died = crash(data, mode, rng, point)
            killed += died
            articles = check(data, acknowledged)
        except BaseException as problem:
            raise SystemExit(f"run {run} (seed {seed}-{run}): {type(problem).__name__}: {problem}") from problem
    sys.stdout.write(json.dumps({"runs": runs, "killed": killed}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4])
