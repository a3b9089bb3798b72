"""OPML: a list survives the round trip, and other programs' lists are read however they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.opml import read_opml, write_opml
from pipeline.settings import FeedSettings

NAMES = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).map(
    str.strip
).filter(bool)
FEEDS = st.builds(
    FeedSettings,
    url=st.text(st.sampled_from("abc/?&=%\"'<é"), max_size=20).map("https://example.com/".__add__),
    name=NAMES,
    interval_minutes=st.none() | st.integers(1, 10_000).map(float),
    http2=st.booleans(),
    full_text=st.booleans(),
)


@given(st.lists(FEEDS, max_size=8, unique_by=lambda feed: feed.url))
def test_what_is_written_is_read_back(feeds: list[FeedSettings]) -> None:
    expected = [feed if feed.name and " ".join(feed.name.split()) == feed.name else None for feed in feeds]
    read = read_opml(write_opml(feeds))
    assert [feed.url for feed in read] == [feed.url for feed in feeds]
    for one, original in zip(read, expected, strict=True):
        assert original is None or one == original


def test_headers_do_not_leave_the_house() -> None:
    assert "secret" not in write_opml([FeedSettings(url="https://example.com/", headers={"authorization": "secret"})])


LISTS = {
    "folders, flattened": "<opml version='2.0'><body><outline text='News'><outline text='A' xmlUrl='https://a.example/f'/></outline>"
    "<outline text='B' xmlUrl='https://b.example/f'/></body></opml>",
    "upper case": "<OPML><BODY><OUTLINE TEXT='A' XMLURL='https://a.example/f'/><OUTLINE TEXT='B' XMLURL='https://b.example/f'/></BODY></OPML>",
    "title in place of text": "<opml><body><outline title='A' xmlUrl='https://a.example/f'/><outline title='B' xmlurl='https://b.example/f'/></body></opml>",
    "bare ampersands": "<opml><head><title>R & D</title></head><body><outline text='A' xmlUrl='https://a.example/f'/>"
    "<outline text='B' xmlUrl='https://b.example/f'/></body></opml>",
    "cut off": "<opml><body><outline text='A' xmlUrl='https://a.example/f'/><outline text='B' xmlUrl='https://b.example/f'/>",
    "feed: scheme": "<opml><body><outline text='A' xmlUrl='feed:https://a.example/f'/><outline text='B' xmlUrl='feed:https://b.example/f'/></body></opml>",
    "a declaration of another encoding": "<?xml version='1.0' encoding='ISO-8859-1'?><opml><body><outline text='A' xmlUrl='https://a.example/f'/>"
    "<outline text='B' xmlUrl='https://b.example/f'/></body></opml>",
    "repeated, commented, with lists of lists": "<opml><!-- x --><body><outline text='A' xmlUrl='https://a.example/f'/><outline text='A2' xmlUrl='https://a.example/f'/>"
    "<outline type='include' url='https://c.example/l.opml'/><outline text='B' xmlUrl='https://b.example/f'/><outline text='A3' xmlUrl='https://a.example/f'/></body></opml>",
}


@pytest.mark.parametrize("case", LISTS)
def test_lists_of_other_programs_are_read(case: str) -> None:
    feeds = read_opml(LISTS[case])
    assert [(feed.url, feed.name) for feed in feeds] == [("https://a.example/f", "A"), ("https://b.example/f", "B")]


@pytest.mark.parametrize("text", ["<rss/>", "https://example.com/list.opml", "", "{}", "<!DOCTYPE html><html></html>"])
def test_what_is_no_list_is_refused_and_nothing_is_fetched(text: str) -> None:
    with pytest.raises(ValueError, match="expected an <opml> document"):
        read_opml(text)


def test_an_entity_bomb_is_no_list_of_feeds() -> None:
    bomb = "<!DOCTYPE opml [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]><opml><body><outline text='&b;' xmlUrl='https://a.example/'/></body></opml>"
    assert len(str(read_opml(bomb))) < 1000
