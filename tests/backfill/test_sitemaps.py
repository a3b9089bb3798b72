"""Sitemaps: indexes, gzip, robots.txt, bounds by ``lastmod``, broken children, huge ones."""

import gzip
import itertools
from dataclasses import replace
from datetime import timedelta

from tests.backfill.publisher import MISSING, POSTS, Answer, Hurried, announce, newest, published, waiting

NS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def urlset(publisher, numbers, *, dated=True):
    stated = (f"<lastmod>{published(n).isoformat()}</lastmod>" if dated else "" for n in numbers)
    urls = "".join(f"<url><loc>{publisher.url(n)}</loc>{date}</url>" for n, date in zip(numbers, stated, strict=True))
    return Answer(f"<urlset {NS}>{urls}</urlset>".encode(), "application/xml")


def index(publisher, children):
    """``children``: path → lastmod or None."""
    dates = {path: f"<lastmod>{when.isoformat()}</lastmod>" if when else "" for path, when in children.items()}
    found = "".join(f"<sitemap><loc>{publisher.origin}{path}</loc>{dates[path]}</sitemap>" for path in children)
    return Answer(f"<sitemapindex {NS}>{found}</sitemapindex>".encode(), "application/xml")


def archive(publisher, parts=3):
    """An index, gzipped, of ``parts`` children that share the posts; one more is a web page."""
    numbers = newest(publisher)
    children = {}
    for part in range(parts):
        mine = numbers[part::parts]
        children[f"/s/{part}.xml.gz"] = published(max(mine))
        body = gzip.compress(urlset(publisher, mine).body)
        publisher.routes[f"/s/{part}.xml.gz"] = lambda query, body=body: Answer(body, "application/gzip")
    children["/s/page.xml"] = None
    publisher.routes["/s/page.xml"] = lambda query: Answer(b"<!doctype html><html><body>Not here</body></html>")
    body = gzip.compress(index(publisher, children).body)
    publisher.routes["/sitemap.xml.gz"] = lambda query: Answer(body, "application/x-gzip")
    return publisher.origin + "/sitemap.xml.gz"


def test_an_index_is_walked_and_a_child_that_is_a_page_is_told(publisher, settings, tmp_path):
    summary = announce(settings, tmp_path, sitemaps=(archive(publisher),))
    assert waiting(tmp_path) == POSTS
    assert [problem.split(": ")[1] for problem in summary.problems] == ["html_not_feed"]
    [source] = summary.sources.values()
    assert (source.found, source.new, source.ended) == (POSTS, POSTS, True)


def test_lastmod_keeps_out_what_lies_outside_the_bounds_and_children_that_are_older(publisher, settings, tmp_path):
    pages = {"/old.xml": range(1, 101), "/new.xml": range(101, 201)}
    for path, numbers in pages.items():
        publisher.routes[path] = lambda query, numbers=numbers: urlset(publisher, list(numbers))
    publisher.routes["/i.xml"] = lambda query: index(publisher, {p: published(n[-1]) for p, n in pages.items()})
    request = {"since": published(131), "until": published(141)}
    summary = announce(settings, tmp_path, sitemaps=(publisher.origin + "/i.xml",), **request)
    [source] = summary.sources.values()
    assert (source.found, source.passed, source.new) == (100, 90, 10)
    assert "/old.xml" not in publisher.asked


def test_a_whole_day_in_lastmod_meets_bounds_within_it(publisher, settings, tmp_path):
    day = published(10).replace(hour=0)
    url = f"<url><loc>{publisher.url(10)}</loc><lastmod>{day:%Y-%m-%d}</lastmod></url>"
    publisher.routes["/s.xml"] = lambda query: Answer(f"<urlset {NS}>{url}</urlset>".encode(), "application/xml")
    announce(settings, tmp_path, sitemaps=(publisher.origin + "/s.xml",), since=day + timedelta(hours=5))
    assert waiting(tmp_path) == 1


def test_a_sites_own_address_stands_for_what_its_robots_txt_names(publisher, settings, tmp_path):
    publisher.posts = 20
    publisher.routes["/robots.txt"] = lambda query: Answer(
        b"User-agent: *\nDisallow:\n\nSitemap: /a.xml\nsitemap:" + publisher.origin.encode() + b"/b.xml\n", "text/plain"
    )
    publisher.routes["/a.xml"] = lambda query: urlset(publisher, newest(publisher)[:15])
    publisher.routes["/b.xml"] = lambda query: urlset(publisher, newest(publisher)[10:])
    announce(settings, tmp_path, sitemaps=(publisher.origin + "/",))
    assert waiting(tmp_path) == 20


def test_a_site_without_robots_txt_is_looked_at_in_the_usual_places(publisher, settings, tmp_path):
    publisher.posts = 20
    publisher.routes["/wp-sitemap.xml"] = lambda query: urlset(publisher, newest(publisher))
    announce(settings, tmp_path, sitemaps=(publisher.origin,))
    assert waiting(tmp_path) == 20


def test_indexes_that_name_each_other_are_read_once_each(publisher, settings, tmp_path):
    publisher.posts = 20
    children = {"/i.xml": None, "/j.xml": None, "/s.xml": None}
    publisher.routes["/i.xml"] = publisher.routes["/j.xml"] = lambda query: index(publisher, children)
    publisher.routes["/s.xml"] = lambda query: urlset(publisher, newest(publisher))
    announce(settings, tmp_path, sitemaps=(publisher.origin + "/i.xml",))
    assert sorted(publisher.asked) == ["/i.xml", "/j.xml", "/s.xml"]
    assert waiting(tmp_path) == 20


def test_a_child_that_fails_for_now_is_left_for_the_next_run_alone(publisher, settings, tmp_path):
    url, asked = archive(publisher), itertools.count()
    good = publisher.routes["/s/1.xml.gz"]
    publisher.routes["/s/1.xml.gz"] = lambda query: good(query) if next(asked) >= 4 else Answer(b"", status=500)
    hurried = replace(settings, archives=replace(settings.archives, patience_s=10.0))
    first = announce(hurried, tmp_path, clock=Hurried(), sitemaps=(url,))
    assert 0 < waiting(tmp_path) < POSTS
    assert not next(iter(first.sources.values())).ended
    publisher.asked.clear()
    second = announce(hurried, tmp_path, clock=Hurried(), sitemaps=(url,))
    assert (waiting(tmp_path), publisher.asked) == (POSTS, ["/s/1.xml.gz"])
    assert next(iter(second.sources.values())).ended


def test_a_sitemap_that_is_gone_is_a_problem_and_no_crash(publisher, settings, tmp_path):
    publisher.routes["/s.xml"] = lambda query: MISSING
    summary = announce(settings, tmp_path, sitemaps=(publisher.origin + "/s.xml",))
    assert summary.problems == [f"{publisher.origin}/s.xml: not_found: HTTP 404"]
