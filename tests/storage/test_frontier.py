"""The frontier: what was announced, what is due, who gets a turn, and what became of it."""

from collections import Counter
from datetime import timedelta

import pytest

from storage import Store, host_of
from storage.records import EntryFate


def announce(store, entries, now):
    with store.transaction() as tx:
        return tx.frontier.announce(entries, now)


def settle(store, *fates):
    with store.transaction() as tx:
        for fate in fates:
            tx.frontier.settle(fate)


def done(entry):
    return EntryFate(key=entry.key, fate="done", slug="stored", article_id="art-1")


def test_what_an_announcement_can_be(store, make, clock):
    """new the first time, known while nothing changes, edited when its revision changes in the same feed."""
    entry = make.entry(1)
    assert announce(store, [entry, entry], clock()) == ["new", "known"]
    edited = make.entry(1, revision_hash="r2", title="T2")
    assert announce(store, [edited], clock()) == ["edited"]
    assert announce(store, [edited], clock()) == ["known"]
    assert [entry.title for entry in store.frontier.claim(clock(), 9)] == ["T2"]


def test_another_feed_only_adds_itself(store, make, clock):
    """The same entry through another feed is known there, whatever its revision, and both feeds are remembered."""
    announce(store, [make.entry(1)], clock())
    assert announce(store, [make.entry(1, feed="https://b.example/feed", revision_hash="other")], clock()) == ["known"]
    assert store.frontier.feeds_of(make.entry(1).key) == ["https://a.example/feed", "https://b.example/feed"]


def test_an_alias_is_the_same_entry(store, make, clock):
    """An entry is found under every key that it was ever announced with."""
    announce(store, [make.entry(1, aliases=("guid:1",))], clock())
    assert announce(store, [make.entry(1, key="guid:1", feed="f2")], clock()) == ["known"]
    assert announce(store, [make.entry(1, key="third", aliases=("guid:1",), feed="f3")], clock()) == ["known"]
    assert set(store.frontier.known(["guid:1", "third", "unknown"])) == {"guid:1", "third"}
    assert store.frontier.feeds_of("third") == ["https://a.example/feed", "f2", "f3"]


def test_an_entry_is_handed_out_once(store, make, clock):
    """A claimed entry is not given again until it is settled, released or the process dies."""
    announce(store, [make.entry(1), make.entry(2)], clock())
    assert len(store.frontier.claim(clock(), 9)) == 2
    assert store.frontier.claim(clock(), 9) == []
    assert store.frontier.next_due() is None
    with store.transaction() as tx:
        tx.frontier.release()
    assert len(store.frontier.claim(clock(), 9)) == 2
    store.close()
    with Store.open(store.layout.data, clock=clock) as again:
        assert len(again.frontier.claim(clock(), 9)) == 2


def test_fates_are_kept_with_their_reason(store, make, clock):
    """done is over; retry comes back with one more attempt, not before its time; dropped and rejected can be listed."""
    entries = [make.entry(n) for n in range(1, 5)]
    announce(store, entries, clock())
    store.frontier.claim(clock(), 9, per_host=9)
    later = clock() + timedelta(minutes=5)
    settle(
        store,
        done(entries[0]),
        EntryFate(key=entries[1].key, fate="retry", slug="timeout", retry_at=later),
        EntryFate(key=entries[2].key, fate="dropped", slug="paywall", detail="teaser"),
        EntryFate(key=entries[3].key, fate="rejected", slug="too_large"),
    )
    assert store.frontier.counts() == {
        "retry": {"timeout": 1}, "done": {"stored": 1}, "dropped": {"paywall": 1}, "rejected": {"too_large": 1}
    }  # fmt: skip
    assert [(known.key, known.detail) for known in store.history.fates("paywall")] == [(entries[2].key, "teaser")]
    assert store.frontier.claim(clock(), 9) == []
    assert store.frontier.next_due() == later
    assert [entry.attempts for entry in store.frontier.claim(later, 9)] == [1]
    assert store.frontier.known([entries[0].key])[entries[0].key].article_id == "art-1"


def test_a_retry_that_is_not_counted_costs_no_attempt(store, make, clock):
    """A retry with ``counted=False`` waits like any other, and the entry keeps its attempts."""
    entry = make.entry(1)
    announce(store, [entry], clock())
    store.frontier.claim(clock(), 1)
    later = clock() + timedelta(minutes=5)
    settle(store, EntryFate(key=entry.key, fate="retry", slug="offline", retry_at=later, counted=False))
    assert store.frontier.claim(clock(), 1) == []
    assert [entry.attempts for entry in store.frontier.claim(later, 1)] == [0]
    settle(store, EntryFate(key=entry.key, fate="retry", slug="timeout", retry_at=later))
    assert [entry.attempts for entry in store.frontier.claim(later, 1)] == [1]


def test_an_edit_that_overtakes_its_fetch_is_not_lost(store, make, clock):
    """If the announcement changes while the old one is in hand, settling the old one leaves the entry due."""
    entry = make.entry(1)
    announce(store, [entry], clock())
    store.frontier.claim(clock(), 1)
    assert announce(store, [make.entry(1, revision_hash="r2")], clock()) == ["edited"]
    settle(store, done(entry))
    assert [claimed.revision_hash for claimed in store.frontier.claim(clock(), 1)] == ["r2"]
    settle(store, done(entry))
    assert store.frontier.claim(clock(), 1) == []


def test_a_claim_ends_on_the_host_where_it_began(store, make, clock):
    """An entry whose link moves to another host while it is in hand holds its place there, once, and then frees it."""
    for number in range(4):
        entry = make.entry(number, url=f"http://a.example/{number}")
        announce(store, [entry], clock())
        assert len(store.frontier.claim(clock(), 9, per_host=2)) == 1
        moved = make.entry(number, key=entry.key, url=f"https://a.example/{number}", revision_hash="r2")
        assert announce(store, [moved], clock()) == ["edited"]
        assert store.frontier.claim(clock(), 9, per_host=2) == []
        settle(store, done(entry))
        assert [claimed.url for claimed in store.frontier.claim(clock(), 9, per_host=2)] == [moved.url]
        settle(store, done(entry))
    announce(store, [make.entry(n, url=f"http://a.example/{n}") for n in (98, 99)], clock())
    assert len(store.frontier.claim(clock(), 9, per_host=2)) == 2


def test_a_live_announcement_is_not_settled_by_the_archive_fetch_it_replaced(store, make, clock):
    """What a feed announces while an archive's copy is in hand stays due, at once and with all its attempts."""
    old = make.entry(1, feed=None, backfill=True, archived=True, archive_url="http://archive.example/1")
    announce(store, [old], clock())
    store.frontier.claim(clock(), 1)
    settle(store, EntryFate(key=old.key, fate="retry", slug="timeout", retry_at=clock()))
    assert [entry.attempts for entry in store.frontier.claim(clock(), 1)] == [1]
    live = make.entry(1)
    take_over(store, live, clock())
    settle(store, EntryFate(key=old.key, fate="rejected", slug="server_error"))
    assert store.frontier.counts() == {"pending": {"": 1}}
    assert store.frontier.claim(clock(), 1) == [live]


def test_new_bounds_outlive_the_fetch_under_the_old_ones(store, make, clock):
    """A backfill's entry in hand that another backfill asks for again is looked at again; its attempts stay counted."""
    old = make.entry(1, backfill=True, until=clock())
    announce(store, [old], clock())
    store.frontier.claim(clock(), 1)
    settle(store, EntryFate(key=old.key, fate="retry", slug="timeout", retry_at=clock()))
    store.frontier.claim(clock(), 1)
    new = make.entry(1, backfill=True, until=clock() + timedelta(days=1))
    take_over(store, new, clock())
    settle(store, EntryFate(key=old.key, fate="dropped", slug="out_of_range"))
    again = store.frontier.claim(clock(), 1)
    assert [(entry.until, entry.attempts) for entry in again] == [(new.until, 1)]


def test_a_live_announcement_does_not_wait_for_the_archive(store, make, clock):
    """A retry that waits for an archive does not hold back what a feed announces."""
    old = make.entry(1, feed=None, backfill=True)
    announce(store, [old], clock())
    store.frontier.claim(clock(), 1)
    settle(store, EntryFate(key=old.key, fate="retry", slug="timeout", retry_at=clock() + timedelta(hours=9)))
    take_over(store, make.entry(1), clock())
    assert store.frontier.claim(clock(), 1) == [make.entry(1)]


def take_over(store, entry, now):
    with store.transaction() as tx:
        assert tx.frontier.announce([entry], now) == ["known"]
        tx.frontier.take_over(entry)


def test_a_rolled_back_settlement_keeps_the_claim(store, make, clock):
    """Claims open with the commit, not with the call."""
    entry = make.entry(1)
    announce(store, [entry], clock())
    store.frontier.claim(clock(), 1)

    def fail():
        with store.transaction() as tx:
            tx.frontier.settle(done(entry))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.frontier.claim(clock(), 1) == []
    assert store.frontier.counts() == {"pending": {"": 1}}


def test_settling_the_unknown_is_a_mistake(store, make):
    """A fate needs an announcement."""
    with pytest.raises(LookupError):
        settle(store, done(make.entry(1)))


def test_hosts_take_turns(store, make, clock):
    """One host with a thousand entries does not keep others waiting, and in hand it has at most ``per_host``."""
    crowd = [make.entry(n, host="big.example") for n in range(1000)]
    others = [make.entry(1, host=f"h{n:02}.example") for n in range(20)]
    announce(store, crowd + others, clock())
    claimed = store.frontier.claim(clock(), 30, per_host=3)
    hosts = Counter(host_of(entry.url) for entry in claimed)
    assert hosts == {"big.example:443": 3, **{f"h{n:02}.example:443": 1 for n in range(20)}}
    assert store.frontier.claim(clock(), 30, per_host=3) == []


def test_many_hosts_are_served_in_turn(store, make, clock):
    """With more due hosts than places, every host has its turn before any has a second."""
    announce(store, [make.entry(n, host=f"h{h:03}.example") for h in range(300) for n in range(2)], clock())
    first = [store.frontier.claim(clock(), 60, per_host=1) for _ in range(5)]
    hosts = [host_of(entry.url) for batch in first for entry in batch]
    assert len(hosts) == len(set(hosts)) == 300


def test_busy_hosts_are_passed_over(store, make, clock):
    """A closed gate costs no other host its turn."""
    announce(store, [make.entry(1, host="a.example"), make.entry(1, host="b.example")], clock())
    assert [entry.url for entry in store.frontier.claim(clock(), 9, busy_hosts={"a.example:443"})] == [
        "https://b.example/1"
    ]


def test_live_news_go_before_backfill(store, make, clock):
    """A backlog of a hundred archive entries does not delay what was announced just now."""
    announce(store, [make.entry(n, backfill=True) for n in range(100)], clock())
    announce(store, [make.entry(100)], clock())
    assert store.frontier.claim(clock(), 1)[0].url == "https://a.example/100"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.Example/x", "a.example:443"),
        ("http://a.example/x", "a.example:80"),
        ("http://user@a.example:8080/x", "a.example:8080"),
        ("http://[::1]:81/", "::1:81"),
    ],
)
def test_host_of(url, host):
    """Name and port, lower case, without credentials."""
    assert host_of(url) == host
