"""Where the feeds of a site are: what the page declares first, then what the field tries next."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipeline.records import ParsedFeed
from pipeline.stages.autodiscovery import Candidate, best_first, candidates
from pipeline.stages.discover import parse_feed

URL = "https://example.com/en/front.html"
FEED = "https://example.com/feed.xml"


def first(page: str, url: str = URL) -> str:
    return candidates(page.encode(), url)[0].url


DECLARED = {
    "plain": '<link rel="alternate" type="application/rss+xml" href="https://example.com/feed.xml">',
    "atom": '<link rel="alternate" type="application/atom+xml" href="https://example.com/feed.xml">',
    "json": '<link rel="alternate" type="application/feed+json" href="https://example.com/feed.xml">',
    "rdf": '<link rel="alternate" type="application/rdf+xml" href="https://example.com/feed.xml">',
    "other order": '<link href="https://example.com/feed.xml" type="application/rss+xml" rel="alternate">',
    "upper case": '<LINK REL="ALTERNATE" TYPE="APPLICATION/RSS+XML" HREF="https://example.com/feed.xml">',
    "mixed case": '<Link rEl="Alternate" tYpe="application/RSS+xml" hReF="https://example.com/feed.xml">',
    "single quotes": "<link rel='alternate' type='application/rss+xml' href='https://example.com/feed.xml'>",
    "no quotes": "<link rel=alternate type=application/rss+xml href=https://example.com/feed.xml>",
    "self-closing": '<link rel="alternate" type="application/rss+xml" href="https://example.com/feed.xml"/>',
    "line breaks": '<link\nrel="alternate"\ntype="application/rss+xml"\nhref="https://example.com/feed.xml"\n>',
    "two relations": '<link rel="alternate home" type="application/rss+xml" href="https://example.com/feed.xml">',
    "two relations, other order": '<link rel="home alternate" type="application/rss+xml" href="https://example.com/feed.xml">',
    "a parameter of the type": '<link rel="alternate" type="application/rss+xml; charset=utf-8" href="https://example.com/feed.xml">',
    "relative to the root": '<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "relative to the page": '<link rel="alternate" type="application/rss+xml" href="../feed.xml">',
    "scheme-relative": '<link rel="alternate" type="application/rss+xml" href="//example.com/feed.xml">',
    "with a base": '<base href="https://example.com/x/"><link rel="alternate" type="application/rss+xml" href="../feed.xml">',
    "feed: scheme": '<link rel="alternate" type="application/rss+xml" href="feed://https://example.com/feed.xml">'.replace(
        "feed://https", "feed:https"
    ),
    "whitespace in the address": '<link rel="alternate" type="application/rss+xml" href=" https://example.com/feed.xml\n">',
    "rel=feed": '<link rel="feed" href="/feed.xml">',
    "text/xml that looks like a feed": '<link rel="alternate" type="text/xml" href="/feed.xml">',
    "in the body": '</head><body><link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "after a commented one": '<!-- <link rel="alternate" type="application/rss+xml" href="/old.xml"> --><link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "after a stylesheet": '<link rel="stylesheet" type="text/css" href="/a.css"><link rel="alternate stylesheet" type="application/rss+xml" href="/b.css">'
    '<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "after another language": '<link rel="alternate" hreflang="de" href="/de/"><link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "after the comments": '<link rel="alternate" type="application/rss+xml" title="Comments Feed" href="/comments/feed/">'
    '<link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "after WordPress's services": '<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed?format=json">'
    '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1"><link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "an ampersand": '<link rel="alternate" type="application/rss+xml" href="https://example.com/?feed=rss2&amp;lang=en">',
}


@pytest.mark.parametrize("case", DECLARED)
def test_a_declared_feed_comes_first(case: str) -> None:
    expected = "https://example.com/?feed=rss2&lang=en" if case == "an ampersand" else FEED
    assert first(f"<!DOCTYPE html><html><head><title>x</title>{DECLARED[case]}</head><body></body></html>") == expected


def test_the_order_is_declared_service_linked_guessed_and_feeds_of_comments_last() -> None:
    page = (
        "<head><link rel=alternate type=application/rss+xml href=/declared title='Main'></head><body><a href='/about'>About</a>"
        "<a href='/some/rss.php?x=1'>x</a><a href='https://other.example/feed'>x</a><a href='/z'>RSS</a><a href='/comments/feed'>c</a>"
    )
    found = candidates(page.encode(), "https://blog.wordpress.com/en/")
    assert [(one.tier, one.url) for one in found[:5]] == [
        ("declared", "https://blog.wordpress.com/declared"),
        ("service", "https://blog.wordpress.com/feed/"),
        ("linked", "https://blog.wordpress.com/some/rss.php?x=1"),
        ("linked", "https://other.example/feed"),
        ("linked", "https://blog.wordpress.com/z"),
    ]
    assert found[5].url == "https://blog.wordpress.com/en/feed/"
    assert found[-1] == Candidate(url="https://blog.wordpress.com/comments/feed", tier="linked", title="c", aside=True)
    assert found[0].title == "Main"


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        (
            "https://www.youtube.com/channel/UCabc_-1/videos",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc_-1",
        ),
        ("https://old.reddit.com/r/kurdistan/top", "https://www.reddit.com/r/kurdistan/.rss"),
        ("https://github.com/lemon24/reader", "https://github.com/lemon24/reader/releases.atom"),
        ("https://medium.com/@somebody/post-1", "https://medium.com/feed/@somebody"),
        ("https://paper.substack.com/p/x", "https://paper.substack.com/feed"),
        ("https://x.blogspot.com/", "https://x.blogspot.com/feeds/posts/default"),
    ],
)
def test_services_whose_feeds_follow_from_the_address(url: str, feed: str) -> None:
    assert first("", url) == feed


def test_without_a_page_the_usual_places_are_tried_nearest_first() -> None:
    found = [one.url for one in candidates(b"", "https://example.com/kurdi/")]
    assert found[:2] == ["https://example.com/kurdi/feed/", "https://example.com/kurdi/rss"]
    assert {"https://example.com/feed/", "https://example.com/rss.xml", "https://example.com/news-sitemap.xml"} <= set(
        found
    )
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "page",
    [b"", b"\0\xff\xfe", b"<", b"<a href='http://[bad'>rss</a>", b"<div>" * 50_000, b"<a href='/feed'>" * 20_000],
)
def test_no_page_breaks_the_search(page: bytes) -> None:
    assert 0 < len(candidates(page, "https://example.com/")) <= 60


def feed_of(*links: str) -> ParsedFeed:
    items = "".join(f"<item><title>t</title><link>{link}</link></item>" for link in links)
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    return parse_feed(body, url=FEED, headers={}, fetched_at=datetime(2026, 5, 10, tzinfo=UTC))


def test_of_the_feeds_found_the_fullest_declared_one_is_best_and_copies_are_one() -> None:
    full, part, empty = feed_of("https://e.example/1", "https://e.example/2"), feed_of("https://e.example/1"), feed_of()
    a, b, c, d = (Candidate(url=f"https://example.com/{name}", tier="declared") for name in "abcd")
    guess = Candidate(url="https://example.com/feed", tier="guessed")
    comments = replace(d, aside=True)
    ranked = best_first([(comments, feed_of("https://e.example/9")), (a, empty), (guess, full), (b, part), (c, full)])
    assert [candidate.url[-1] for candidate, _ in ranked] == ["c", "b", "d", "a"]
