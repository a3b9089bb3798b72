"""Segments: when they are closed, when they are sealed, and that a line is always in exactly one file."""

from datetime import UTC, datetime, timedelta

import pytest

from storage import Reader, Store, StoreOptions
from storage.segments import read_meta


def bases(store, stream="articles"):
    return [segment.base for segment in store.layout.segments(stream)]


def opened(tmp_path, clock, **changes):
    return Store.open(tmp_path / "data", StoreOptions(fsync="none", **changes), clock=clock)


def test_a_full_segment_is_closed(tmp_path, clock, make):
    """The first line beyond the size starts a new segment, named by its seq."""
    with opened(tmp_path, clock, segment_mib=0.0002) as store:
        for number in range(1, 5):
            make.publish(store, number, number)
        assert bases(store) == [1, 3, 5, 7]
        assert bases(store, "stories") == [2, 4, 6, 8]


def test_an_old_segment_is_closed_also_after_a_restart(tmp_path, make):
    """The age is that of the first line, not of the process; maintenance closes without traffic."""
    clock = make.Clock(datetime(2026, 3, 1, 1, tzinfo=UTC))
    with opened(tmp_path, clock, segment_hours=2) as store:
        make.publish(store, 1, 1)
    clock.at += timedelta(hours=1)
    with opened(tmp_path, clock, segment_hours=2) as store:
        make.publish(store, 2, 2)
        assert bases(store) == [1]
        clock.at += timedelta(hours=1, minutes=1)
        store.maintain()
        assert read_meta(store.layout.segments("articles")[0]).lines == 2
        make.publish(store, 3, 3)
        assert bases(store) == [1, 5]


@pytest.mark.parametrize("zone", [0, 7, -7])
def test_midnight_is_that_of_utc(tmp_path, make, zone):
    """A day's articles are in the day's segments, whatever the clock's time zone."""
    from datetime import timezone

    clock = make.Clock(datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC).astimezone(timezone(timedelta(hours=zone))))
    with opened(tmp_path, clock) as store:
        make.publish(store, 1, 1)
        clock.at += timedelta(seconds=2)
        make.publish(store, 2, 2)
        assert bases(store) == [1, 3]


def test_a_closed_segment_stays_plain_for_the_grace_time(tmp_path, clock, make):
    """Described at once, sealed when the grace time is over; one file at a time matches the pattern."""
    with opened(tmp_path, clock, plain_grace_hours=3) as store:
        make.publish(store, 1, 1)
        assert store.maintain(rotate=True) == []
        directory = store.layout.directory("articles")
        assert [path.suffix for path in directory.glob("articles-*.jsonl*")] == [".jsonl"]
        assert read_meta(store.layout.segments("articles")[0]).last_seq == 1
        clock.at += timedelta(hours=3)
        assert len(store.maintain()) == 2
        assert [path.suffix for path in directory.glob("articles-*.jsonl*")] == [".zst"]
        assert store.maintain() == []


def test_sealing_can_be_switched_off(tmp_path, clock, make):
    """Segments are still closed and described."""
    with opened(tmp_path, clock, seal=False, plain_grace_hours=0) as store:
        make.publish(store, 1, 1)
        assert store.maintain(rotate=True) == []
        assert read_meta(store.layout.segments("stories")[0]).lines == 1


def test_a_store_whose_segments_are_all_sealed_goes_on(tmp_path, clock, make):
    """After a restart the next line starts a new segment with the next seq."""
    with opened(tmp_path, clock, plain_grace_hours=0) as store:
        make.publish(store, 1, 1)
        store.maintain(rotate=True)
    with opened(tmp_path, clock) as store:
        assert store.last_seq == 2
        make.publish(store, 2, 2)
        assert bases(store) == [1, 3]
        assert [line.seq for line in Reader(store.layout.data).read()] == [1, 2, 3, 4]


def test_leftovers_of_a_crash_are_removed(tmp_path, clock, make):
    """Drafts, descriptions of nothing and superseded generations go at the next start; data does not."""
    with opened(tmp_path, clock, plain_grace_hours=0) as store:
        make.publish(store, 1, 1)
        store.maintain(rotate=True)
        directory = store.layout.directory("articles")
    sound = sorted(path.name for path in directory.iterdir())
    (directory / "articles-00000000000000000001.jsonl.zst.tmp").write_bytes(b"half")
    (directory / "articles-00000000000000000001.c1.meta.json").write_bytes(b"{}")
    (directory / "articles-00000000000000000099.meta.json").write_bytes(b"{}")
    with opened(tmp_path, clock) as store:
        assert sorted(path.name for path in directory.iterdir()) == sound
        assert len(list(Reader(store.layout.data).read())) == 2
