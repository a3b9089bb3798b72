"""Feeds out: RFC 4287, JSON Feed 1.1 and OPML, by their own rules and by the reader that we use."""

import re

import feedparser
import pytest
from lxml import etree

from pipeline.opml import read_opml

pytestmark = pytest.mark.xdist_group("serve")

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FEED_ORDER = {"author", "category", "entry", "generator", "id", "link", "subtitle", "title", "updated"}


@pytest.mark.parametrize(
    "filters", ["", "?q=river", "?source=harbour-ledger.example", "?language=ckb", "?q=nothingatall"]
)
def test_atom_holds_to_the_rfc(server, filters):
    answer = server.get(f"/stories.atom{filters}")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    assert {child.tag.removeprefix(ATOM) for child in feed} <= FEED_ORDER
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert RFC3339.fullmatch(element.findtext(f"{ATOM}updated"))
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        alternates = element.findall(f"{ATOM}link[@rel='alternate']")
        assert len({(link.get("type"), link.get("hreflang")) for link in alternates}) == len(alternates) == 1
    selves = feed.findall(f"{ATOM}link[@rel='self']")
    assert [link.get("href") for link in selves] == [f"{server.base}/stories.atom{filters}"]
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == min(50, server.json(f"/api/v1/stories{filters}")["total"])


def test_an_entry_names_every_version(server, told):
    feed = etree.fromstring(server.get("/stories.atom").content)
    entry = next(one for one in feed.iter(f"{ATOM}entry") if one.findtext(f"{ATOM}id").endswith(told["story_id"]))
    links = {link.get("href") for link in entry.findall(f"{ATOM}link") if link.get("rel") in {"related", "via"}}
    assert links == {version["url"] for version in told["versions"]}


def test_our_own_reader_reads_it(server):
    found = feedparser.parse(server.get("/stories.atom").content)
    assert not found.bozo
    assert found.version == "atom10"
    assert len(found.entries) == server.json("/api/v1/stories")["total"]


def test_json_feed_holds_to_its_version(server, told):
    answer = server.get("/stories.json")
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{server.base}/stories.json"
    for item in feed["items"]:
        assert item["id"]
        assert item["content_text"]
        assert RFC3339.fullmatch(item["date_published"])
        assert RFC3339.fullmatch(item["date_modified"])
        assert all(author["name"] for author in item["authors"])
        assert {key for key in item if key.startswith("_")} == {"_wirefold"}
    item = next(one for one in feed["items"] if one["id"].endswith(told["story_id"]))
    assert [version["url"] for version in item["_wirefold"]["versions"]]


def test_opml_gives_the_feeds_back(server):
    answer = server.get("/feeds.opml")
    listed = {feed["url"] for feed in server.json("/api/v1/feeds")["feeds"]}
    assert {feed.url for feed in read_opml(answer.content)} == listed
