"""Feed documents: every format, bytes in, whatever state they are in."""

import json
import pickle
from datetime import UTC, datetime

import pytest

from pipeline.errors import Reject
from pipeline.records import ParsedFeed
from pipeline.stages.discover import parse_feed

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
URL = "https://example.com/feed.xml"


def parse(body: str | bytes, *, content_type: str = "application/xml", url: str = URL) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(data, url=url, headers={"content-type": content_type}, fetched_at=NOW)


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>The North Herald</title><link>https://example.com/</link><language>en_us</language>
<atom:link rel="self" href="https://example.com/feed.xml"/><atom:link rel="next" href="/feed.xml?paged=2"/>
<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<item><title>Bridge &amp;amp; tunnel &lt;b&gt;closed&lt;/b&gt;</title><link>http://feeds.example.net/~r/herald/1</link>
<feedburner:origLink>https://www.example.com/news/bridge?utm_source=rss</feedburner:origLink>
<guid isPermaLink="false">https://example.com/?p=17</guid><pubDate>Sun, 10 May 2026 10:00:00 +0200</pubDate>
<dc:creator>Ada Vale</dc:creator><author>desk@example.com (Bo Reed)</author><category>Local</category>
<source url="https://agency.example.org/rss">Example Agency</source>
<description>&lt;p&gt;The bridge is &lt;em&gt;closed&lt;/em&gt;.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>The bridge is closed & so is the tunnel.</p>]]></content:encoded>
<media:content url="/img/bridge.jpg" medium="image"/></item>
<item><title>Rain</title><link>/news/rain</link><guid>n-2</guid></item>
</channel></rss>"""


def test_an_rss_item_becomes_an_entry_with_every_field() -> None:
    feed = parse(RSS)
    assert (feed.format, feed.parser, feed.title, feed.language) == ("rss20", "lxml", "The North Herald", "en-US")
    assert feed.site_url == "https://example.com/"
    assert feed.next_archive == "https://example.com/feed.xml?paged=2"
    assert (feed.hints.ttl_s, feed.hints.update_period_s) == (1800, 1800)
    assert (feed.hints.skip_hours, feed.hints.skip_days) == ((0, 3), (6,))
    first, second = feed.entries
    assert (first.key, first.url) == ("example.com/news/bridge", "https://www.example.com/news/bridge")
    assert first.aliases == ("feeds.example.net/~r/herald/1", "example.com?p=17")
    assert first.title == "Bridge & tunnel closed"
    assert first.summary == "The bridge is closed."
    assert first.content_html == "<p>The bridge is closed & so is the tunnel.</p>"
    assert first.authors == ("Ada Vale", "Bo Reed")
    assert (first.credit, first.credit_url) == ("Example Agency", "https://agency.example.org/rss")
    assert first.image == "https://example.com/img/bridge.jpg"
    assert first.date_published == datetime(2026, 5, 10, 8, tzinfo=UTC)
    assert first.date_published_raw == "Sun, 10 May 2026 10:00:00 +0200"
    assert (first.entry_id, first.tags, first.language) == ("https://example.com/?p=17", ("Local",), "en-US")
    assert (second.key, second.date_quality, second.aliases) == ("example.com/news/rain", "absent", ())


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.com/blog/" xml:lang="de">
<title type="html">A &amp;amp; B</title><link href="/"/><link rel="prev-archive" href="2026-04.atom"/>
<entry><title type="text">Is 1 &lt; 2?</title><id>tag:example.com,2026:1</id>
<link rel="self" href="1.atom"/><link rel="alternate" type="text/html" href="1.html"/>
<updated>2026-05-09T10:00:00Z</updated><author><name>Ada</name><email>a@example.com</email></author>
<category term="x" label="News"/><summary>short</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Yes &amp; no.</p></div></content></entry>
<entry><id>https://example.com/blog/2</id><published>2026-05-08T10:00:00+03:00</published></entry></feed>"""


def test_atom_links_ids_bases_and_dates() -> None:
    feed = parse(ATOM)
    first, second = feed.entries
    assert (feed.format, feed.title, feed.next_archive) == ("atom10", "A & B", "https://example.com/blog/2026-04.atom")
    assert (first.title, first.url) == ("Is 1 < 2?", "https://example.com/blog/1.html")
    assert first.aliases == ("guid:tag:example.com,2026:1",)
    assert first.content_html == "<div><p>Yes &amp; no.</p></div>"
    assert (first.date_published, first.date_quality) == (datetime(2026, 5, 9, 10, tzinfo=UTC), "updated")
    assert (first.authors, first.tags, first.language) == (("Ada",), ("News",), "de")
    assert (second.key, second.date_published) == ("example.com/blog/2", datetime(2026, 5, 8, 7, tzinfo=UTC))


def test_json_feed() -> None:
    feed = parse(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "J",
                "home_page_url": "https://example.com",
                "next_url": "https://example.com/feed.json?p=2",
                "items": [
                    {
                        "id": 7,
                        "url": "/a",
                        "content_text": "1 < 2",
                        "authors": [{"name": "Ada"}],
                        "date_published": "2026-05-01T00:00:00Z",
                    },
                    {"id": "https://example.com/b", "title": "B", "content_html": "<p>b</p>"},
                    {"title": "nothing to hold it by"},
                ],
            }
        ),
        content_type="application/feed+json",
    )
    assert (feed.format, feed.next_archive, feed.dropped) == ("json11", "https://example.com/feed.json?p=2", 1)
    assert [entry.key for entry in feed.entries] == ["example.com/a", "example.com/b"]
    assert (feed.entries[0].content_html, feed.entries[0].authors) == ("1 &lt; 2", ("Ada",))


def test_rdf() -> None:
    feed = parse(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.com/"><title>R</title><link>https://example.com/</link></channel>
        <item rdf:about="https://example.com/1"><title>One</title><dc:date>2026-05-01T09:00+09:00</dc:date>
        <dc:source>Kyodo</dc:source></item></rdf:RDF>"""
    )
    (entry,) = feed.entries
    assert (feed.format, feed.site_url) == ("rss10", "https://example.com/")
    assert (entry.key, entry.credit, entry.date_published) == (
        "example.com/1",
        "Kyodo",
        datetime(2026, 5, 1, tzinfo=UTC),
    )


def test_a_news_sitemap_is_a_feed_and_a_plain_sitemap_is_not() -> None:
    news = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
    xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>https://example.com/1</loc><lastmod>2026-05-10</lastmod>
    <news:news><news:publication><news:name>Herald</news:name><news:language>ar</news:language></news:publication>
    <news:publication_date>2026-05-10T09:00:00+03:00</news:publication_date><news:title>One</news:title>
    <news:keywords>a, b</news:keywords></news:news><image:image><image:loc>https://example.com/1.jpg</image:loc></image:image>
    </url></urlset>"""
    feed = parse(news)
    (entry,) = feed.entries
    assert (feed.format, feed.title, entry.title, entry.language) == ("news_sitemap", "Herald", "One", "ar")
    assert entry.date_published == datetime(2026, 5, 10, 6, tzinfo=UTC)
    assert (entry.tags, entry.image) == (("a", "b"), "https://example.com/1.jpg")
    with pytest.raises(Reject, match="a sitemap without news"):
        parse(
            "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://example.com/1</loc></url></urlset>"
        )


def items(count: int, extra: str = "") -> str:
    return "".join(
        f"<item><title>Item {i}{extra}</title><link>https://example.com/{i}</link><guid>https://example.com/{i}</guid></item>"
        for i in range(count)
    )


def rss(inner: str) -> str:
    return f"<rss version='2.0'><channel><title>T</title><link>https://example.com/</link>{inner}</channel></rss>"


TEN = rss(items(10))
BROKEN = {
    "vertical tab": (rss(items(10, "\x0b")).encode(), 10),
    "NUL": (rss(items(10, "\0")).encode(), 10),
    "undefined entity": (rss(items(10, "&nbsp;&eacute;&unheard;")).encode(), 10),
    "leading whitespace": (b"\n \n<?xml version='1.0'?>" + TEN.encode(), 10),
    "trailing junk": (TEN.encode() + b"<!-- 0.2s --><script>x()</script> done", 10),
    "cp1252 in utf-8": (rss(items(10, " \xe9")).encode("cp1252") + "<!--é-->".encode(), 10),
    "undeclared namespace": (rss(items(10, "</title><media:thumbnail url='x'/><title>")).encode(), 10),
    "BOM and whitespace": (b"\xef\xbb\xbf \r\n" + TEN.encode(), 10),
    "double declaration": (b"<?xml version='1.0'?><?xml version='1.0'?>" + TEN.encode(), 10),
    "bare ampersand": (rss(items(10, " A & B &c")).encode(), 10),
    "PHP warning": (
        b"<br />\n<b>Warning</b>: x() in <b>/y.php</b> on line 3<br />\n<?xml version='1.0'?>" + TEN.encode(),
        10,
    ),
    "unclosed title": (TEN.replace("<title>Item 3</title>", "<title>Item 3").encode(), 10),
    "truncated": (TEN.encode()[: int(len(TEN) * 0.6)], 5),
    "utf-16 with BOM": (TEN.encode("utf-16"), 10),
    "utf-16 without BOM": (TEN.encode("utf-16-le"), 10),
    "utf-16 label on utf-8": (b"<?xml version='1.0' encoding='utf-16'?>" + TEN.encode(), 10),
    "a DOCTYPE": (
        b"<!DOCTYPE rss SYSTEM 'http://x/rss.dtd' [<!ENTITY ccedil 'C'>]>" + rss(items(10, "&ccedil;")).encode(),
        10,
    ),
    "inside a page": (b"<!DOCTYPE html><html><body>" + TEN.encode() + b"</body></html>", 10),
    "inside <pre>": (
        b"<html><body><pre>" + TEN.replace("<", "&lt;").replace(">", "&gt;").encode() + b"</pre></body></html>",
        10,
    ),
    "an element outside the channel": (
        TEN.replace("</channel>", "").replace("</rss>", "</channel></rss>").encode(),
        10,
    ),
    "upper case": (TEN.replace("item>", "ITEM>").replace("link>", "LINK>").encode(), 10),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("content_type", ["application/rss+xml", "text/html; charset=iso-8859-1", "text/plain"])
def test_a_broken_document_gives_its_items(case: str, content_type: str) -> None:
    body, count = BROKEN[case]
    feed = parse(body, content_type=content_type)
    assert len(feed.entries) == count
    assert [entry.url for entry in feed.entries[:3]] == [f"https://example.com/{i}" for i in range(3)]


def test_what_was_mended_is_said() -> None:
    assert "truncated" in parse(BROKEN["truncated"][0]).warnings
    assert "malformed" in parse(BROKEN["bare ampersand"][0]).warnings
    assert "inside_html" in parse(BROKEN["inside a page"][0]).warnings
    assert "encoding_guessed" in parse(BROKEN["cp1252 in utf-8"][0]).warnings
    assert parse(TEN).warnings == ()


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"", "empty_document"),
        (b" \n\0 ", "empty_document"),
        (b"<!DOCTYPE html><html><head><title>Subscribe</title></head><body>x</body></html>", "html_not_feed"),
        (b"<!-- x --><HTML><p>hello", "html_not_feed"),
        (b"hello", "not_a_feed"),
        (b"{}", "not_a_feed"),
        (b'{"items": "x"}', "not_a_feed"),
        (b"[" * 100_000, "not_a_feed"),
        (b"<opml version='2.0'><body/></opml>", "not_a_feed"),
        (b"<sitemapindex><sitemap><loc>https://example.com/s.xml</loc></sitemap></sitemapindex>", "not_a_feed"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_feed"),
    ],
)
def test_what_is_no_feed_is_rejected_with_a_reason(body: bytes, slug: str) -> None:
    with pytest.raises(Reject) as refused:
        parse(body)
    assert refused.value.slug == slug


def test_a_feed_without_items_is_a_feed() -> None:
    assert parse(rss("")).entries == ()


def test_a_result_crosses_a_process_boundary() -> None:
    feed = parse(RSS)
    assert pickle.loads(pickle.dumps(feed)) == feed


@pytest.mark.parametrize("case", BROKEN)
def test_what_can_be_mended_is_read_strictly(case: str) -> None:
    """feedparser is the last resort: it guesses, where a repair knows."""
    assert parse(BROKEN[case][0]).parser == "lxml"


def dated(date: str, built: str, count: int = 6) -> ParsedFeed:
    inner = "".join(f"<item><link>https://example.com/{i}</link><pubDate>{date}</pubDate></item>" for i in range(count))
    return parse(rss(f"<lastBuildDate>{built}</lastBuildDate>{inner}"))


def test_the_time_of_making_the_file_is_no_date_of_its_items() -> None:
    made, then = "Sun, 10 May 2026 11:58:00 GMT", "Fri, 08 May 2026 09:00:00 GMT"
    assert {(entry.date_published, entry.date_quality) for entry in dated(made, made).entries} == {(None, "constant")}
    assert {entry.date_quality for entry in dated(then, then).entries} == {"constant"}
    assert {entry.date_quality for entry in dated(then, made).entries} == {None}
    assert {entry.date_quality for entry in dated(made, made, count=3).entries} == {None}


@pytest.mark.parametrize(
    ("source", "credit"),
    [
        ("<source url='https://agency.example.org/rss'>Agency</source>", ("Agency", "https://agency.example.org/rss")),
        ("<source url='https://www.example.com/other.xml'>Our other feed</source>", (None, None)),
        ("<source>T</source>", (None, None)),
        ("<source url='javascript:x'>Agency</source>", ("Agency", None)),
    ],
)
def test_a_feed_that_names_itself_credits_nobody(source: str, credit: tuple[str | None, str | None]) -> None:
    (entry,) = parse(rss(f"<item><link>https://example.com/1</link>{source}</item>")).entries
    assert (entry.credit, entry.credit_url) == credit


def test_a_second_name_that_two_articles_share_names_neither() -> None:
    same_page = "<item><link>https://example.com/{0}</link><guid>https://example.com/list#{0}</guid></item>"
    crossed = "<item><link>https://example.com/a</link><guid>https://example.com/b</guid></item><item><link>https://example.com/b</link><guid>x</guid></item>"
    for inner in ("".join(same_page.format(i) for i in (7, 3, 5)), crossed):
        assert [entry.aliases for entry in parse(rss(inner)).entries] == [()] * inner.count("<item>")
