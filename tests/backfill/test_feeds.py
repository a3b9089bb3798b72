"""Feeds and what lies behind them: 500 posts are 500 entries, whatever the paging does (scenario S11)."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.backfill.publisher import MISSING, POSTS, Answer, Hurried, announce, newest, published, rss, waiting

SIZE = 10


def paged(publisher, parameter="paged", beyond=MISSING, size=SIZE):
    """``/feed?paged=N``: ten posts a page, and ``beyond`` behind the last."""

    def route(query):
        number = int(query.get(parameter, 1))
        numbers = newest(publisher)[(number - 1) * size : number * size]
        return rss(publisher, numbers) if numbers else beyond

    publisher.routes["/feed"] = route
    return publisher.origin + "/feed"


def chain(publisher, rel, last=None):
    """An RFC 5005 chain: the subscription document and 49 archive documents; the oldest links to ``last``."""
    total = publisher.posts // SIZE

    def document(number):
        numbers = newest(publisher)[number * SIZE : (number + 1) * SIZE]
        following = f"/archive/{number + 1}" if number + 1 < total else last
        link = f'<atom:link rel="{rel}" href="{following}"/>' if following else ""
        return lambda query: rss(publisher, numbers, link)

    publisher.routes["/feed"] = document(0)
    for number in range(1, total):
        publisher.routes[f"/archive/{number}"] = document(number)
    return publisher.origin + "/feed"


@pytest.mark.parametrize(("rel", "posts"), [("prev-archive", POSTS), ("next", 100)])
def test_archive_and_paged_feeds_of_rfc_5005_are_read_to_their_end(publisher, settings, tmp_path, rel, posts):
    publisher.posts = posts
    summary = announce(settings, tmp_path, feeds=(chain(publisher, rel),))
    assert (waiting(tmp_path), summary.problems) == (posts, [])
    assert len(publisher.asked) == posts // SIZE


def test_a_chain_that_leads_back_ends_without_asking_twice(publisher, settings, tmp_path):
    publisher.posts = 100
    announce(settings, tmp_path, feeds=(chain(publisher, "prev-archive", last="/archive/3"),))
    assert waiting(tmp_path) == 100
    assert len(publisher.asked) == len(set(publisher.asked)) == 100 // SIZE


def test_a_chain_whose_next_document_is_gone_tells_what_is_lost(publisher, settings, tmp_path):
    publisher.posts = 100
    feed = chain(publisher, "prev-archive")
    publisher.routes["/archive/3"] = lambda query: MISSING
    summary = announce(settings, tmp_path, feeds=(feed,))
    assert waiting(tmp_path) == 3 * SIZE
    assert "/archive/3: not_found" in summary.problems[0]


@pytest.mark.parametrize(("parameter", "posts"), [("paged", POSTS), ("page", 100)])
def test_numbered_pages_are_read_until_there_is_none(publisher, settings, tmp_path, parameter, posts):
    publisher.posts = posts
    summary = announce(settings, tmp_path, feeds=(paged(publisher, parameter),))
    assert (waiting(tmp_path), summary.problems) == (posts, [])


def test_a_parameter_that_is_ignored_ends_after_one_try_of_each(publisher, settings, tmp_path):
    publisher.routes["/feed"] = lambda query: rss(publisher, newest(publisher)[:SIZE])
    announce(settings, tmp_path, feeds=(publisher.origin + "/feed",))
    assert waiting(tmp_path) == SIZE
    assert len(publisher.asked) == 3


def test_pages_that_begin_again_end_after_two_without_news(publisher, settings, tmp_path):
    publisher.posts = 120
    pages = publisher.posts // SIZE

    def route(query):
        number = (int(query.get("paged", 1)) - 1) % pages
        return rss(publisher, newest(publisher)[number * SIZE : (number + 1) * SIZE])

    publisher.routes["/feed"] = route
    announce(settings, tmp_path, feeds=(publisher.origin + "/feed",))
    assert waiting(tmp_path) == 120
    assert len(publisher.asked) == pages + 2


@pytest.mark.parametrize("beyond", ["last", "empty", "html"])
def test_whatever_stands_behind_the_last_page_ends_the_walk(publisher, settings, tmp_path, beyond):
    publisher.posts = 60
    answers = {
        "last": rss(publisher, newest(publisher)[-SIZE:]),
        "empty": rss(publisher, []),
        "html": Answer(b"<!doctype html><html><body><h1>Nothing found</h1></body></html>"),
    }
    announce(settings, tmp_path, feeds=(paged(publisher, beyond=answers[beyond]),))
    assert waiting(tmp_path) == 60
    assert len(publisher.asked) <= 60 // SIZE + 2


def test_posts_that_appear_meanwhile_shift_pages_and_cost_nothing(publisher, settings, tmp_path):
    """A new post at every third request: the pages overlap, and no post is missed."""
    publisher.posts = 200
    asked = itertools.count(1)

    def route(query):
        if next(asked) % 3 == 0:
            publisher.posts += 1
        number = int(query.get("paged", 1))
        numbers = newest(publisher)[(number - 1) * SIZE : number * SIZE]
        return rss(publisher, numbers) if numbers else MISSING

    publisher.routes["/feed"] = route
    announce(settings, tmp_path, feeds=(publisher.origin + "/feed",))
    appeared = publisher.posts - 200
    assert appeared > 3
    assert waiting(tmp_path) == 200  # what appeared stands on the first page, which was read before


@pytest.mark.parametrize(("before", "after"), [(10, 20), (20, 10), (10, 50)])
def test_pages_that_change_their_size_lose_nothing(publisher, settings, tmp_path, before, after):
    asked = itertools.count(1)

    def route(query):
        size = before if next(asked) < 8 else after
        number = int(query.get("paged", 1))
        numbers = newest(publisher)[(number - 1) * size : number * size]
        return rss(publisher, numbers) if numbers else MISSING

    publisher.routes["/feed"] = route
    announce(settings, tmp_path, feeds=(publisher.origin + "/feed",))
    assert waiting(tmp_path) == POSTS


def test_a_host_that_asks_for_a_pause_gets_it_and_nothing_is_lost(publisher, settings, tmp_path):
    feed = paged(publisher)
    inner, asked = publisher.routes["/feed"], itertools.count(1)
    publisher.routes["/feed"] = lambda query: (
        Answer(b"slower", status=429, headers={"Retry-After": "0"}) if next(asked) % 20 == 0 else inner(query)
    )
    summary = announce(settings, tmp_path, clock=Hurried(), feeds=(feed,))
    assert (waiting(tmp_path), summary.problems) == (POSTS, [])


def test_a_host_that_closes_for_long_is_left_and_the_same_command_goes_on(publisher, settings, tmp_path):
    publisher.posts = 100
    feed = paged(publisher)
    inner, asked = publisher.routes["/feed"], itertools.count(1)
    publisher.routes["/feed"] = lambda query: Answer(b"", status=500) if next(asked) > 5 else inner(query)
    hurried = replace(settings, archives=replace(settings.archives, patience_s=0.0))
    first = announce(hurried, tmp_path, feeds=(feed,))
    assert waiting(tmp_path) == 5 * SIZE
    assert "goes on from here" in first.problems[0]
    publisher.routes["/feed"] = inner
    publisher.asked.clear()
    announce(hurried, tmp_path, feeds=(feed,))
    assert waiting(tmp_path) == 100
    assert publisher.asked[0] == "/feed?paged=6"


def test_bounds_leave_out_what_lies_outside_and_end_the_walk_soon_after(publisher, settings, tmp_path):
    since, until = published(301), published(401)
    summary = announce(settings, tmp_path, feeds=(paged(publisher),), since=since, until=until)
    assert waiting(tmp_path) == 100
    [source] = summary.sources.values()
    assert (source.new, source.passed) == (100, 100 + 30)
    assert len(publisher.asked) == 10 + 10 + 3


def test_a_second_walk_finds_everything_known(publisher, settings, tmp_path):
    publisher.posts = 100
    feed = paged(publisher)
    announce(settings, tmp_path, feeds=(feed,))
    [source] = announce(settings, tmp_path, feeds=(feed,)).sources.values()
    assert (source.found, source.known, source.new, source.ended) == (100, 100, 0, True)
    assert waiting(tmp_path) == 100


def test_a_day_is_a_day(publisher, settings, tmp_path):
    """The bounds are those of the date that the feed states: ``since`` belongs to it, ``until`` does not."""
    publisher.posts = 30
    at = published(10)
    announce(settings, tmp_path, feeds=(paged(publisher),), since=at, until=at + timedelta(seconds=1))
    assert waiting(tmp_path) == 1
