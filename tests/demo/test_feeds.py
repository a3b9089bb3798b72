"""Every feed says what the site has, in its own format."""

import json

import feedparser
import pytest
import trafilatura

from pipeline.demo.expected import read_expected
from pipeline.demo.library import load_publishers
from pipeline.demo.site import target_of
from pipeline.settings import ExtractSettings

FEEDS = {publisher.origin + feed.path: (publisher, feed) for publisher in load_publishers() for feed in publisher.feeds}
VERSIONS = {"rss20": "rss20", "rss10": "rss10", "atom10": "atom10"}


def entries(body: bytes, kind: str) -> list[tuple[str, str, str]]:
    """(link, title, published) of each item, read by feedparser, or as JSON."""
    if kind == "json11":
        document = json.loads(body)
        assert document["version"] == "https://jsonfeed.org/version/1.1"
        return [(i["url"], i["title"], i["date_published"]) for i in document["items"]]
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    assert parsed.version == VERSIONS[kind]
    return [(e.link, e.title, e.get("published") or e.get("updated")) for e in parsed.entries]


@pytest.mark.parametrize("url", FEEDS)
def test_a_feed_announces_each_article_of_its_sections_and_each_extra_once(web, get, url):
    publisher, feed = FEEDS[url]
    found = entries(get(web, url).body, feed.format)
    own = [a for key, a in web._web.articles.items() if key.startswith(publisher.id + "/")]
    wanted = {a.url for a in own if not feed.sections or a.section in feed.sections}
    if not feed.sections:
        wanted |= {publisher.origin + extra.path for extra in publisher.extras}
    links = [publisher.origin + target_of(link.removeprefix(publisher.origin)) for link, _, _ in found]
    assert len(links) == len(wanted)
    assert set(links) == wanted
    assert all(title and published for _, title, published in found)


def test_all_four_formats_are_there(web):
    assert {feed.format for _, feed in FEEDS.values()} == {"rss20", "rss10", "atom10", "json11"}
    assert {feed.url for feed in web.feeds} == set(FEEDS)
    expected = read_expected()
    assert (len(load_publishers()), len(web.feeds)) == (expected.publishers, expected.feeds)


def test_one_article_is_announced_by_two_feeds_of_one_site(web, get):
    nrv = [url for url in FEEDS if url.startswith("http://nrv-news.example/")]
    announced = [{link for link, _, _ in entries(get(web, url).body, "rss20")} for url in nrv]
    assert announced[0] & announced[1] == {web.urls["nrv-news/joint-clearance"]}


def test_one_site_hangs_tracking_parameters_on_its_links(web, get):
    links = [link for link, _, _ in entries(get(web, "http://valley-tribune.example/feeds/latest.rss").body, "rss20")]
    assert all("utm_source=rss" in link for link in links)


def test_extras_are_what_expected_says_they_are(web, get):
    answers = {drop.slug: get(web, drop.url) for drop in read_expected().drops}
    assert answers["not_html"].headers["content-type"] == "application/pdf"
    assert answers["not_html"].body.startswith(b"%PDF-1.4")
    assert answers["not_found"].status == 404
    for slug in ("no_article", "script_only"):
        assert answers[slug].status == 200
        assert len((trafilatura.extract(answers[slug].body.decode()) or "").split()) < ExtractSettings().min_words
    robots = get(web, "http://valley-tribune.example/robots.txt").body.decode()
    forbidden = next(drop.url for drop in read_expected().drops if drop.slug == "robots_disallowed")
    assert any(
        forbidden.startswith("http://valley-tribune.example" + line.removeprefix("Disallow: "))
        for line in robots.splitlines()
        if line.startswith("Disallow: /")
    )
