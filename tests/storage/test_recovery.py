"""What a start makes of what the last end left behind."""

import shutil

import pytest

from storage import Reader, Store, StoreDamaged, StoreFailed
from storage.disk import Disk


def numbers(data):
    return [line.seq for line in Reader(data).read()]


def active(data, stream):
    return max((data / stream).glob("*.jsonl"))


class Stops(Disk):
    """A disk on which a chosen operation fails from some moment on."""

    def __init__(self, fail):
        super().__init__(durable=True)
        self.fail, self.armed = fail, False

    def write(self, fd, data):
        if self.armed and self.fail == "write":
            super().write(fd, data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        super().write(fd, data)

    def sync(self, fd):
        if self.armed and self.fail == "sync":
            raise OSError(5, "Input/output error")
        super().sync(fd)


@pytest.mark.parametrize("fail", ["write", "sync"])
def test_a_failing_disk_is_fatal_and_loses_nothing(tmp_path, clock, options, make, fail):
    """A full disk or a failed fsync ends writing at once; the next start publishes what was committed, once."""
    disk = Stops(fail)
    with Store.open(tmp_path, options, clock=clock, disk=disk) as store:
        make.publish(store, 1, 2)
        disk.armed = True
        with pytest.raises(StoreFailed, match="restart"):
            publish_and_settle(store, make)
        disk.armed = False
        with pytest.raises(StoreFailed, match="restart"):
            make.publish(store, 5, 5)
        with pytest.raises(StoreFailed, match="restart"):
            store.maintain()
    with Store.open(tmp_path, options, clock=clock) as store:
        assert store.articles.count() == 4
        assert numbers(tmp_path) == list(range(1, 9))
        make.publish(store, 5, 5)
        assert numbers(tmp_path) == list(range(1, 11))


def test_a_failed_fsync_of_a_rotation_is_remembered(tmp_path, clock, options, make):
    """An fsync that fails once may have lost pages for good: the next, which succeeds, must not be believed."""
    disk = Stops("sync")
    with Store.open(tmp_path, options, clock=clock, disk=disk) as store:
        make.publish(store, 1, 2)
        disk.armed = True
        with pytest.raises(StoreFailed, match="restart"):
            store.maintain(rotate=True)
        disk.armed = False
        with pytest.raises(StoreFailed, match="restart"):
            make.publish(store, 3, 3)
        with pytest.raises(StoreFailed, match="restart"):
            store.maintain(rotate=True)
        assert store._writer.execute("SELECT count(*) FROM outbox").fetchone() == (4,)
    with Store.open(tmp_path, options, clock=clock):
        assert numbers(tmp_path) == [1, 2, 3, 4]


def publish_and_settle(store, make):
    make.publish(store, 3, 4)
    store.maintain()


def test_a_full_disk_under_the_state_rolls_back(tmp_path, clock, options, make):
    """Where SQLite finds no room, nothing of the transaction happened, and it may be tried again."""
    with Store.open(tmp_path, options, clock=clock) as store:
        make.publish(store, 1, 1)
        (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
        store._writer.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreFailed, match="full"):
            make.publish(store, 2, 500)
        store._writer.execute("PRAGMA max_page_count = 1000000")
        make.publish(store, 2, 2)
    assert numbers(tmp_path) == [1, 2, 3, 4]


@pytest.mark.parametrize("tail", [b'{"seq":9,"type":"art', b"\0" * 4096, b"\xff\xfe garbage without end", b'{"seq":'])
def test_a_torn_tail_is_cut(store, clock, options, make, tail):
    """Bytes behind the last line that was promised are removed, whatever they are."""
    make.publish(store, 1, 2)
    store.close()
    data = store.layout.data
    before = active(data, "articles").read_bytes()
    with active(data, "articles").open("ab") as file:
        file.write(tail)
    with Store.open(data, options, clock=clock) as again:
        assert active(data, "articles").read_bytes() == before
        make.publish(again, 3, 3)
    assert numbers(data) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_lines_that_never_reached_the_stream_come_from_the_outbox(store, clock, options, make, keep):
    """However much of the last append is missing, the same bytes are put in the same place."""
    make.publish(store, 1, 1)
    path = active(store.layout.data, "articles")
    settled = path.stat().st_size
    make.publish(store, 2, 3)
    whole = path.read_bytes()
    make.die(store)
    path.write_bytes(whole[: settled + keep] if keep >= 0 else whole[:keep])
    Store.open(store.layout.data, options, clock=clock).close()
    assert path.read_bytes() == whole


def test_a_state_from_an_older_backup_is_refused(store, clock, options, make, tmp_path):
    """Going on would give the same seqs to other lines: refused, nothing changed, and the remedy is named."""
    make.publish(store, 1, 1)
    store.close()
    shutil.copytree(store.layout.state, tmp_path / "backup")
    with Store.open(store.layout.data, options, clock=clock) as later:
        make.publish(later, 2, 3)
    shutil.rmtree(store.layout.state)
    shutil.copytree(tmp_path / "backup", store.layout.state)
    before = active(store.layout.data, "articles").read_bytes()
    with pytest.raises(StoreDamaged, match="store rebuild"):
        Store.open(store.layout.data, options, clock=clock)
    assert active(store.layout.data, "articles").read_bytes() == before


def test_streams_without_a_state_are_refused(store, clock, options, make):
    """A lost state folder is not an empty store."""
    make.publish(store, 1, 1)
    store.close()
    shutil.rmtree(store.layout.state)
    with pytest.raises(StoreDamaged, match="store rebuild"):
        Store.open(store.layout.data, options, clock=clock)


def test_a_stream_that_lost_lines_is_refused(store, clock, options, make):
    """A stream shorter than what the state knows to be durable is damage, not a torn tail."""
    make.publish(store, 1, 2)
    make.publish(store, 3, 3)
    store.close()
    path = active(store.layout.data, "stories")
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    with pytest.raises(StoreDamaged, match="lost lines"):
        Store.open(store.layout.data, options, clock=clock)
    path.unlink()
    with pytest.raises(StoreDamaged, match="missing"):
        Store.open(store.layout.data, options, clock=clock)


def test_a_promised_line_outlives_its_row(store, clock, options, make):
    """The outbox's bytes are those of the row; a revision, a join or a merge that replaces the row loses none of them."""
    make.publish(store, 1, 2)
    with store.transaction() as tx:
        tx.articles.put(make.article(1, revision=2, text="revised"), [])
        tx.stories.put(make.story(1, members=("art-1", "art-2"), merged_from=("story-2",), change="merged"))
    with store.transaction() as tx:
        tx.articles.put(make.article(1, revision=3, text="revised again"), [])
        tx.stories.put(make.story(1, members=("art-1",), change="split"))
    data = store.layout.data
    make.die(store)
    paths = [active(data, stream) for stream in ("articles", "stories")]
    whole = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    Store.open(data, options, clock=clock).close()
    assert [path.read_bytes() for path in paths] == whole


def test_what_was_found_after_a_crash_is_written_again(store, clock, options, make):
    """The cache may hold what a failed fsync did not bring to the disk: a start does not trust it, and a reader sees nothing."""
    make.publish(store, 1, 2)
    make.die(store)
    path = active(store.layout.data, "articles")
    whole = path.read_bytes()

    class Watch(Disk):
        again = ()

        def write_again(self, path, start, end):
            self.again += ((path, start, end),)
            super().write_again(path, start, end)

    disk = Watch()
    with Store.open(store.layout.data, options, clock=clock, disk=disk):
        assert (path, 0, len(whole)) in disk.again
    assert path.read_bytes() == whole


def test_a_changed_line_is_refused(store, clock, options, make):
    """A line that is not the one that was committed is damage."""
    make.publish(store, 1, 1)
    make.die(store)
    path = active(store.layout.data, "articles")
    path.write_bytes(path.read_bytes().replace(b"bridge", b"brigde"))
    with pytest.raises(StoreDamaged, match="not the one"):
        Store.open(store.layout.data, options, clock=clock)
