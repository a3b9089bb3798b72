"""Retention, compaction and redaction: streams shrink, seqs stay, nothing that should be found is lost."""

import json
from contextlib import closing, suppress
from datetime import timedelta

import pytest

from storage import Reader, Store, StoreError
from storage.codec import inflate
from storage.layout import STREAMS
from storage.rebuild import rebuild
from storage.records import Version
from storage.records.articles import REDACTED
from storage.redact import redact
from storage.retention import compact, retain
from storage.segments import read_meta, reading
from storage.state import connect_reader
from storage.verify import verify

SECRET = "Nobody may read this sentence"


def final(data):
    """What a consumer has who kept the last state of every id and followed merges."""
    articles, stories = {}, {}
    for line in Reader(data).read():
        record = line.record()
        if line.type == "article":
            articles[record.id] = (line.seq, record)
        else:
            stories[record.story_id] = (line.seq, record)
            for absorbed in record.merged_from:
                stories.pop(absorbed, None)
    return articles, stories


@pytest.fixture
def filled(store, make):
    """Revisions, a chain of merges, four sealed generations of segments and an active one."""
    make.publish(store, 1, 6)
    for revision in (2, 3):
        store.maintain(rotate=True)
        with store.transaction() as tx:
            for number in (1, 2, 3):
                tx.articles.put(make.article(number, revision=revision, text=f"revision {revision}"), [])
            old, new = (1, 2) if revision == 2 else (2, 3)
            members = [f"art-{n}" for n in range(1, new + 1)]
            tx.stories.put(make.story(new, members=members, merged_from=(f"story-{old}",), change="merged"))
    store.maintain(rotate=True)
    make.publish(store, 7, 7)
    return store


def test_compaction_keeps_the_last_of_everything(filled, make):
    """A consumer who starts after compaction ends with the same state; old story ids still lead to the living one."""
    data = filled.layout.data
    before, last = final(data), filled.last_seq
    lines = sum(1 for _line in Reader(data).read())
    report = compact(filled)
    assert report.lines > 0
    assert report.bytes_after < report.bytes_before
    assert sum(1 for _line in Reader(data).read()) == lines - report.lines
    assert final(data) == before
    assert compact(filled).lines == 0
    filled.close()
    report = verify(data)
    assert report.ok, report
    assert report.last_seq == last


def test_story_ids_resolve_after_compaction_and_rebuild(filled, make, clock, options):
    """From the compacted streams alone: story-1 went into story-2, which went into story-3."""
    compact(filled)
    layout = filled.layout
    filled.close()
    for path in layout.state.iterdir():
        with suppress(IsADirectoryError, PermissionError):
            path.unlink()
    rebuild(layout.data, NoDerivation(), options, clock=clock)
    with Store.open(layout.data, options, clock=clock) as store:
        assert [store.stories.resolve(f"story-{n}") for n in (1, 2, 3, 4)] == [
            "story-3",
            "story-3",
            "story-3",
            "story-4",
        ]
        assert store.articles.get("art-1").revision == 3
        make.publish(store, 8, 8)
    assert verify(layout.data).ok


class NoDerivation:
    def keys(self, article):
        return [article.url]

    def fingerprints(self, placements):
        return []

    def links(self, members):
        return []


def test_a_reader_in_the_middle_survives_compaction(filled):
    """Lines that are gone are passed over, the others come in order."""
    reader = Reader(filled.layout.data)
    first = [reader.next().seq for _ in range(4)]
    compact(filled)
    rest = [line.seq for line in reader.read()]
    assert first + rest == sorted({*first, *rest})
    assert rest[-1] == filled.last_seq
    latest = {filled.articles.seq_of(f"art-{n}") for n in range(1, 8)}
    assert latest <= {*first, *rest}


def test_retention_removes_the_oldest_segments(filled, make, clock, options):
    """By age or size, never a stream's last segment; the rest verifies, reads, and the state still knows everything."""
    layout = filled.layout
    assert retain(filled, clock() + timedelta(days=1), max_age=timedelta(days=2)) == []
    removed = retain(filled, clock() + timedelta(days=3), max_age=timedelta(days=2))
    assert len(removed) == 6
    assert all(len(layout.segments(stream)) == 1 for stream in STREAMS)
    assert [line.seq for line in Reader(layout.data).read()] == [21, 22]
    assert filled.articles.get("art-1").revision == 3
    filled.close()
    assert verify(layout.data).ok
    rebuild(layout.data, NoDerivation(), options, clock=clock)
    with Store.open(layout.data, options, clock=clock) as store:
        assert store.articles.count() == 7
        assert store.articles.resolve(["https://a.example/1"]) == {"https://a.example/1": "art-1"}
        assert store.stories.resolve("story-1") == "story-3"
        make.publish(store, 8, 8)
    assert verify(layout.data).ok


def test_retention_by_size(filled, clock):
    """Only as much goes as is needed."""
    sizes = [segment.path.stat().st_size for segment in filled.layout.segments("articles")]
    removed = retain(filled, clock(), max_mib=(sum(sizes) - 1) / (1 << 20))
    assert [path.name for path in removed if "articles" in path.name] == ["articles-00000000000000000001.jsonl.zst"]


@pytest.fixture
def secretive(store, make):
    """An article with something to take back, in two revisions, with its story and a waiting announcement."""
    version = Version(
        article_id="art-1", source="a.example", url="https://a.example/1", title=SECRET, date_published=None,
        date_first_seen=make.START, words=3, based_on=None, relation=None, similarity=None, containment=None,
    )  # fmt: skip
    make.publish(store, 2, 3)
    for revision in (1, 2):
        with store.transaction() as tx:
            tx.articles.put(
                make.article(1, revision=revision, title=SECRET, text=SECRET * revision, summary=SECRET),
                ["https://a.example/1"],
            )
            tx.stories.put(make.story(1, title=SECRET, members=("art-1", "art-2"), versions=(version,)))
            tx.fingerprints.put(make.fingerprint(1, title=SECRET))
            tx.frontier.announce([make.entry(1, title=SECRET, content_html=SECRET * 50)], tx.now)
        store.maintain(rotate=revision == 1)
    return store


def stored_bytes(layout):
    """Every byte of the data folder, sealed segments and packed columns unpacked."""
    for stream in STREAMS:
        for segment in layout.segments(stream):
            with reading(segment) as file:
                yield segment.path, file.read()
    for path in layout.data.rglob("*"):
        if path.is_file() and path.suffix != ".zst":
            yield path, path.read_bytes()
    with closing(connect_reader(layout.database)) as db:
        for table in ("articles", "stories", "entries"):
            column = "payload" if table == "entries" else "line"
            for (data,) in db.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                yield table, inflate(data)


def test_redaction_leaves_no_trace_of_the_content(secretive, make):
    """No segment, no table, no free page, no view holds a word of it; seqs stay, and consumers are told."""
    layout, before = secretive.layout, [line.seq for line in Reader(secretive.layout.data).read()]
    assert any(SECRET.encode() in data for _path, data in stored_bytes(layout))
    report = redact(secretive, "art-1")
    assert report.lines == 4
    assert [path for path, data in stored_bytes(layout) if SECRET.encode() in data] == []
    lines = list(Reader(layout.data).read())
    assert [line.seq for line in lines] == [*before, before[-1] + 1, before[-1] + 2]
    tombstones = [line.json() for line in lines if line.type == "article" and line.json()["id"] == "art-1"]
    assert [line["revision"] for line in tombstones] == [1, 2, 3]
    assert {line["status"] for line in tombstones} == {"withdrawn"}
    assert {line["content_hash"] for line in tombstones} == {REDACTED}
    assert secretive.articles.get("art-2").content_text
    assert json.loads(layout.stories_view.read_bytes().splitlines()[-1])["title"] is None
    assert redact(secretive, "art-1").lines == 0
    secretive.close()
    assert verify(layout.data).ok


def test_what_was_taken_back_does_not_return(secretive, make):
    """Neither a new fetch nor a new announcement brings a redacted article back; the rest of the store goes on."""
    redact(secretive, "art-1")
    last = secretive.last_seq
    with secretive.transaction() as tx:
        assert tx.frontier.announce([make.entry(1, revision_hash="r9", title=SECRET)], tx.now) == ["known"]
        tx.articles.put(make.article(1, revision=4, text=SECRET), [])
    assert secretive.last_seq == last
    assert secretive.articles.get("art-1").content_text == ""
    assert secretive.frontier.claim(make.START, 9) == []
    make.publish(secretive, 4, 4)


def test_redaction_survives_a_rebuild(secretive, make, clock, options):
    """The tombstones say it: a rebuilt state keeps the article away too."""
    redact(secretive, "art-1")
    layout = secretive.layout
    secretive.close()
    layout.database.unlink()
    rebuild(layout.data, NoDerivation(), options, clock=clock)
    with Store.open(layout.data, options, clock=clock) as store, store.transaction() as tx:
        assert tx.frontier.announce([make.entry(1, title=SECRET)], tx.now) == ["known"]
        assert tx.articles.put(make.article(1, text=SECRET), []) < tx.seq + 1
        assert tx.published == {"articles": 0, "stories": 0}


def test_redacting_the_unknown_is_an_error(store):
    """A mistyped id must not look like success."""
    with pytest.raises(StoreError, match="art-404"):
        redact(store, "art-404")


def test_a_description_of_a_sealed_segment(filled):
    """Beside each closed segment: seqs, lines, bytes and checksum of what is in it."""
    for stream in STREAMS:
        for segment in filled.layout.segments(stream)[:-1]:
            meta = read_meta(segment)
            with reading(segment) as file:
                raws = file.read().splitlines(keepends=True)
            assert (meta.lines, meta.bytes, meta.stream) == (len(raws), sum(map(len, raws)), stream)
            assert (meta.first_seq, meta.last_seq) == (json.loads(raws[0])["seq"], json.loads(raws[-1])["seq"])
