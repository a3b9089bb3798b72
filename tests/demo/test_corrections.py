"""The second state: one article corrected, one late copy, and nothing else announced anew."""

import feedparser

from pipeline.demo.expected import read_expected

LEDGER = "http://harbour-ledger.example/feed/atom.xml"
HERALD = "http://lakeside-herald.example/feed/"


def test_only_the_feeds_of_the_correction_and_of_the_late_copy_change(web, corrected, get):
    changed = {feed.url for feed in web.feeds if get(web, feed.url).body != get(corrected, feed.url).body}
    assert changed == {LEDGER, HERALD}


def test_the_feed_moves_updated_and_headline_of_the_corrected_entry_alone(web, corrected, get):
    before, after = ({e.id: e for e in feedparser.parse(get(state, LEDGER).body).entries} for state in (web, corrected))
    assert before.keys() == after.keys()
    moved = {key for key in before if before[key].updated != after[key].updated}
    assert [after[key].link for key in moved] == [corrected.urls[key] for key in read_expected().revised]
    (entry,) = moved
    assert before[entry].published == after[entry].published
    assert "340" in before[entry].title
    assert "430" in after[entry].title


def test_the_corrected_page_says_so_and_answers_an_old_validator_in_full(web, corrected, get):
    (key,) = read_expected().revised
    old = get(web, web.urls[key])
    new = get(corrected, corrected.urls[key], If_None_Match=old.headers["etag"])
    assert new.status == 200
    assert b"Correction: An earlier version of this article" in new.body
    assert "430 people" in corrected.text(key)
    assert "340" not in corrected.text(key)


def test_a_late_copy_is_not_there_before(web, corrected, get):
    (key,) = corrected.urls.keys() - web.urls.keys()
    assert get(web, corrected.urls[key]).status == 404
    assert get(corrected, corrected.urls[key]).status == 200
