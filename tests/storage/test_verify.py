"""verify accepts what the store writes and names the first thing that is wrong, by file and line."""

import json

import pytest

from storage import Store
from storage.verify import verify


@pytest.fixture
def filled(store, make):
    """Sealed segments, then a closed and an active one, with merges."""
    make.publish(store, 1, 3)
    store.maintain(rotate=True)
    make.publish(store, 4, 6)
    with store.transaction() as tx:
        tx.stories.put(make.story(4, members=("art-4", "art-5"), merged_from=("story-5",), change="merged"))
    with store.transaction():
        pass  # clears the outbox: from here on only the streams hold the lines
    store.close()
    return store.layout


def active(layout, stream="articles"):
    return max(layout.directory(stream).glob("*.jsonl"))


def test_a_sound_store_is_accepted(filled):
    """Everything is counted."""
    report = verify(filled.data)
    assert report.ok, report
    assert (report.lines, report.articles, report.stories, report.segments, report.last_seq) == (13, 6, 6, 4, 13)


def edit(path, number, change):
    raws = path.read_bytes().splitlines(keepends=True)
    raws[number - 1 : number] = change(raws[number - 1])
    path.write_bytes(b"".join(raws))


def fields(**changes):
    def change(raw):
        return [json.dumps({**json.loads(raw), **changes}, separators=(",", ":")).encode() + b"\n"]

    return change


def without(key):
    def change(raw):
        line = json.loads(raw)
        del line[key]
        return [json.dumps(line, separators=(",", ":")).encode() + b"\n"]

    return change


@pytest.mark.parametrize(
    ("stream", "change", "why"),
    [
        ("articles", lambda raw: [], "missing"),
        ("articles", lambda raw: [raw, raw], "comes after"),
        ("articles", lambda raw: [b"\n"], "not a line"),
        ("articles", lambda raw: [raw[:-9] + b"\n"], "schema"),
        ("articles", fields(status="lost"), "status"),
        ("articles", fields(schema="other/1"), "does not begin"),
        ("articles", fields(type="story"), "does not begin"),
        ("articles", without("summary"), "summary"),
        ("stories", fields(canonical="art-1"), "canonical"),
        ("stories", fields(members=["art-5", "art-99"], canonical="art-5"), "art-99"),
        ("stories", fields(merged_from=["story-99"]), "story-99"),
    ],
)
def test_the_first_violation_is_named(filled, stream, change, why):
    """File, line and reason."""
    edit(active(filled, stream), 2, change)
    report = verify(filled.data)
    assert not report.ok
    assert why in report.violation
    if why != "missing":
        assert report.file == active(filled, stream)
        assert report.line == (3 if why == "comes after" else 2)


def test_a_sealed_segment_that_changed_is_found(filled):
    """The checksum beside a sealed segment holds, also where a line was taken out with care."""
    meta = next(filled.directory("articles").glob("*.meta.json"))
    meta.write_text(meta.read_text().replace('"sha256":"', '"sha256":"0'))
    report = verify(filled.data)
    assert "checksum" in report.violation
    assert report.file.suffix == ".zst"


def test_a_sealed_segment_that_is_cut_is_found(filled):
    """Half a zstd file is damage, not an end."""
    path = next(filled.directory("stories").glob("*.zst"))
    path.write_bytes(path.read_bytes()[:-20])
    assert not verify(filled.data).ok


def test_lines_missing_at_the_end_are_found(filled):
    """The state knows how far the streams must go."""
    path = active(filled, "stories")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    report = verify(filled.data)
    assert "ends at seq 13" in report.violation


def test_a_live_writer_does_not_disturb(store, make):
    """While a writer holds the store, a line on its way is no violation."""
    make.publish(store, 1, 2)
    path = active(store.layout, "stories")
    whole = path.read_bytes()
    path.write_bytes(whole.splitlines(keepends=True)[0])
    assert verify(store.layout.data).ok
    path.write_bytes(b"")
    assert verify(store.layout.data).ok


def test_an_article_without_its_story_is_found(store, make):
    """Every article's story is told of."""
    with store.transaction() as tx:
        tx.articles.put(make.article(1), [])
    store.close()
    assert "story-1" in verify(store.layout.data).violation


def test_an_empty_store_is_sound(tmp_path, clock):
    """Nothing is no violation."""
    Store.open(tmp_path, clock=clock).close()
    assert verify(tmp_path).ok
