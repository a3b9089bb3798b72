"""Title, authors, dates, names and addresses: where each comes from, and what is not believed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.extract.making import TITLE, URL, entry, html, read


def ld(**fields: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, **fields}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize(
    "head",
    ['<meta property="og:title" content="{0} - Daily Example">', ld(), '<meta name="twitter:title" content="{0}">', ""],
)
def test_the_title_stands_without_the_site_s_name(head: str) -> None:
    assert read(html(head=head.replace("{0}", TITLE))).title == TITLE


@pytest.mark.parametrize("junk", ["Daily Example", "Home", "404", "Just a moment...", "News"])
def test_a_junk_headline_gives_way(junk: str) -> None:
    text = html(
        title=junk,
        head=f'<meta property="og:site_name" content="Daily Example"><meta property="og:title" content="{junk}">',
    )
    assert read(text, announced=entry(title=TITLE)).title == TITLE


def test_a_logo_in_h1_is_not_the_title() -> None:
    text = html(head=f'<meta property="og:title" content="{TITLE}">').replace(
        '<a class="logo"', "<h1>The Example Morning</h1><a"
    )
    assert read(text).title == TITLE


def test_entities_are_resolved_once_and_twice() -> None:
    assert (
        read(html(title="Dogs &amp;amp; cats cross the old river bridge"), announced=None).title
        == "Dogs & cats cross the old river bridge"
    )


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"author": {"@type": "Person", "name": "Jane Doe"}}, ["Jane Doe"]),
        (
            {"author": [{"@type": "Person", "name": "Jane Doe"}, {"@type": "Person", "name": "Karim Saleh"}]},
            ["Jane Doe", "Karim Saleh"],
        ),
        ({"author": "By Jane Doe and Karim Saleh"}, ["Jane Doe", "Karim Saleh"]),
        ({"author": {"@type": "Person", "name": "Jane Doe, Associated Press"}}, ["Jane Doe"]),
        ({"author": {"@type": "Person", "name": "JANE DOE, AP Sports Writer"}}, ["Jane Doe"]),
        (
            {
                "author": {"@type": "Organization", "name": "Daily Example"},
                "publisher": {"@type": "Organization", "name": "Daily Example"},
            },
            [],
        ),
        ({"author": {"@type": "Person", "name": "admin"}}, []),
        ({"author": {"@type": "Person", "name": "https://daily.example/jane"}}, []),
    ],
)
def test_authors_are_persons(fields: dict[str, Any], names: list[str]) -> None:
    assert [author.name for author in read(html(head=ld(**fields))).authors] == names


@pytest.mark.parametrize(
    ("byline", "name"),
    [("By Jane Doe", "Jane Doe"), ("Von Jan Muster", "Jan Muster"), ("Par Anne Petit", "Anne Petit"), ("بقلم: كريم صالح", "كريم صالح"),
     ("Posted by Jane Doe", "Jane Doe"), ("作者：王小明", "王小明")],
)  # fmt: skip
def test_a_visible_byline_serves_where_nothing_is_declared(byline: str, name: str) -> None:
    found = read(html(before=f'<div class="byline">{byline}</div>'))
    assert [author.name for author in found.authors] == [name]


DAY = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "raw"),
    [
        (ld(datePublished="2026-03-09T11:30:00+03:00"), "2026-03-09T11:30:00+03:00"),
        ('<meta property="article:published_time" content="2026-03-09T08:30:00Z">', "2026-03-09T08:30:00Z"),
        ('<meta name="date" content="2026-03-09 08:30:00 UTC">', "2026-03-09 08:30:00 UTC"),
        ('<meta name="pubdate" content="Mon, 09 Mar 2026 09:30:00 +0100">', "Mon, 09 Mar 2026 09:30:00 +0100"),
        ('<meta name="dc.date.issued" content="2026-03-09T03:30:00-0500">', "2026-03-09T03:30:00-0500"),
        ('<meta name="ptime" content="20260309083000">', "20260309083000"),
        ('<meta name="publishdate" content="1773045000">', "1773045000"),
    ],
)
def test_the_page_s_date_keeps_its_zone_and_its_words(head: str, raw: str) -> None:
    found = read(html(head=head))
    assert (found.date_published, found.date_published_raw, found.date_published_from) == (DAY, raw, "page")


def test_the_feed_s_date_is_taken_where_the_page_agrees_within_36_hours() -> None:
    announced = entry(date_published=DAY, date_published_raw="Mon, 09 Mar 2026 08:30:00 GMT")
    found = read(html(head=ld(datePublished="2026-03-09")), announced=announced)
    assert (found.date_published, found.date_published_from) == (DAY, "feed")
    assert found.date_published_raw == "Mon, 09 Mar 2026 08:30:00 GMT"


def test_the_page_s_date_is_taken_where_the_feed_is_far_from_it() -> None:
    announced = entry(
        date_published=datetime(2026, 3, 1, tzinfo=UTC), date_published_raw="Sun, 01 Mar 2026 00:00:00 GMT"
    )
    found = read(html(head=ld(datePublished="2026-03-09T08:30:00Z")), announced=announced)
    assert (found.date_published, found.date_published_from) == (DAY, "page")


def test_the_url_dates_an_article_that_says_nothing() -> None:
    found = read(html(), url=URL)
    assert (found.date_published, found.date_published_from) == (datetime(2026, 3, 9, tzinfo=UTC), "url")


def test_a_date_is_not_invented() -> None:
    found = read(html(), url="https://daily.example/city/bridge-reopens-after-repairs")
    assert (found.date_published, found.date_published_from) == (None, "none")


@pytest.mark.parametrize(
    "text", ["2030-01-01T00:00:00Z", "0001-01-01T00:00:00", "1970-01-01T00:00:00Z", "2026-02-31", "today", ""]
)
def test_an_impossible_date_is_not_believed(text: str) -> None:
    found = read(html(head=ld(datePublished=text)), url="https://daily.example/city/bridge")
    assert found.date_published is None


def test_modified_is_told_apart_from_published() -> None:
    found = read(html(head=ld(datePublished="2026-03-09T08:30:00Z", dateModified="2026-03-09T10:00:00Z")))
    assert found.date_modified == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("href", "canonical"),
    [
        (URL, URL),
        ("/2026/03/09/bridge-reopens", URL),
        ("https://daily.example/", None),
        ("https://elsewhere.example/story", None),
        ("javascript:void(0)", None),
    ],
)
def test_only_a_credible_canonical_is_kept(href: str, canonical: str | None) -> None:
    assert read(html(head=f'<link rel="canonical" href="{href}">')).canonical_url == canonical


def test_small_facts_are_read_from_what_publishers_declare() -> None:
    head = (
        '<meta property="og:site_name" content="Daily Example"><meta property="article:section" content="City">'
        '<meta property="article:tag" content="bridges"><meta property="article:tag" content="floods">'
        '<meta property="og:image" content="/img/bridge.jpg"><meta property="og:description" content="Two winters later.">'
    )
    found = read(html(head=head))
    assert (found.site_name, found.section, found.tags) == ("Daily Example", "City", ("bridges", "floods"))
    assert (found.image, found.summary) == ("https://daily.example/img/bridge.jpg", "Two winters later.")


@pytest.mark.parametrize(
    "broken",
    ['{{"@type":"NewsArticle","headline":"{0}","author":{{"name":"Jane Doe"}},}}', '<!-- {{"@type":"NewsArticle","headline":"{0}","author":{{"name":"Jane Doe"}}}} -->',
     '{{"@type":"NewsArticle","headline":"{0}","description":"two\nlines","author":{{"name":"Jane Doe"}}}}',
     '{{"@graph":[{{"@type":"WebSite","name":"X"}},{{"@type":["Article","NewsArticle"],"headline":"{0}","author":[{{"name":"Jane Doe"}}]}}]}}'],
)  # fmt: skip
def test_json_as_it_stands_in_pages_is_read(broken: str) -> None:
    found = read(html(head=f'<script type="application/ld+json">{broken.format(TITLE)}</script>'))
    assert [author.name for author in found.authors] == ["Jane Doe"]


def test_microdata_serves_where_there_is_no_json() -> None:
    before = '<span itemprop="author">Jane Doe</span><time itemprop="datePublished" datetime="2026-03-09T08:30:00Z">today</time>'
    found = read(html(before=before))
    assert [author.name for author in found.authors] == ["Jane Doe"]
    assert found.date_published == DAY


@pytest.mark.parametrize(
    ("declared", "language"), [("en", "en"), ("en-GB", "en-GB"), ("en_US", "en-US"), ("de", "en"), ("", "en")]
)
def test_a_declared_language_is_kept_if_the_text_confirms_it(declared: str, language: str) -> None:
    assert read(html(lang=declared or None)).language == language
