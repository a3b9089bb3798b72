"""The Wayback Machine, played by a local server: copies of pages and of feeds (scenario S11, viii)."""

import itertools
import json
from datetime import timedelta

import brotli

from pipeline.engines import backfill
from pipeline.engines.request import BackfillRequest
from tests.backfill.publisher import MISSING, POSTS, Answer, announce, articles, newest, page, published, rss, waiting

PAGE = 60


def stamp(when):
    return f"{when:%Y%m%d%H%M%S}"


def rows_of(publisher, numbers, copies=2):
    """Captures as the CDX server lists them: by address, each copied a few times."""
    found = []
    for number in sorted(numbers, key=str):
        for copy in range(copies):
            taken = stamp(published(number) + timedelta(days=1 + copy))
            found.append([taken, publisher.url(number), "text/html", "200", f"D{number}-{copy}"])
    return found


def cdx(publisher, rows, *, resume=True):
    """``/cdx/search/cdx``: pages of 60 captures with a resume key, or everything at once."""

    def route(query):
        after = int(query.get("resumeKey", "0"))
        part = rows[after : after + PAGE] if resume else rows
        answer = [["timestamp", "original", "mimetype", "statuscode", "digest"], *part]
        if resume and after + PAGE < len(rows):
            answer += [[], [str(after + PAGE)]]
        return Answer(json.dumps(answer).encode(), "application/json")

    publisher.routes["/cdx/search/cdx"] = route


def copies(publisher, numbers, brotlied=frozenset()):
    for number in numbers:
        body = page(number)
        answer = (
            Answer(brotli.compress(body), headers={"Content-Encoding": "br"}) if number in brotlied else Answer(body)
        )
        taken = stamp(published(number) + timedelta(days=1))
        publisher.routes[f"/web/{taken}id_/{publisher.url(number)}"] = lambda query, answer=answer: answer


def test_every_copied_page_is_one_entry_however_often_it_was_copied(publisher, wayback_settings, tmp_path):
    cdx(publisher, rows_of(publisher, newest(publisher)))
    summary = announce(wayback_settings, tmp_path, wayback=(publisher.origin + "/",))
    assert waiting(tmp_path) == POSTS
    assert next(iter(summary.sources.values())).ended
    assert all("collapse=digest" in asked and "matchType=prefix" in asked for asked in publisher.asked)


def test_a_server_that_knows_no_resume_key_or_repeats_it_is_read_once(publisher, wayback_settings, tmp_path):
    rows = rows_of(publisher, range(1, 41))
    cdx(publisher, rows, resume=False)
    announce(wayback_settings, tmp_path / "a", wayback=(publisher.origin + "/",))
    same = json.dumps([["timestamp", "original"], *(row[:2] for row in rows), [], ["again"]]).encode()
    publisher.routes["/cdx/search/cdx"] = lambda query: Answer(same, "application/json")
    announce(wayback_settings, tmp_path / "b", wayback=(publisher.origin + "/",))
    assert waiting(tmp_path / "a") == waiting(tmp_path / "b") == 40


def test_copies_are_read_in_place_of_the_pages_and_give_the_same_articles(publisher, wayback_settings, tmp_path):
    """Bodies as they were served, brotli too; the address is the page's own, and so is the id."""
    numbers = list(range(1, 13))
    cdx(publisher, rows_of(publisher, numbers))
    copies(publisher, numbers, brotlied={3, 4})
    request = BackfillRequest(wayback=(publisher.origin + "/",))
    summary = backfill.run(wayback_settings, tmp_path / "wayback", request)
    assert dict(summary.fates) == {("done", "stored"): 12}
    assert not publisher.pages_asked()
    lines = articles(tmp_path / "wayback")
    assert {line["url"] for line in lines} == {publisher.url(n) for n in numbers}
    assert {line["via"] for line in lines} == {"wayback"}
    live = BackfillRequest(urls=tuple(publisher.url(n) for n in numbers))
    backfill.run(wayback_settings, tmp_path / "live", live)
    assert {line["id"]: line["content_hash"] for line in lines} == {
        line["id"]: line["content_hash"] for line in articles(tmp_path / "live")
    }
    again = backfill.run(wayback_settings, tmp_path / "wayback", request)
    assert again.entries == 0


def test_copies_of_a_feed_bring_what_it_showed_then_and_gone_pages_come_from_the_archive(
    publisher, wayback_settings, tmp_path
):
    feed, wanted = publisher.origin + "/feed", range(1, 31)
    moments = {stamp(published(10 * k)): list(range(10 * k, 10 * k - 10, -1)) for k in (1, 2, 3)}
    rows = [[taken, feed, "application/rss+xml", "200", f"F{taken}"] for taken in moments]
    cdx(publisher, [*rows, *rows])
    for taken, numbers in moments.items():
        publisher.routes[f"/web/{taken}id_/{feed}"] = lambda query, numbers=numbers: rss(publisher, numbers)
    publisher.routes["/posts/7"] = lambda query: MISSING
    publisher.routes[f"/web/{stamp(published(10))}id_/{publisher.url(7)}"] = lambda query: Answer(page(7))
    summary = backfill.run(wayback_settings, tmp_path, BackfillRequest(wayback=(feed,)))
    assert dict(summary.fates) == {("done", "stored"): 30}
    assert {line["url"] for line in articles(tmp_path)} == {publisher.url(n) for n in wanted}
    assert len([asked for asked in publisher.asked if asked.startswith("/web/") and asked.endswith("/feed")]) == 3


def test_an_interrupted_listing_goes_on_at_its_page(publisher, wayback_settings, tmp_path):
    cdx(publisher, rows_of(publisher, range(1, 201)))
    inner, asked = publisher.routes["/cdx/search/cdx"], itertools.count(1)
    publisher.routes["/cdx/search/cdx"] = lambda query: Answer(status=403) if next(asked) == 4 else inner(query)
    announce(wayback_settings, tmp_path, wayback=(publisher.origin + "/",))
    assert waiting(tmp_path) < 200
    publisher.asked.clear()
    announce(wayback_settings, tmp_path, wayback=(publisher.origin + "/",))
    assert waiting(tmp_path) == 200
    assert "resumeKey=180" in publisher.asked[0]
