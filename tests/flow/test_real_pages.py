"""Real news pages over real HTTP: everything is stored once, and nothing is asked for twice."""

import gzip
import json
from xml.sax.saxutils import escape

import pytest

from pipeline.engines import once

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def real_feeds(served, shared_data):
    """The real pages at their own paths below their own host's name, announced by four feeds."""
    folder = shared_data / "pages"
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    items: list[list[str]] = [[], [], [], []]
    for number, row in enumerate(truth):
        path = f"/pages/{row['id'][:16]}.html"
        served.docs[path] = served.Doc(gzip.decompress((folder / f"{row['id']}.html.gz").read_bytes()))
        link = escape(served.origin + path)
        items[number % 4].append(f"<item><title>Page {number}</title><link>{link}</link><guid>{link}</guid></item>")
    return [served.feed(f"/feeds/{n}.xml", rows) for n, rows in enumerate(items)], len(truth)


def test_every_real_page_is_stored_and_a_second_pass_asks_conditionally_and_stores_nothing(
    real_feeds, served, settings_for, tmp_path, lines
):
    feeds, pages = real_feeds
    settings = settings_for(*feeds)

    first = once.run(settings, tmp_path)

    articles = [line for line in lines(tmp_path) if line["type"] == "article"]
    assert len(articles) == pages, first.to_json()["entries"]
    assert len({article["id"] for article in articles}) == pages
    assert all(article["content_text"] for article in articles)

    before = len(served.requests)
    seen = lines(tmp_path)
    second = once.run(settings, tmp_path, all_feeds=True)

    asked = served.requests[before:]
    assert [request.path for request in asked if request.path.startswith("/pages/")] == []
    polls = [request for request in asked if request.path.startswith("/feeds/")]
    assert sorted(request.path for request in polls) == [f"/feeds/{n}.xml" for n in range(4)]
    assert all("If-None-Match" in request.headers and request.status == 304 for request in polls)
    assert lines(tmp_path) == seen
    assert second.entries == 0
    assert not second.failed
