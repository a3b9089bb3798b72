"""What is not an article says why it is none; what is a special kind of article says which."""

import pytest

from pipeline.errors import Drop
from tests.extract.making import STORY, URL, entry, html, page, paragraphs, read

EMPTY = "<p></p>"


def fate(text: str | bytes, **fields: object) -> str:
    with pytest.raises(Drop) as dropped:
        read(text, **fields)  # type: ignore[arg-type]
    return dropped.value.slug


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 ...", "text/html"),
        (b"\x89PNG\r\n", "image/png"),
        (b'{"a": 1}', "application/json"),
        (b"plain words only", "text/plain"),
    ],
)
def test_what_is_no_html_is_dropped_as_such(body: bytes, content_type: str) -> None:
    assert fate(body, content_type=content_type) == "not_html"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (html(EMPTY), "no_article"),
        ('<html><head><title>App</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>', "script_only"),
        ("<html><body><noscript>You need to enable JavaScript to run this app.</noscript></body></html>", "script_only"),
        (html("<h2>Before you continue</h2><p>We and our partners use cookies to store data.</p><button>Accept all</button>"), "consent_wall"),
        (html('<div class="paywall"><p>Subscribe to continue reading this article.</p></div>'), "paywall"),
        (html('<script type="application/ld+json">{"@type":"NewsArticle","headline":"H","isAccessibleForFree":false}</script><p>Short.</p>'), "paywall"),
    ],
)  # fmt: skip
def test_an_empty_page_says_why_it_is_empty(text: str, slug: str) -> None:
    assert fate(text) == slug


def test_where_the_page_fails_the_feed_s_text_serves_and_is_marked() -> None:
    wall = html('<div class="paywall"><p>Subscribe to continue reading this article.</p></div>')
    found = read(wall, announced=entry(content_html=paragraphs()))
    assert found.extraction.method == "feed"
    assert found.content_text.split("\n") == list(STORY)
    assert any("paywall" in note for note in found.notes)


def test_a_feed_s_teaser_is_no_article() -> None:
    assert fate(html(EMPTY), announced=entry(summary="The bridge is open again.")) == "no_article"


def test_a_home_page_is_an_index_whatever_it_shows() -> None:
    assert fate(html(), url="https://daily.example/") == "index_page"


def test_a_list_of_teasers_is_an_index() -> None:
    cards = "".join(
        f'<article><h3><a href="/n/{n}">Story number {n} has a headline of some length here</a></h3></article>'
        for n in range(30)
    )
    listing = f'<html lang="en"><head><title>City</title></head><body><main>{cards}</main></body></html>'
    assert fate(listing, url="https://daily.example/city") == "index_page"


@pytest.mark.parametrize(
    ("text", "url", "kind"),
    [
        (html(), URL, "article"),
        (
            html(head='<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"H"}</script>'),
            URL,
            "live_blog",
        ),
        (html(title="Live updates: bridge reopens after two years"), URL, "live_blog"),
        (html(), "https://daily.example/news/live/bridge-123", "live_blog"),
        (html(head='<script type="application/ld+json">{"@type":"ImageGallery","name":"H"}</script>'), URL, "gallery"),
        (html(), "https://daily.example/photos/bridge-123", "gallery"),
        (html(head='<meta property="og:type" content="video.other">'), URL, "video"),
        (html(), "https://daily.example/video/bridge-123", "video"),
    ],
)
def test_kinds_are_recognised(text: str, url: str, kind: str) -> None:
    assert read(text, url=url).kind == kind


def test_a_live_blog_keeps_all_its_posts() -> None:
    posts = [
        f"At {hour}:00 the mayor said that the {n}th lane was open and that buses were running on time."
        for n, hour in enumerate(range(8, 20))
    ]
    body = "".join(
        f'<div class="live-post"><time>{n}:00</time><div class="post-body"><p>{post}</p></div></div>'
        for n, post in enumerate(posts)
    )
    found = read(html(body, title="Live: bridge reopens"), url="https://daily.example/live/bridge")
    assert found.kind == "live_blog"
    assert all(post in found.content_text for post in posts)


def test_an_empty_body_is_dropped_not_crashed_on() -> None:
    for text in ("<html></html>", "<", "<!doctype html>", "<html><body></body></html>", "<p>"):
        assert fate(text) in {"no_article", "not_html"}


def test_the_page_itself_is_not_changed() -> None:
    given = page(html())
    before = given.body
    read(given.body)
    assert given.body == before
