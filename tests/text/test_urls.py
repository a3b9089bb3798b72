"""URLs: what may be fetched stays fetchable, what announces the same article has the same key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import urls

ONE_ARTICLE = [
    "https://example.com/news/a-story",
    "http://example.com/news/a-story",
    "https://www.example.com/news/a-story/",
    "https://EXAMPLE.com:443/news/a-story",
    "http://example.com:80/news/a-story",
    "https://user:secret@example.com/news/a-story",
    "https://m.example.com/news/a-story",
    "https://example.com/news/a-story#comments",
    "https://example.com/news//a-story?utm_source=rss&utm_medium=feed",
    "https://example.com/news/a-story?fbclid=IwAR0x&gclid=abc",
    "https://example.com/news/a-story?from=rss",
    "https://example.com/news/a-story?PHPSESSID=0123456789abcdef0123456789abcdef",
    "https://example.com/news/a-story;jsessionid=0A1B2C3D4E5F?sid=0a1b2c3d4e5f60718293",
    "https://example.com/news/a-story?a=1&amp;utm_source=x".replace("a=1&amp;", "amp;"),
    "https://example.com/news/a%2Dstory",
    "https://example.com/old/../news/./a-story",
    "https://example.com/news/a-story/index.html",
    "https://example.com/news/a-story/amp/",
    "https://example.com/amp/news/a-story",
    "https://amp.example.com/news/a-story",
    "https://example.com/news/a-story?amp=1",
    "https://example.com/news/a-story?outputType=amp",
    "https://www.google.com/amp/s/www.example.com/news/a-story",
    "https://example-com.cdn.ampproject.org/c/s/example.com/news/a-story/amp/",
    "https://www.google.com/url?rct=j&sa=t&url=https://example.com/news/a-story&ct=ga&cd=CAIyG",
    "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2fexample.com%2fnews%2fa-story&c=1",
    "//example.com/news/a-story",
    "  https://example.com/news/\na-story  ",
]


@pytest.mark.parametrize("url", ONE_ARTICLE)
def test_all_forms_of_one_article_have_one_key(url: str) -> None:
    assert urls.url_key(url) == "example.com/news/a-story"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://example.com/article.php?sid=12345", "https://example.com/article.php?sid=12346"),
        ("https://example.com/a?id=1&page=2", "https://example.com/a?id=1"),
        ("https://example.com/A", "https://example.com/a"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
        ("https://example.com:8080/a", "https://example.com/a"),
        ("https://a.example.com/a", "https://b.example.com/a"),
        ("https://example.com/#!/a", "https://example.com/#!/b"),
        ("https://example.com/?feed=rss2", "https://example.com/"),
        ("https://example.com/?ref=42", "https://example.com/?ref=43"),
        ("https://example.com/amp", "https://example.com/amplifier"),
    ],
)
def test_what_chooses_a_document_stays_in_the_key(one: str, other: str) -> None:
    assert urls.url_key(one) != urls.url_key(other)


def test_a_host_in_unicode_and_in_punycode_is_one_host() -> None:
    assert urls.url_key("https://müller.example/straße") == urls.url_key("http://xn--mller-kva.example/stra%c3%9fe")
    assert urls.host_of("https://MÜLLER.example./") == "xn--mller-kva.example"


def test_normalise_keeps_a_fetchable_url_and_touches_only_what_cannot_matter() -> None:
    signed = "https://cdn.example.com/a?z=1&Signature=a%2Bb%3D&a=2&utm_source=x"
    assert urls.normalise(signed) == "https://cdn.example.com/a?z=1&Signature=a%2Bb%3D&a=2"
    assert (
        urls.normalise("HTTPS://user:p@WWW.Example.COM:443/Ä b/?q=a b#top")
        == "https://www.example.com/%C3%84%20b/?q=a%20b"
    )
    assert urls.normalise("http://example.com:443") == "http://example.com:443/"
    assert urls.normalise("https://example.com/#!/story/1") == "https://example.com/#!/story/1"
    assert urls.normalise(" mailto:a@b.c ") == "mailto:a@b.c"


def test_a_feeds_own_address_is_not_mistaken_for_tracking() -> None:
    for url in (
        "https://example.com/?feed=rss2",
        "https://example.com/?rss=1",
        "https://example.com/news?output=rss&q=x",
    ):
        assert urls.normalise(url) == url


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.com:8443/x", "www.example.com:8443"),
        ("http://example.com:80", "example.com"),
        ("http://[::1]:8000/", "[::1]:8000"),
        ("not a url", ""),
        ("http://example.com:99999/", ""),
        ("http://[bad/", ""),
    ],
)
def test_host_of(url: str, host: str) -> None:
    assert urls.host_of(url) == host


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://edition.cnn.com/", "cnn.com"),
        ("https://somebody.blogspot.com/2020/", "somebody.blogspot.com"),
        ("http://127.0.0.1:8000/a", "127.0.0.1:8000"),
        ("http://[::1]:8000/a", "[::1]:8000"),
        ("http://localhost:8000/a", "localhost:8000"),
        ("http://north-herald.localhost:8000/a", "north-herald.localhost:8000"),
        ("http://intranet/a", "intranet"),
        ("http://co.uk/a", "co.uk"),
        ("https://rudaw.net:8443/x", "rudaw.net"),
    ],
)
def test_the_site_is_the_registrable_domain_or_else_host_and_port(url: str, site: str) -> None:
    assert urls.site_of(url) == site


@pytest.mark.parametrize(
    ("href", "joined"),
    [
        ("/a", "https://example.com/a"),
        ("b", "https://example.com/x/b"),
        ("//cdn.example.org/a", "https://cdn.example.org/a"),
        ("www.other.example/a", "https://www.other.example/a"),
        ("http://o.example/a\n ", "http://o.example/a"),
        ("http://[bad", "http://[bad"),
    ],
)
def test_join_understands_what_feeds_write(href: str, joined: str) -> None:
    assert urls.join("https://example.com/x/y", href) == joined


def test_an_article_id_is_stable_and_short() -> None:
    assert urls.article_id("example.com/news/a-story") == "a-d3js6dhmc3qpoofa"
    assert urls.article_id("x") != urls.article_id("y")


def test_only_absolute_http_urls_of_bearable_length_are_http() -> None:
    assert urls.is_http("http://example.com")
    for bad in (
        "ftp://example.com",
        "javascript:alert(1)",
        "/a",
        "http://",
        "https:///a",
        "http://" + "a" * 5000,
        "http://[x/",
    ):
        assert not urls.is_http(bad)


def test_home_pages_are_told_from_documents() -> None:
    assert urls.is_home_page("https://www.example.com/index.html?utm_source=rss#top")
    assert not urls.is_home_page("https://www.example.com/?p=1")


WILD = st.text(st.sampled_from('abm.AMP/%2eF?&=;:#!+ws-_~ äж\\"<>[]@08'), max_size=60)


@given(WILD.map("http://example.com/".__add__) | WILD.map("http://".__add__) | WILD)
def test_no_text_breaks_the_functions_and_a_key_is_its_own_key(text: str) -> None:
    key = urls.url_key(text)
    assert urls.url_key(key) == key
    normal = urls.normalise(text)
    assert urls.normalise(normal) == normal
    assert urls.article_id(key).startswith("a-")
    urls.host_of(text)
    urls.site_of(text)
    urls.is_http(urls.join("http://example.com/", text))


PLAIN = st.text(st.sampled_from("am/.-_~Aindexhtlw"), max_size=40)


@given(PLAIN, PLAIN, st.sampled_from(["http://", "https://"]))
def test_the_short_cut_for_plain_links_gives_the_same_key(host: str, path: str, scheme: str) -> None:
    url = f"{scheme}{host}/{path}"
    assert urls.url_key(url) == urls._full_key(url)


@given(WILD.map("https://example.com/".__add__))
def test_the_normal_form_announces_the_same_article(url: str) -> None:
    assert urls.url_key(urls.normalise(url)) == urls.url_key(url)
