"""Consumers: order, whole lines, cursors, and files that move under a reader."""

import io
import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Cursor, Reader, Store, StoreDamaged, StoreError, StoreOptions, tail


def seqs(reader):
    return [line.seq for line in reader.read()]


def test_a_reader_keeps_its_place(store, make):
    """Reading again goes on behind the last line; ``after`` starts in the middle."""
    reader = Reader(store.layout.data)
    assert seqs(reader) == []
    make.publish(store, 1, 2)
    assert seqs(reader) == [1, 2, 3, 4]
    make.publish(store, 3, 3)
    assert seqs(reader) == [5, 6]
    assert reader.position == 6
    assert seqs(Reader(store.layout.data, after=4)) == [5, 6]
    assert seqs(Reader(store.layout.data, types=["story"])) == [2, 4, 6]
    assert next(Reader(store.layout.data).read()).record() == make.article(1)


def test_rotation_and_sealing_change_nothing_for_a_reader(store, make):
    """A reader in the middle goes on through segments that were closed, sealed and unlinked meanwhile."""
    reader = Reader(store.layout.data)
    make.publish(store, 1, 2)
    assert reader.next().seq == 1
    assert len(store.maintain(rotate=True)) == 2
    make.publish(store, 3, 4)
    store.maintain(rotate=True)
    make.publish(store, 5, 5)
    assert seqs(reader) == list(range(2, 11))
    for after in range(10):
        assert seqs(Reader(store.layout.data, after=after)) == list(range(after + 1, 11))


def test_a_line_on_its_way_holds_back_what_follows(store, make):
    """While the stories' file lacks line 2, line 3 of the articles' file is not given out."""
    make.publish(store, 1, 2)
    path = next((store.layout.data / "stories").glob("*.jsonl"))
    whole = path.read_bytes()
    path.write_bytes(b"")
    reader = Reader(store.layout.data)
    assert seqs(reader) == [1]
    path.write_bytes(whole[:50])
    assert seqs(reader) == []
    path.write_bytes(whole)
    assert seqs(reader) == [2, 3, 4]


def test_a_torn_line_is_not_seen(store, make):
    """Only what ends in a newline is a line."""
    make.publish(store, 1, 1)
    with next((store.layout.data / "articles").glob("*.jsonl")).open("ab") as file:
        file.write(b'{"seq":3,"type":"article"')
        file.flush()
        assert seqs(Reader(store.layout.data)) == [1, 2]


class Breaks(io.BytesIO):
    """An output that fails at the n-th write."""

    def __init__(self, good):
        super().__init__()
        self.good = good

    def write(self, data):
        if self.good == 0:
            raise BrokenPipeError
        self.good -= 1
        return super().write(data)


def test_a_cursor_moves_only_past_what_was_written(store, make, tmp_path):
    """After a broken pipe the next consumer of the same name gets the lines again: at least once."""
    make.publish(store, 1, 1)
    out = Breaks(1)
    assert tail(store.layout.data, out, cursor="mine") == 2
    make.publish(store, 2, 2)
    with pytest.raises(BrokenPipeError):
        tail(store.layout.data, out, cursor="mine")
    again = io.BytesIO()
    assert tail(store.layout.data, again, cursor="mine") == 2
    assert [json.loads(raw)["seq"] for raw in again.getvalue().splitlines()] == [3, 4]
    assert tail(store.layout.data, again, cursor="mine") == 0
    assert tail(store.layout.data, io.BytesIO(), cursor="other", types=["article"]) == 2


def test_a_cursor_beyond_the_streams_is_refused(store, make):
    """Somebody replaced the streams: silence would hide it."""
    make.publish(store, 1, 1)
    Cursor(store.layout.data, "mine").move(99)
    with pytest.raises(StoreError, match="99"):
        tail(store.layout.data, io.BytesIO(), cursor="mine")


def test_a_cursor_may_stand_on_what_a_start_will_append_again(store, make):
    """After a power loss the streams may end before what was promised and read: no reason to refuse."""
    make.publish(store, 1, 2)
    tail(store.layout.data, io.BytesIO(), cursor="mine")
    make.die(store)
    for stream in ("articles", "stories"):
        next(store.layout.directory(stream).glob("*.jsonl")).write_bytes(b"")
    out = io.BytesIO()
    assert tail(store.layout.data, out, cursor="mine") == 0
    with Store.open(store.layout.data, clock=make.Clock()) as again:
        make.publish(again, 3, 3)
        assert tail(store.layout.data, out, cursor="mine") == 2


def test_a_sealed_segment_that_was_cut_does_not_pass_for_a_gap(store, make):
    """A reader says that lines are missing instead of going on with the next segment."""
    make.publish(store, 1, 2)
    store.maintain(rotate=True)
    make.publish(store, 3, 3)
    path = next(store.layout.directory("articles").glob("*.zst"))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(StoreDamaged, match="ends before its last line, 3"):
        list(Reader(store.layout.data).read())


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b"])
def test_cursor_names_stay_in_their_folder(tmp_path, name):
    """A name is not a path."""
    with pytest.raises(StoreError):
        Cursor(tmp_path, name)


def test_follow_waits_for_new_lines(store, make):
    """follow gives what comes while it waits, and ends when ``wait`` says so."""
    numbers = iter([1, 2, 3])

    def wait():
        number = next(numbers, None)
        if number:
            make.publish(store, number, number)
        return number is not None

    assert [line.seq for line in Reader(store.layout.data).follow(wait)] == [1, 2, 3, 4, 5, 6]


BATCHES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["article", "story"]), max_size=4), st.sampled_from(["", "rotate", "seal", "reopen"])
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(batches=BATCHES, looks=st.integers(1, 4))
def test_every_reader_sees_every_line_once_and_in_order(tmp_path_factory, make, batches, looks):
    """Whatever is written in whatever batches, rotated, sealed or reopened between: 1, 2, 3, … for every reader."""
    data, clock = tmp_path_factory.mktemp("order"), make.Clock()
    options = StoreOptions(fsync="none", plain_grace_hours=0)
    store = Store.open(data, options, clock=clock)
    readers = [Reader(data) for _ in range(looks)]
    seen = [[] for _ in readers]
    number = 0
    try:
        for at, (kinds, then) in enumerate(batches):
            with store.transaction() as tx:
                for kind in kinds:
                    number += 1
                    if kind == "article":
                        tx.articles.put(make.article(number), [])
                    else:
                        tx.stories.put(make.story(number))
            if then in {"rotate", "seal"}:
                store.maintain(rotate=True)
            if then == "reopen":
                store.close()
                store = Store.open(data, options, clock=clock)
            seen[at % looks] += [line.seq for line in readers[at % looks].read()]
    finally:
        store.close()
    for reader, got in zip(readers, seen, strict=True):
        assert got + [line.seq for line in reader.read()] == list(range(1, number + 1))


def test_two_consumers_and_a_writer_agree_on_every_line(store, make):
    """Readers in other threads, with rotation and sealing going on, get the same bytes in the same order."""
    finished = threading.Event()
    outputs = [io.BytesIO(), io.BytesIO()]

    def consume(out):
        tail(store.layout.data, out, wait=lambda: not finished.wait(0.001))
        tail(store.layout.data, out, after=out.getvalue().count(b"\n"))

    threads = [threading.Thread(target=consume, args=(out,)) for out in outputs]
    for thread in threads:
        thread.start()
    for number in range(1, 200):
        make.publish(store, number, number)
        if number % 20 == 0:
            store.maintain(rotate=True)
    finished.set()
    for thread in threads:
        thread.join()
    assert outputs[0].getvalue() == outputs[1].getvalue()
    assert [json.loads(raw)["seq"] for raw in outputs[0].getvalue().splitlines()] == list(range(1, 399))
