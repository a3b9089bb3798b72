"""Half an emoji, wherever a broken page or feed leaves one, costs that character alone: never the record, never the run."""

import dataclasses
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Reader, Store, codec
from storage.records import (
    Anomaly,
    Author,
    Boilerplate,
    Credit,
    Dateline,
    EntryFate,
    Feed,
    HostState,
    PairLink,
    Poll,
    Source,
    Validators,
)

LONE, KEPT = "x\ud83d", "x\ufffd"
broken = st.text(
    st.characters(min_codepoint=0xD7FE, max_codepoint=0xE001) | st.sampled_from("a\x00é\ufeff😀"), max_size=8
)


def dirty(record, *names):
    """The record with a lone surrogate at the end of every text of its own (or of those named)."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return replace(
        record, **{k: v + "\ud83d" for k, v in values.items() if isinstance(v, str) and k in (names or values)}
    )


def clean(value):
    if isinstance(value, str):
        return value.replace("\ud83d", "\ufffd")
    if isinstance(value, tuple):
        return tuple(clean(item) for item in value)
    if dataclasses.is_dataclass(value):
        return replace(value, **{field.name: clean(getattr(value, field.name)) for field in fields(value)})
    return value


@given(broken)
def test_text_loses_nothing_else(text):
    """What SQLite and UTF-8 cannot carry is replaced, everything else stays, and doing it twice changes nothing."""
    stored = codec.text(text)
    stored.encode()
    assert codec.text(stored) == stored
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # two halves that meet are whole
    assert stored == whole


@given(broken, broken)
def test_a_line_is_made_of_any_record(make, title, tag):
    """A published line is the line of the same record with U+FFFD."""
    made = make.article(1, title=title, tags=(tag,))
    read = codec.article(codec.line(1, "article", make.START, made))
    assert (read.title, read.tags) == (codec.text(title), (codec.text(tag),))
    assert codec.key_hash(title) == codec.key_hash(codec.text(title))


def test_an_entry_goes_through_the_frontier(store, make, clock):
    """Announced, claimed, settled by the key that was handed out, and found by the one that was announced."""
    entry = replace(
        dirty(make.entry(1, url="https://a.example/1", via="feed"), "key", "url", "feed_url", "entry_id", "title")
    )
    entry = replace(entry, aliases=("guid" + LONE,), url="https://a" + LONE + ".example/1")
    for expected in ("new", "known"):
        with store.transaction() as tx:
            assert tx.frontier.announce([entry], clock()) == [expected]
            tx.frontier.take_over(entry)
    (claimed,) = store.frontier.claim(clock(), 9)
    assert claimed == clean(entry)
    for fate in ("retry", "rejected"):
        with store.transaction() as tx:
            tx.frontier.settle(
                EntryFate(key=claimed.key, fate=fate, slug="s" + LONE, detail=LONE, article_id=LONE, retry_at=clock())
            )
    assert set(store.frontier.known([entry.key, "guid" + LONE])) == {entry.key, "guid" + LONE}
    assert store.frontier.feeds_of(entry.key) == [clean(entry.feed_url)]
    assert [(known.key, known.detail) for known in store.history.fates("s" + LONE)] == [(claimed.key, KEPT)]
    with store.transaction() as tx:
        tx.frontier.reopen(entry, clock())
        tx.frontier.forget(LONE)


def test_what_is_published(store, make, options, clock):
    """Articles and stories are published, found again by what they were stored under, and recovered with the same bytes."""
    article = make.article(
        1, id=LONE, story_id="s" + LONE, title=LONE, language=LONE, source=Source(name=LONE, domain=LONE), feeds=(LONE,),
        authors=(Author(name=LONE),), credits=(Credit(role="agency", name=LONE, text=LONE),), content_hash=LONE,
        dateline=Dateline(place=LONE, date=None, agency=None),
    )  # fmt: skip
    story = make.story(1, story_id="s" + LONE, members=(LONE,), merged_from=("old" + LONE,), title=LONE)
    with store.transaction() as tx:
        tx.articles.put(article, ["k" + LONE])
        tx.articles.announced_by(LONE, "feed" + LONE)
        tx.articles.announced_by(LONE, "feed" + LONE)
        tx.articles.alias(LONE, ["l" + LONE])
        tx.stories.put(story)
    expected = replace(clean(article), feeds=(KEPT, "feed" + KEPT))
    assert store.articles.get(LONE) == store.articles.get(KEPT) == expected
    assert store.articles.resolve(["k" + LONE, "l" + LONE]) == {"k" + LONE: KEPT, "l" + LONE: KEPT}
    assert store.articles.head(LONE).feeds == expected.feeds
    assert store.stories.get("old" + LONE) == store.stories.of(LONE) == clean(story)
    make.die(store)
    for path in store.layout.data.glob("*/*.jsonl"):
        path.unlink()
    Store.open(store.layout.data, options, clock=clock).close()
    assert [line.seq for line in Reader(store.layout.data).read()] == [1, 2]


def test_what_grouping_keeps(store, make):
    """Fingerprints, links and paragraph histories."""
    fingerprint = dirty(replace(make.fingerprint(1), numbers=("1" + LONE,)))
    link = PairLink(
        a=LONE, b=LONE, relation="near", similarity=1.0, a_in_b=1.0, b_in_a=1.0, shared=1, rule=LONE, channel=LONE
    )
    paragraph = Boilerplate(site=LONE, paragraph=1, articles=1, first_day="2026-03-01", last_day="2026-03-01", words=1)
    with store.transaction() as tx:
        tx.fingerprints.put(fingerprint)
        tx.fingerprints.put_links([link])
        tx.boilerplate.put([paragraph])
        tx.fingerprints.move([fingerprint.article_id], "moved" + LONE)
    assert store.fingerprints.get([fingerprint.article_id]) == {
        clean(fingerprint.article_id): replace(clean(fingerprint), story_id="moved" + KEPT)
    }
    assert store.fingerprints.links([LONE]) == [clean(link)]
    assert store.boilerplate.site(LONE) == list(store.boilerplate.get(LONE, [1]).values()) == [clean(paragraph)]


def test_what_the_web_told(store, make, clock):
    """Feeds, polls, anomalies, hosts and checkpoints."""
    feed = Feed(url=LONE, name=LONE, title=LONE, headers={LONE: LONE}, validators=Validators(etag=LONE))
    poll = Poll(
        feed_url=LONE,
        at=clock(),
        outcome=LONE,
        status=200,
        duration=timedelta(0),
        bytes_read=0,
        entries=0,
        new=0,
        detail=LONE,
    )
    anomaly = Anomaly(at=clock(), subject=LONE, slug=LONE, detail=LONE)
    with store.transaction() as tx:
        tx.feeds.put(feed)
        tx.history.poll(poll)
        tx.history.anomaly(anomaly)
        tx.hosts.put(HostState(host=LONE, robots_body=LONE))
        tx.checkpoints.put(LONE, b"1")
    assert store.feeds.get(LONE) == replace(clean(feed), headers={KEPT: KEPT})
    assert store.history.polls(LONE) == [clean(poll)]
    assert list(store.history.anomalies()) == [clean(anomaly)]
    assert store.hosts.get(LONE) == HostState(host=KEPT, robots_body=KEPT)
    assert (store.checkpoints.get(LONE), store.checkpoints.all(LONE)) == (b"1", {KEPT: b"1"})
    with store.transaction() as tx:
        tx.feeds.remove(LONE)
        tx.checkpoints.drop(LONE)
    assert store.feeds.all() == []


@pytest.mark.parametrize("values", [[LONE], {"value": LONE}])
def test_named_and_numbered_values(store, values):
    """Whatever the way in which values are bound."""
    query = "SELECT :value" if isinstance(values, dict) else "SELECT ?"
    assert store._writer.execute(query, values).fetchone() == (KEPT,)
