"""Exports: what is in them, and that they agree with the store."""

import csv
import io
import json
import sys
from datetime import datetime
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest

from storage import StoreError
from storage.codec import article, story
from storage.export import FORMATS, export, export_file
from storage.records import Credit, Match, Version

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def filled(store, make):
    """Two stories; one article has a revision, a later feed, nested records and hostile text."""
    make.publish(store, 1, 2)
    match = Match(article_id="art-1", relation="near", similarity=0.5, containment=0.6, covers=0.7, covered=0.8)
    rich = make.article(
        3,
        match=match,
        credits=(Credit(role="agency", name="AFP", text='(AFP) "x", y'),),
        title='=a,"b"\n<c>&\x01',
        tags=("x", "y"),
    )
    version = Version(
        article_id="art-3", source="b.example", url="https://b.example/3?a=1&b=2", title="T\x0b", date_published=None,
        date_first_seen=make.START, words=3, based_on="art-1", relation="near", similarity=0.5, containment=0.6,
    )  # fmt: skip
    with store.transaction() as tx:
        tx.articles.put(rich, [])
        tx.articles.put(make.article(1, revision=2, text="second"), [])
        tx.stories.put(make.story(1, members=("art-1", "art-3"), versions=(version,), title=rich.title))
        tx.articles.announced_by("art-2", "https://z.example/feed")
    return store


def exported(store, kind, form):
    out = io.BytesIO()
    rows = export(store, kind, form, out)
    return rows, out.getvalue()


def test_jsonl_is_the_stores_own_schema(filled):
    """One line per article and story, as they are now, in the published form."""
    rows, data = exported(filled, "articles", "jsonl")
    assert rows == 3
    assert [article(raw) for raw in data.splitlines()] == list(filled.articles.current())
    assert [json.loads(raw)["story_id"] for raw in data.splitlines()] == ["story-1", "story-2", "story-1"]
    rows, data = exported(filled, "stories", "jsonl")
    assert [story(raw) for raw in data.splitlines()] == list(filled.stories.current())


def test_parquet_is_typed(filled):
    """Nested records stay records, times are times, and what comes back is what is in the store."""
    _rows, data = exported(filled, "articles", "parquet")
    rows = pq.read_table(io.BytesIO(data)).to_pylist()
    for row, current in zip(rows, filled.articles.current(), strict=True):
        assert row["id"] == current.id
        assert row["feeds"] == list(current.feeds)
        assert row["source"] == {"name": current.source.name, "domain": current.source.domain}
        assert row["date_first_seen"] == current.date_first_seen
        assert (row["match"] or {}).get("similarity") == (current.match.similarity if current.match else None)
        assert [credit["text"] for credit in row["credits"]] == [credit.text for credit in current.credits]
    assert rows[0]["seq"] == 6
    _rows, data = exported(filled, "stories", "parquet")
    rows = pq.read_table(io.BytesIO(data)).to_pylist()
    assert rows[1]["versions"][0]["based_on"] == "art-1"
    assert rows[1]["members"] == ["art-1", "art-3"]


def test_csv_is_flat(filled):
    """Nested records become columns, lists JSON, and no text breaks a row."""
    _rows, data = exported(filled, "articles", "csv")
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert [row["id"] for row in rows] == ["art-1", "art-2", "art-3"]
    assert rows[2]["match_similarity"] == "0.5"
    assert rows[0]["match_similarity"] == ""
    assert rows[2]["source_domain"] == "a.example"
    assert json.loads(rows[2]["credits"])[0]["name"] == "AFP"
    assert rows[2]["title"] == '=a,"b"\n<c>&\x01'
    assert datetime.fromisoformat(rows[0]["date_first_seen"]) == filled.articles.get("art-1").date_first_seen


def test_atom_is_well_formed_and_complete(filled):
    """RFC 4287's required elements, versions as related links, and no character that XML forbids."""
    rows, data = exported(filled, "stories", "atom")
    feed = ET.fromstring(data)
    entries = feed.findall(f"{ATOM}entry")
    assert rows == len(entries) == 2
    for element in (feed, *entries):
        for name in ("id", "title", "updated", "author"):
            assert element.find(f"{ATOM}{name}") is not None
    newest = entries[0]
    assert newest.find(f"{ATOM}title").text == '=a,"b"\n<c>&\ufffd'
    links = {link.get("rel"): link.get("href") for link in newest.findall(f"{ATOM}link")}
    assert links == {"alternate": "https://a.example/1", "related": "https://b.example/3?a=1&b=2"}
    with pytest.raises(StoreError, match="stories"):
        exported(filled, "articles", "atom")


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_store_exports(store, form):
    """Nothing is exported as a valid nothing."""
    assert exported(store, "stories", form)[0] == 0


def test_a_file_appears_only_whole(filled, tmp_path):
    """An export that fails leaves the previous file as it was."""
    path = tmp_path / "out.jsonl"
    path.write_text("previous")

    def fail(rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_file(filled, "articles", "jsonl", path, progress=fail)
    assert path.read_text() == "previous"
    counted = []
    assert export_file(filled, "articles", "jsonl", path, progress=counted.append) == 3
    assert counted == [1, 2, 3]
    assert [p.name for p in tmp_path.glob("*out*")] == ["out.jsonl"]


def test_without_pyarrow_the_error_says_what_to_install(filled, monkeypatch):
    """Parquet is an extra."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StoreError, match=r"wirefold\[parquet\]"):
        exported(filled, "articles", "parquet")
