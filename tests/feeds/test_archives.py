"""Sitemaps and lists of URLs: the same entries as a feed gives, from further back."""

import gzip
from datetime import UTC, datetime

import pytest

from pipeline.archives.sitemap import parse_sitemap
from pipeline.archives.urllist import entries_of
from pipeline.errors import Reject

URL = "https://example.com/sitemap.xml"
NS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def urlset(*locations: str) -> bytes:
    return f"<urlset {NS}>{''.join(f'<url>{one}</url>' for one in locations)}</urlset>".encode()


def test_a_urlset_gives_entries_with_the_time_of_their_last_change() -> None:
    found = parse_sitemap(
        urlset("<loc> https://www.example.com/a?utm_source=x </loc><lastmod>2026-05-01T10:00:00+02:00</lastmod>"),
        url=URL,
    )
    (entry,) = found.entries
    assert (found.kind, entry.key, entry.url) == ("urlset", "example.com/a", "https://www.example.com/a")
    assert (entry.date_published, entry.date_modified) == (None, datetime(2026, 5, 1, 8, tzinfo=UTC))
    assert (entry.via, entry.backfill) == ("sitemap", True)


def test_a_news_sitemap_gives_title_language_and_publication_date() -> None:
    body = (
        b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        b"<url><loc>https://example.com/a</loc><n:news><n:publication><n:name>H</n:name><n:language>ku</n:language></n:publication>"
        b"<n:publication_date>2026-05-01</n:publication_date><n:title>T</n:title></n:news></url></urlset>"
    )
    (entry,) = parse_sitemap(body, url=URL).entries
    assert (entry.title, entry.language, entry.date_published) == ("T", "ku", datetime(2026, 5, 1, tzinfo=UTC))
    assert entry.date_quality == "day_only"


def test_an_index_gives_its_children_and_when_they_changed() -> None:
    body = f"<sitemapindex {NS}><sitemap><loc>/s1.xml.gz</loc><lastmod>2026-05-01</lastmod></sitemap><sitemap><loc>https://example.com/s2.xml</loc></sitemap></sitemapindex>"
    found = parse_sitemap(gzip.compress(body.encode()), url=URL)
    assert found.children == ("https://example.com/s1.xml.gz", "https://example.com/s2.xml")
    assert found.children_modified == (datetime(2026, 5, 1, tzinfo=UTC), None)
    assert (found.kind, found.entries) == ("index", ())


def test_a_plain_list_of_urls_is_a_sitemap() -> None:
    found = parse_sitemap(b"\xef\xbb\xbfhttps://example.com/a\r\nhttps://example.com/b\nnot a url\n", url=URL)
    assert ([entry.key for entry in found.entries], found.dropped) == (["example.com/a", "example.com/b"], 1)


def test_a_broken_sitemap_gives_what_can_be_read_and_says_so() -> None:
    body = urlset(
        "<loc>https://example.com/a?x=1&y=2</loc>", "<loc>https://example.com/b</loc>", "<lastmod>2026</lastmod>"
    )
    found = parse_sitemap(body, url=URL)
    assert [entry.key for entry in found.entries][-1] == "example.com/b"
    cut = parse_sitemap(
        gzip.compress(urlset(*(f"<loc>https://example.com/{i}</loc>" for i in range(5000))))[:-5000], url=URL
    )
    assert 0 < len(cut.entries) < 5000


def test_a_sitemap_has_at_most_fifty_thousand_entries_and_the_rest_is_counted() -> None:
    found = parse_sitemap(urlset(*(f"<loc>https://example.com/{i}</loc>" for i in range(50_010))), url=URL)
    assert (len(found.entries), found.dropped) == (50_000, 10)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"", "empty_document"),
        (b"<!DOCTYPE html><html><body>404", "html_not_feed"),
        (b"<rss/>", "not_a_feed"),
        (b"\x1f\x8bjunk", "not_a_feed"),
    ],
)
def test_an_error_page_is_no_empty_sitemap(body: bytes, slug: str) -> None:
    with pytest.raises(Reject) as refused:
        parse_sitemap(body, url=URL)
    assert refused.value.slug == slug


def test_a_gzip_bomb_is_cut_at_the_limit() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 80_000_000)
    assert parse_sitemap(bomb, url=URL).entries == ()


def test_entities_of_a_sitemap_are_not_expanded() -> None:
    body = b"<!DOCTYPE urlset [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>https://example.com/&x;</loc></url></urlset>"
    assert all("root" not in entry.url for entry in parse_sitemap(body, url=URL).entries)


def test_a_list_names_each_article_once_and_says_which_lines_name_none() -> None:
    entries, refused = entries_of(
        [
            "# comment",
            "",
            "https://example.com/a",
            "http://www.example.com/a/",
            "ftp://example.com/b",
            '{"url": "https://example.com/c", "title": "C", "published": "2026-05-01", "language": "en"}',
            "{broken",
        ]
    )
    assert [entry.key for entry in entries] == ["example.com/a", "example.com/c"]
    assert (entries[1].title, entries[1].date_published) == ("C", datetime(2026, 5, 1, tzinfo=UTC))
    assert [line.partition(":")[0] for line in refused] == ["line 5", "line 7"]
