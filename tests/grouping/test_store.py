"""The store's transaction is a memory for grouping, and a restart from disk goes on with identical results."""

from contextlib import closing

import pytest

from pipeline.settings import GroupSettings
from pipeline.stages.group import Grouper
from storage.options import StoreOptions
from storage.store import Store


def opened(folder, now):
    return closing(Store.open(folder, StoreOptions(fsync="none"), clock=lambda: now))


def articles(prose, subject):
    wire, other, furniture = prose(1, 500), prose(2, 300), prose(3, 60)
    texts = [
        wire, "By our staff.\n" + wire, other, " ".join(wire.split()[:80]), wire + "\n" + other, other + "\nEnd.", prose(4, 200),
    ]  # fmt: skip
    out = [
        subject(f"n{i}", f"{text}\n{furniture}", i * 9.0, site=f"site{i % 3}.example") for i, text in enumerate(texts)
    ]
    return [*out, subject("n1", other, 80.0, site="site1.example", revision=2), subject("n7", wire, 81.0)]


def test_stories_in_the_store_are_those_of_the_memory_and_survive_reopening(tmp_path, desk, prose, subject):
    stream = articles(prose, subject)
    desk.place(*stream)
    placements = []
    for cut in range(0, len(stream), 2):
        with opened(tmp_path, stream[cut].arrived) as store:
            grouper = Grouper(GroupSettings())
            with store.transaction() as tx:
                assert grouper.load(tx, stream[cut].arrived) == ()
            for article in stream[cut : cut + 2]:
                with store.transaction() as tx:
                    placements.append(grouper.place(article, tx))
    assert [(p.story_id, p.match, p.changes, p.related) for p in placements] == [
        (p.story_id, p.match, p.changes, p.related) for p in desk.placements
    ]


def fail_after_placing(store, grouper, article):
    with store.transaction() as tx:
        grouper.place(article, tx)
        raise ZeroDivisionError


def test_a_rolled_back_placement_leaves_nothing_after_loading_again(tmp_path, prose, subject):
    first, second = subject("a", prose(1)), subject("b", prose(1), hour=1)
    with opened(tmp_path, first.arrived) as store:
        grouper = Grouper(GroupSettings())
        with pytest.raises(ZeroDivisionError):
            fail_after_placing(store, grouper, first)
        with store.transaction() as tx:
            grouper.load(tx, first.arrived)
            assert grouper.place(second, tx).match is None
