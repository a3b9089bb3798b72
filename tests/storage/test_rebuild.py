"""rebuild recreates from the streams what the state knew; afterwards everything goes on."""

import shutil
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Reader, Store, StoreDamaged, StoreInUse, StoreOptions
from storage.rebuild import rebuild
from storage.records import EntryFate, PairLink
from storage.state import connect_reader, promised_seq
from storage.verify import verify

OPTIONS = StoreOptions(fsync="none", plain_grace_hours=0)


class Derive:
    """What a pipeline would give: keys, fingerprints and links that follow from the article alone."""

    def __init__(self, make):
        self.make = make

    def keys(self, article):
        return [article.url, f"id:{article.id}"]

    def fingerprint(self, article, arrival, arrived):
        number = int(article.id.rpartition("-")[2])
        return self.make.fingerprint(
            number, arrival=arrival, arrived=arrived, story_id=article.story_id, words=len(article.content_text)
        )

    def fingerprints(self, placements):
        return [self.fingerprint(p.article, p.arrival, p.arrived) for p in placements]

    def links(self, members):
        return [self.link(later, earlier) for n, later in enumerate(members) for earlier in members[:n]]

    def link(self, a, b):
        return PairLink(
            a=a.article_id, b=b.article_id, relation="near", similarity=0.5, a_in_b=0.5, b_in_a=0.5, shared=30, rule="r", channel="c"
        )  # fmt: skip


DERIVED = {
    "articles": "id, seq, revision, status, content_hash, story_id, domain, language, event_time, first_seen, feeds, line",
    "article_keys JOIN articles ON n = article": "hash, id",
    "stories": "id, seq, members, updated, line",
    "story_redirects": "old, new",
    "fingerprints": "*",
    "pair_links": "*",
    "meta WHERE name = 'last_arrival'": "value",
}


def dump(layout):
    with closing(connect_reader(layout.database)) as db:
        seq = promised_seq(db)
        return {"seq": seq} | {
            table: sorted(db.execute(f"SELECT {columns} FROM {table}"), key=repr) for table, columns in DERIVED.items()
        }


def grow(store, make, derive, actions):
    """Publishes, revises, joins and merges as a grouping pipeline does, in several transactions."""
    stories = {}
    for kind, number in actions:
        with store.transaction() as tx:
            arrival = tx.fingerprints.last_arrival() + 1
            article_id = f"art-{number}"
            head = tx.articles.head(article_id)
            revision = head.revision + 1 if head else 1
            text = f"text {revision}" if kind != "touch" else "text 1"
            first = not stories
            story_id = head.story_id if head else (f"story-{number}" if kind == "new" or first else next(iter(stories)))
            members = stories.setdefault(story_id, [])
            if article_id not in members:
                members.append(article_id)
            article = make.article(number, revision=revision, text=text, content_hash=text, story_id=story_id)
            tx.articles.put(article, derive.keys(article))
            tx.stories.put(make.story(story_id=story_id, members=members))
            if head is None or head.content_hash != text:
                tx.fingerprints.put(derive.fingerprint(article, arrival, tx.now))
            if kind == "merge" and len(stories) > 1:
                merge(tx, make, stories)
            for story in stories:
                ids = tx.fingerprints.members(story)
                found = tx.fingerprints.get(ids)
                tx.fingerprints.put_links(derive.links([found[i] for i in ids]))


def merge(tx, make, stories):
    survivor, absorbed = list(stories)[:2]
    gone = stories.pop(absorbed)
    stories[survivor] += gone
    tx.stories.put(make.story(story_id=survivor, members=stories[survivor], merged_from=(absorbed,), change="merged"))
    tx.fingerprints.move(gone, survivor)


def relink(layout):
    """Links are rebuilt within stories, in the order of arrival; live ones may be older than a revision."""
    state = dump(layout)
    state["pair_links"] = sorted({tuple(sorted(row[:2])) for row in state["pair_links"]})
    return state


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["new", "join", "merge", "touch"]), st.integers(1, 6)), min_size=1, max_size=12
)


@settings(max_examples=25, deadline=None)
@given(actions=ACTIONS, keep_state=st.booleans(), rotate=st.booleans())
def test_a_rebuilt_state_equals_the_one_that_grew(tmp_path_factory, make, actions, keep_state, rotate):
    """From the streams alone, or with the old state at hand: the same articles, stories, keys, fingerprints and links."""
    data, clock, derive = tmp_path_factory.mktemp("rebuild"), make.Clock(), Derive(make)
    with Store.open(data, OPTIONS, clock=clock) as store:
        grow(store, make, derive, actions)
        if rotate:
            store.maintain(rotate=True)
        layout = store.layout
    before = relink(layout)
    if not keep_state:
        shutil.rmtree(layout.state)
    report = rebuild(data, derive, OPTIONS, clock=clock)
    assert relink(layout) == before
    assert report.lost == []
    assert verify(data).ok
    with Store.open(data, OPTIONS, clock=clock) as store:
        grow(store, make, derive, [("new", 9)])
    assert verify(data).ok


def test_what_the_web_told_is_carried_over(store, make):
    """Feeds, checkpoints and pending entries survive; published articles are known and done."""
    derive = Derive(make)
    with store.transaction() as tx:
        tx.checkpoints.put("c", b"1")
        tx.frontier.announce([make.entry(7), make.entry(8)], tx.now)
        tx.frontier.settle(EntryFate(key=make.entry(8).key, fate="done", slug="stored", article_id="never-published"))
    make.publish(store, 1, 2)
    layout = store.layout
    with pytest.raises(StoreInUse):
        rebuild(layout.data, derive, OPTIONS, clock=make.Clock())
    store.close()
    report = rebuild(layout.data, derive, OPTIONS, clock=make.Clock())
    assert report.carried["checkpoints"] == 1
    with Store.open(layout.data, OPTIONS, clock=make.Clock()) as again:
        assert again.checkpoints.get("c") == b"1"
        assert [entry.key for entry in again.frontier.claim(make.START, 9)] == [make.entry(7).key]
        known = again.frontier.known([make.entry(n).key for n in (1, 2, 8)])
        assert {key: entry.status for key, entry in known.items()} == {
            make.entry(1).key: "done",
            make.entry(2).key: "done",
        }
        with again.transaction() as tx:
            verdicts = tx.frontier.announce([make.entry(1), make.entry(1, revision_hash="r2"), make.entry(8)], tx.now)
        assert verdicts == ["known", "edited", "new"]


def test_a_state_from_an_older_backup_recovers_by_rebuild(store, make, clock, tmp_path):
    """Refused at first; after the one command nothing is lost and nothing is doubled."""
    derive = Derive(make)
    make.publish(store, 1, 1)
    store.close()
    layout = store.layout
    shutil.copytree(layout.state, tmp_path / "backup")
    with Store.open(layout.data, OPTIONS, clock=clock) as later:
        make.publish(later, 2, 3)
    shutil.rmtree(layout.state)
    shutil.copytree(tmp_path / "backup", layout.state)
    with pytest.raises(StoreDamaged):
        Store.open(layout.data, OPTIONS, clock=clock)
    rebuild(layout.data, derive, OPTIONS, clock=clock)
    with Store.open(layout.data, OPTIONS, clock=clock) as again:
        assert again.articles.count() == 3
        make.publish(again, 4, 4)
    assert [line.seq for line in Reader(layout.data).read()] == list(range(1, 9))
    assert verify(layout.data).ok


def test_lost_lines_are_declared(store, make, clock):
    """What no file holds any more is named, and the rest is usable again."""
    make.publish(store, 1, 3)
    store.close()
    path = next(store.layout.directory("stories").glob("*.jsonl"))
    raws = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(raws[0] + raws[2])
    assert not verify(store.layout.data).ok
    report = rebuild(store.layout.data, Derive(make), OPTIONS, clock=clock)
    assert report.lost == [(4, 4)]
    assert verify(store.layout.data).ok
    assert [line.seq for line in Reader(store.layout.data).read()] == [1, 2, 3, 5, 6]


def test_an_unpublished_outbox_is_not_lost(store, make, clock):
    """What was committed but not yet appended when the process died is published before the rebuild."""
    make.publish(store, 1, 2)
    make.die(store)
    for stream in ("articles", "stories"):
        next(store.layout.directory(stream).glob("*.jsonl")).unlink()
    rebuild(store.layout.data, Derive(make), OPTIONS, clock=clock)
    assert [line.seq for line in Reader(store.layout.data).read()] == [1, 2, 3, 4]
