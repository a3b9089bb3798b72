"""Transactions: what commits together, what rolls back, who may write."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from storage import Reader, Store, StoreInUse, StoreMissing
from storage.errors import StoreDamaged
from storage.records import Feed


def lines(store):
    return [(line.seq, line.type) for line in Reader(store.layout.data).read()]


def test_one_count_over_both_streams(store, make):
    """seq counts articles and stories together, without a gap, from 1."""
    make.publish(store, 1, 2)
    make.publish(store, 3, 3)
    assert lines(store) == [(1, "article"), (2, "story"), (3, "article"), (4, "story"), (5, "article"), (6, "story")]
    assert store.last_seq == 6


def test_an_exception_rolls_everything_back(store, make):
    """Neither state nor line nor seq of a failed transaction remains."""
    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle(store, make)
    assert store.articles.get("art-1") is None
    assert store.feeds.all() == []
    make.publish(store, 2, 2)
    assert lines(store) == [(1, "article"), (2, "story")]


def fail_in_the_middle(store, make):
    with store.transaction() as tx:
        tx.articles.put(make.article(1), ["k"])
        tx.feeds.put(Feed(url="https://a.example/feed"))
        raise ZeroDivisionError


def test_a_transaction_sees_its_own_writes_and_readers_do_not(store, make):
    """Until the commit, only ``tx`` knows; afterwards every thread does."""
    with store.transaction() as tx:
        tx.articles.put(make.article(1), ["k"])
        assert tx.articles.resolve(["k"]) == {"k": "art-1"}
        assert store.articles.resolve(["k"]) == {}
    seen = []
    thread = threading.Thread(target=lambda: seen.append(store.articles.resolve(["k"])))
    thread.start()
    thread.join()
    assert seen == [{"k": "art-1"}]


def in_a_thread(ask):
    """What ``ask`` gives in a thread of its own, which is gone when this returns."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    thread.join()
    return answers.pop()


def open_descriptors():
    """How many files this process holds open; 0 where the system does not tell."""
    return len(list(Path("/proc/self/fd").glob("*")))


def test_threads_that_have_ended_hold_no_connection(store, make):
    """There are as many connections, and open files of the state, as threads at one time."""
    make.publish(store, 1, 1)
    open_files = open_descriptors()
    for _ in range(30):
        assert in_a_thread(store.stories.count) == 1
    assert len(store._readers) <= 2
    assert open_descriptors() <= open_files + 6
    together = threading.Barrier(3)
    threads = [threading.Thread(target=lambda: (store.stories.count(), together.wait())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store._readers) == 3


def test_what_a_thread_began_to_read_outlives_it(store, make):
    """A cursor that is handed on keeps its connection; closing the store ends it."""
    make.publish(store, 1, 3)
    handed_on = in_a_thread(store.stories.latest)
    assert [story.story_id for story in handed_on] == ["story-3", "story-2", "story-1"]
    unread = in_a_thread(store.stories.latest)
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        next(unread)


def test_transactions_do_not_nest(store):
    """A second transaction of the same thread is a mistake, not a deadlock."""
    with store.transaction(), pytest.raises(RuntimeError, match="nest"), store.transaction():
        pass


def test_a_second_writer_is_refused_with_the_holders_pid(store, clock, tmp_path):
    """Another process gets StoreInUse and learns who writes."""
    script = (
        "import sys, datetime; from storage import Store, StoreInUse\n"
        "try: Store.open(sys.argv[1], clock=lambda: datetime.datetime.now(datetime.UTC))\n"
        "except StoreInUse as e: print(e.pid)"
    )
    out = subprocess.run(
        [sys.executable, "-c", script, str(store.layout.data)], capture_output=True, text=True, check=True
    )
    assert int(out.stdout) == os.getpid()
    with pytest.raises(StoreInUse):
        Store.open(store.layout.data, clock=clock)


def test_the_lock_goes_with_the_store(store, clock, make):
    """After close the next writer opens, and reading needs no lock."""
    make.publish(store, 1, 1)
    with Store.open(store.layout.data, clock=clock, write=False) as reader:
        assert reader.articles.get("art-1") == make.article(1)
        with pytest.raises(RuntimeError, match="reading"), reader.transaction():
            pass
    store.close()
    with Store.open(store.layout.data, clock=clock) as again:
        assert again.last_seq == 2


def test_reading_where_there_is_no_store(tmp_path, clock):
    """Nothing is created by looking."""
    with pytest.raises(StoreMissing):
        Store.open(tmp_path / "nothing", clock=clock, write=False)
    assert not (tmp_path / "nothing").exists()


def test_a_state_of_a_newer_program_is_refused(store, clock):
    """An older program must not write into what it does not know."""
    store._writer.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(StoreDamaged, match="version 99"):
        Store.open(store.layout.data, clock=clock)


def test_a_state_that_is_no_database_is_named(store, clock):
    """Garbage in place of the state: refused, with the remedy."""
    store.close()
    for suffix in ("-wal", "-shm"):
        store.layout.database.with_name("state.db" + suffix).unlink(missing_ok=True)
    store.layout.database.write_bytes(b"garbage " * 1000)
    with pytest.raises(StoreDamaged, match="rebuild"):
        Store.open(store.layout.data, clock=clock)
    assert store.layout.database.read_bytes() == b"garbage " * 1000


def test_storage_needs_neither_web_nor_science():
    """A consumer's import pulls in none of the pipeline's heavy packages."""
    heavy = {"httpx", "trafilatura", "scipy", "numpy", "datasketch", "feedparser", "pyarrow", "lxml", "pipeline"}
    script = "import sys, storage, storage.verify, storage.rebuild, storage.views, storage.consume, storage.export;print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not heavy & {name.partition(".")[0] for name in out.stdout.split()}
