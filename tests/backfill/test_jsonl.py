"""Corpora in JSONL: our own streams, news-please, fundus, and fields that a person names."""

import gzip
import json

import pytest
import zstandard

from pipeline.engines import backfill
from pipeline.engines.request import BackfillRequest
from pipeline.errors import ConfigError
from tests.backfill.publisher import articles, page, published, text

STATED = "%Y-%m-%d %H:%M:%S"


def newsplease(publisher, n):
    return {
        "authors": ["Ann Able"], "date_download": "2020-01-01 00:00:00", "date_modify": "None",
        "date_publish": published(n).strftime(STATED), "description": "About it", "filename": "x.json",
        "image_url": None, "language": "en", "localpath": None, "maintext": text(n), "source_domain": "p.example",
        "title": f"Post {n}", "title_page": None, "title_rss": None, "url": publisher.url(n),
    }  # fmt: skip


def fundus(publisher, n):
    return {
        "title": f"Post {n}", "authors": ["Ann Able"], "publishing_date": published(n).isoformat(" "),
        "topics": ["Towns"], "html": {"requested_url": publisher.url(n) + "?x", "responded_url": publisher.url(n)},
        "body": {"summary": [], "sections": [{"headline": [], "paragraphs": text(n).split("\n")}]},
    }  # fmt: skip


def other(publisher, n):
    return {"where": {"link": publisher.url(n)}, "said": text(n), "on": published(n).isoformat()}


def html(publisher, n):
    return {"url": publisher.url(n), "html": page(n).decode()}


def write(path, rows):
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    packers = {".gz": gzip.compress, ".zst": zstandard.compress}
    path.write_bytes(packers.get(path.suffix, bytes)(data))
    return path


def run(settings, data, *corpora, **request):
    return backfill.run(settings, data, BackfillRequest(corpora=corpora, **request))


@pytest.mark.parametrize(
    ("make", "name", "fields"),
    [
        (newsplease, "a.jsonl", {}),
        (fundus, "a.jsonl.gz", {}),
        (other, "a.jsonl.zst", {"url": "where.link", "text": "said", "published": "on"}),
        (html, "a.jsonl", {}),
    ],
)
def test_a_corpus_gives_the_articles_that_the_web_gives(publisher, settings, tmp_path, make, name, fields):
    path = write(tmp_path / name, [make(publisher, n) for n in range(1, 9)])
    summary = run(settings, tmp_path / "jsonl", path, fields=fields)
    assert dict(summary.fates) == {("done", "stored"): 8}
    assert publisher.asked == []
    lines = articles(tmp_path / "jsonl")
    assert {line["via"] for line in lines} == {"jsonl"}
    backfill.run(settings, tmp_path / "live", BackfillRequest(urls=tuple(publisher.url(n) for n in range(1, 9))))
    live = {line["id"]: line["date_published"] for line in articles(tmp_path / "live")}
    assert {line["id"]: line["date_published"] for line in lines} == live
    assert run(settings, tmp_path / "jsonl", path, fields=fields).entries == 0


def test_our_own_streams_come_back_with_their_ids_and_revisions_once(publisher, settings, tmp_path):
    publisher.routes.clear()
    first = BackfillRequest(urls=(publisher.url(1), publisher.url(2)))
    backfill.run(settings, tmp_path / "first", first)
    lines = articles(tmp_path / "first")
    revised = {**lines[0], "revision": 2, "content_text": text(77), "content_hash": "0" * 64}
    path = write(tmp_path / "own.jsonl", [*lines, {"type": "story", "schema": "wirefold/1"}, revised])
    summary = run(settings, tmp_path / "second", path)
    assert dict(summary.fates) == {("done", "stored"): 2, ("done", "revised"): 1}
    again = articles(tmp_path / "second")
    assert {(line["id"], line["revision"]) for line in again} == {
        (line["id"], line["revision"]) for line in [*lines, revised]
    }
    assert [line["content_text"] for line in again] == [lines[0]["content_text"], lines[1]["content_text"], text(77)]
    run(settings, tmp_path / "second", path)
    assert len(articles(tmp_path / "second")) == 3


def test_lines_that_cannot_be_read_are_told_and_the_others_stored(publisher, settings, tmp_path):
    path = write(tmp_path / "a.jsonl", [newsplease(publisher, 1), {"maintext": text(2)}, [1], newsplease(publisher, 3)])
    path.write_bytes(path.read_bytes() + b"{broken\n\n")
    summary = run(settings, tmp_path / "data", path)
    assert summary.fates["done", "stored"] == 2
    assert [problem.split(": ")[0] for problem in summary.problems] == [f"{path}:{line}" for line in (2, 3, 5)]


def test_five_hundred_lines_are_five_hundred_articles_in_runs_of_any_length(publisher, settings, tmp_path):
    path = write(tmp_path / "a.jsonl", [newsplease(publisher, n) for n in range(1, 501)])
    stored = [run(settings, tmp_path / "data", path, limit=limit).fates["done", "stored"] for limit in (120, 90, None)]
    assert stored == [120, 90, 290]
    assert len({line["id"] for line in articles(tmp_path / "data")}) == 500


def test_bounds_and_sites_narrow_a_corpus(publisher, settings, tmp_path):
    path = write(tmp_path / "a.jsonl", [newsplease(publisher, n) for n in range(1, 11)])
    summary = run(settings, tmp_path / "data", path, since=published(4), until=published(6))
    assert summary.fates["done", "stored"] == 2
    elsewhere = run(settings, tmp_path / "data", path, sites=frozenset({"elsewhere.example"}))
    assert elsewhere.entries == 0


def test_a_field_that_is_none_is_refused(publisher):
    from pipeline.cli.backfill import field_map

    assert field_map(["text=article.body"]) == {"text": "article.body"}
    for wrong in ("text", "text=", "word=x"):
        with pytest.raises(ConfigError, match="--map: expected FIELD=PATH"):
            field_map([wrong])
