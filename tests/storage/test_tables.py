"""Every table gives back what was put in."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.records import Anomaly, Boilerplate, Feed, HostState, PairLink, Poll
from storage.tables.grouping import _signed


def test_feeds_by_due(store, make):
    """Never polled feeds first, then by due time; inactive ones never; a feed is replaced by its URL."""
    feeds = [
        Feed(url="new"),
        Feed(url="late", next_due=make.START + timedelta(hours=1)),
        Feed(url="due", next_due=make.START, headers={"A": "b"}),
        Feed(url="off", next_due=make.START, active=False),
    ]
    with store.transaction() as tx:
        for feed in feeds:
            tx.feeds.put(feed)
    assert store.feeds.due(make.START, 9) == [feeds[0], feeds[2]]
    assert store.feeds.due(make.START, 1) == [feeds[0]]
    assert store.feeds.get("due") == feeds[2]
    with store.transaction() as tx:
        tx.feeds.put(replace(feeds[0], next_due=make.START + timedelta(minutes=1)))
        tx.feeds.remove("due")
    assert store.feeds.next_due() == make.START + timedelta(minutes=1)
    assert [feed.url for feed in store.feeds.all()] == ["late", "new", "off"]


def test_articles_as_they_are_now(store, make):
    """A revision replaces its predecessor; story and feeds follow without a line; keys lead to the id."""
    make.publish(store, 1, 1)
    revised = make.article(1, revision=2, text="other words", date_modified=make.START)
    with store.transaction() as tx:
        assert tx.articles.put(revised, ["k2"]) == 3
        tx.articles.announced_by("art-1", "https://b.example/feed")
        tx.articles.announced_by("unknown", "https://b.example/feed")
        tx.articles.move(["art-1"], "story-9")
        assert tx.published == {"articles": 1, "stories": 0}
    expected = replace(revised, story_id="story-9", feeds=("https://a.example/feed", "https://b.example/feed"))
    assert store.articles.get("art-1") == expected
    assert list(store.articles.current()) == [expected]
    assert store.articles.resolve(["k2", "https://a.example/1", "?"]) == {"k2": "art-1", "https://a.example/1": "art-1"}
    head = store.articles.head("art-1")
    assert (head.revision, head.seq, head.content_hash, head.story_id) == (2, 3, revised.content_hash, "story-9")
    assert (head.feeds, head.date_first_seen, head.text_hash) == (expected.feeds, revised.date_first_seen, None)
    assert store.articles.get("unknown") is store.articles.head("unknown") is None


def test_story_ids_stay_resolvable(store, make):
    """Through chains of merges every old id leads to the living story; members follow."""
    make.publish(store, 1, 3)
    with store.transaction() as tx:
        tx.stories.put(make.story(2, members=("art-1", "art-2"), merged_from=("story-1",), change="merged"))
    with store.transaction() as tx:
        tx.stories.put(make.story(3, members=("art-1", "art-2", "art-3"), merged_from=("story-2",), change="merged"))
    assert {store.stories.resolve(f"story-{n}") for n in (1, 2, 3)} == {"story-3"}
    assert store.stories.get("story-1") == store.stories.of("art-2") == next(store.stories.current())
    assert store.stories.count() == 1
    with store.transaction() as tx:
        tx.stories.put(make.story(1, change="split"))
    assert store.stories.resolve("story-1") == "story-1"
    assert store.stories.of("art-1").story_id == "story-1"
    assert store.stories.resolve("never seen") == "never seen"


def test_fingerprints_in_the_order_of_arrival(store, make):
    """live gives what a restart re-inserts, in the order in which it first came; a new arrival replaces the old."""
    with store.transaction() as tx:
        for number, arrival in ((1, 3), (2, 1), (3, 2)):
            tx.fingerprints.put(make.fingerprint(number, arrival=arrival))
        tx.fingerprints.put(make.fingerprint(2, arrival=4))
        tx.fingerprints.move(["art-1"], "story-2")
    assert [f.article_id for f in store.fingerprints.live(make.START)] == ["art-3", "art-1", "art-2"]
    assert [f.article_id for f in store.fingerprints.live(make.START + timedelta(minutes=3))] == ["art-3"]
    assert store.fingerprints.members("story-2") == ["art-1", "art-2"]
    assert store.fingerprints.get(["art-3", "?"]) == {"art-3": make.fingerprint(3, arrival=2)}
    assert store.fingerprints.last_arrival() == 4
    with store.transaction() as tx:
        tx.fingerprints.drop("art-2")
    assert store.fingerprints.last_arrival() == 4
    assert store.fingerprints.members("story-2") == ["art-1"]


def test_links_by_either_end(store):
    """A pair is found from both articles, once."""

    def link(a, b):
        return PairLink(
            a=a, b=b, relation="near", similarity=0.5, a_in_b=0.6, b_in_a=0.7, shared=40, rule="r", channel="c"
        )

    with store.transaction() as tx:
        tx.fingerprints.put_links([link("2", "1"), link("3", "2"), link("4", "3")])
        tx.fingerprints.put_links([link("3", "2")])
    assert store.fingerprints.links(["2", "3"]) == [link("2", "1"), link("3", "2"), link("4", "3")]
    assert store.fingerprints.links(["1"]) == [link("2", "1")]
    with store.transaction() as tx:
        tx.fingerprints.drop_links("2")
    assert store.fingerprints.links(["1", "2", "3"]) == [link("4", "3")]


@given(st.integers(0, 2**64 - 1))
def test_paragraph_hashes_survive_signed_columns(paragraph):
    """Every unsigned 64-bit hash comes back."""
    assert -(2**63) <= _signed(paragraph) < 2**63
    assert _signed(paragraph) % 2**64 == paragraph


def test_boilerplate_by_site(store):
    """Paragraph histories are per site."""
    rows = [
        Boilerplate(site=site, paragraph=paragraph, articles=3, first_day="2026-03-01", last_day="2026-03-02", words=9)
        for site, paragraph in (("a", 1), ("a", 2**64 - 1), ("b", 1))
    ]
    with store.transaction() as tx:
        tx.boilerplate.put(rows)
        tx.boilerplate.put([replace(rows[0], articles=4)])
    assert store.boilerplate.get("a", [1, 5, 2**64 - 1]) == {1: replace(rows[0], articles=4), 2**64 - 1: rows[1]}
    assert len(store.boilerplate.site("a")) == 2


def test_hosts_checkpoints_and_history(store, make):
    """Small things by name; thirty polls a feed."""
    state = HostState(host="a.example:443", closed_until=make.START, robots_body="x" * 5000)
    polls = [
        Poll(feed_url="f", at=make.START, outcome="ok", status=200, duration=timedelta(seconds=n), bytes_read=1, entries=1, new=0)
        for n in range(40)
    ]  # fmt: skip
    anomaly = Anomaly(at=make.START, subject="f", slug="truncated", detail="d")
    with store.transaction() as tx:
        tx.hosts.put(state)
        for name in ("backfill/a", "backfill/b", "other"):
            tx.checkpoints.put(name, name.encode())
        tx.checkpoints.drop("backfill/b")
        for poll in polls:
            tx.history.poll(poll)
        tx.history.anomaly(anomaly)
    assert store.hosts.get("a.example:443") == state
    assert store.hosts.all() == [state]
    assert store.checkpoints.all("backfill/") == {"backfill/a": b"backfill/a"}
    assert store.checkpoints.get("other") == b"other"
    assert store.checkpoints.get("backfill/b") is None
    assert store.history.polls("f") == polls[:-31:-1]
    assert list(store.history.anomalies()) == [anomaly]
