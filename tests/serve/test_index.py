"""The side database: whatever the streams say, the lists say, whatever happened in between."""

import sqlite3
import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.serve.index import BadCursor, Indexer, IndexFile, StoryQuery, source_sums, stories
from pipeline.serve.index.folding import folded_words
from pipeline.serve.index.schema import NAME
from pipeline.serve.index.search import fts_query
from pipeline.stages.diff.tokens import keys
from storage.redact import redact
from storage.retention import retain
from tests.serve.made import NOON, Corpus, agency, article, story


def ids(corpus, limit=50, **query):
    corpus.library.indexer.catch_up()
    page = stories(corpus.library.index.reader(), StoryQuery(**query), limit=limit)
    return [card.story_id for card in page.cards]


def test_newest_first_and_every_story_once_over_all_pages_while_new_ones_arrive(corpus):
    for number in range(1, 24):
        corpus.add(article(number))
    corpus.library.indexer.catch_up()
    seen, cursor = [], None
    while True:
        page = stories(corpus.library.index.reader(), StoryQuery(), limit=5, cursor=cursor)
        seen += [card.story_id for card in page.cards]
        if page.next is None:
            break
        cursor = page.next
        corpus.add(article(100 + len(seen)))
        corpus.library.indexer.catch_up()
    assert seen == [f"s-{number:04d}" for number in range(23, 0, -1)]


def test_stories_of_one_moment_are_told_apart_by_the_cursor(corpus):
    for number in range(1, 8):
        corpus.add(article(number, date_published=NOON))
    seen, cursor = [], None
    corpus.library.indexer.catch_up()
    for _ in range(7):
        page = stories(corpus.library.index.reader(), StoryQuery(), limit=1, cursor=cursor)
        seen += [card.story_id for card in page.cards]
        cursor = page.next
    assert len(set(seen)) == 7
    assert cursor is None


SOURCES = ("x.example", "y.example", "z.example")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Forty stories of all sorts."""
    corpus = Corpus(tmp_path_factory.mktemp("mixed"))
    made = []
    for number in range(1, 41):
        members = [
            article(
                number * 10 + k,
                source=replace(
                    article(1).source, name=SOURCES[(number + k) % 3][0].upper(), domain=SOURCES[(number + k) % 3]
                ),
                language=("en", "ckb", "en-GB")[number % 3],
                backfill=number % 4 == 0,
                credits=(agency("Wire A"),) if number % 5 == 0 else (),
                content_text=f"common word{number % 7} text {k}",
            )
            for k in range(1 + number % 6)
        ]
        made.append((story(*members), members))
    corpus.put(*made)
    corpus.library.indexer.catch_up()
    yield corpus, made
    corpus.close()


@given(data=st.data())
@settings(max_examples=60)
def test_filters_find_what_a_look_at_every_story_finds(mixed, data):
    corpus, made = mixed
    query = StoryQuery(
        q=data.draw(st.sampled_from(["", "common", "word3", "word1 -word2"])),
        source=data.draw(st.sampled_from(["", *SOURCES, "X"])),
        language=data.draw(st.sampled_from(["", "en", "ckb", "en-GB"])),
        agency=data.draw(st.sampled_from(["", "wire a"])),
        versions=data.draw(st.sampled_from([1, 2, 3, 4, 6])),
        backfill=data.draw(st.sampled_from(["with", "without", "only"])),
        since=data.draw(st.sampled_from([None, NOON + timedelta(minutes=150)])),
        until=data.draw(st.sampled_from([None, NOON + timedelta(minutes=300)])),
        order=data.draw(st.sampled_from(["newest", "changed"])),
    )
    expected = [one.story_id for one, members in made if _matches(query, members)]
    page = stories(corpus.library.index.reader(), query, limit=100)
    assert sorted(card.story_id for card in page.cards) == sorted(expected)
    assert page.total == len(expected)
    order = [card.first_out if query.order == "newest" else card.seq for card in page.cards]
    assert order == sorted(order, reverse=True)


def _matches(query, members):
    words = {word for member in members for word in member.content_text.split()}
    texts = not query.q or (query.q.split()[0] in words)
    domains = {member.source.domain for member in members} | {member.source.name.lower() for member in members}
    languages = {tag for member in members for tag in (member.language, member.language.partition("-")[0])}
    lanes = {"with": True, "without": not members[0].backfill, "only": members[0].backfill}
    first = members[0].date_published
    return (
        texts
        and (not query.source or query.source.lower() in domains)
        and (not query.language or query.language in languages)
        and (not query.agency or bool(members[0].credits))
        and len(members) >= query.versions
        and lanes[query.backfill]
        and (query.since is None or first >= query.since)
        and (query.until is None or first < query.until)
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dam", {1, 2}),
        ("DAM gate", {1}),
        ('"gate dam"', set()),
        ('"dam gate"', {1}),
        ("dam -gate", {2}),
        ("floo*", {2}),
        ("كوردستان", {3}),
        ("کوردستان", {3}),
        ("café", {4}),
        ("cafe", {4}),
        ("大坝", {5}),
        ("坝大", set()),
        ('"; DROP TABLE story; --', set()),
        ("NEAR( OR *", set()),
        ("", {1, 2, 3, 4, 5}),
        ("-dam", set()),
    ],
)
def test_search_folds_spellings_keeps_phrases_and_takes_no_syntax_from_outside(corpus, typed, found):
    texts = ["The dam gate opened", "A dam, a flood", "لە کوردستان باران", "The café closed", "萨尔丹大坝闸门"]
    for number, text in enumerate(texts, 1):
        corpus.add(article(number, text))
    assert set(ids(corpus, q=typed)) == {f"s-{number:04d}" for number in found}


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_query_or_none(typed):
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE words USING fts5 (text, content = '', tokenize = 'ascii')")
    wanted = fts_query(typed)
    assert wanted is None or db.execute("SELECT count(*) FROM words WHERE words MATCH ?", (wanted,)).fetchone() == (0,)
    db.close()


@given(
    st.text(
        alphabet=st.one_of(
            st.characters(max_codepoint=0x3FFFF, exclude_categories=("Cn", "Co", "Cs")),
            st.sampled_from("aéİßي ی ك‌'’،大坝é\u200c \n"),
        ),
        max_size=80,
    )
)
def test_the_index_has_the_words_that_a_diff_shows(text):
    """Two ways to the same words, so that what is marked in a diff is found by a search (¼ apart, which is two)."""
    assume(unicodedata.is_normalized("NFKC", text))
    assert folded_words(text) == " ".join(keys(text))


def test_a_revision_replaces_the_words_and_keeps_the_text_before(corpus):
    first = article(1, "An early draft")
    corpus.add(first)
    corpus.library.indexer.catch_up()
    later = replace(first, revision=2, content_text="The final wording", content_hash="h1b")
    corpus.add(later, change="revised")
    assert ids(corpus, q="draft") == []
    assert ids(corpus, q="wording") == ["s-0001"]
    assert [one.content_text for one in corpus.library.revisions("a-0001")] == ["An early draft", "The final wording"]


def test_what_was_redacted_is_gone_from_search_revisions_and_file(corpus):
    first = article(1, "Notasecret unmistakable xylophone")
    corpus.add(first)
    corpus.add(replace(first, revision=2, content_text="Still xylophone", content_hash="x"), change="revised")
    corpus.add(article(2, "Innocent"))
    corpus.library.indexer.catch_up()
    with corpus.writing() as store:
        redact(store, "a-0001")
    assert ids(corpus, q="xylophone") == []
    assert [one.content_text for one in corpus.library.revisions("a-0001")] == [""]
    corpus.library.close()
    kept = b"".join(path.read_bytes() for path in (corpus.data / "state").glob(f"{NAME}*"))
    assert b"xylophone" not in kept
    assert b"unmistakable" not in kept


def test_an_absorbed_story_leaves_the_lists_and_its_articles_lead_to_the_survivor(corpus):
    one, two = article(1, "river"), article(2, "bridge")
    corpus.add(one)
    corpus.add(two)
    assert len(ids(corpus)) == 2
    corpus.put((story(one, two, change="merged", merged_from=("s-0002",)), []))
    assert ids(corpus) == ["s-0001"]
    assert ids(corpus, q="bridge") == ["s-0001"]


def test_a_split_story_gives_its_articles_back(corpus):
    one, two = article(1, "river"), article(2, "bridge")
    corpus.add(one, two)
    corpus.put((story(one, change="split"), []), (story(two, change="split"), []))
    assert set(ids(corpus)) == {"s-0001", "s-0002"}
    assert ids(corpus, q="bridge") == ["s-0002"]
    assert ids(corpus, source="s2.example") == ["s-0002"]
    assert source_sums(corpus.library.index.reader(), 0).pairs == ()


def test_sums_say_who_copies_whom_how_late_and_what_is_carried(corpus):
    corpus.add(article(1), article(31), article(61, credits=(agency("Wire"),)))
    corpus.add(article(400), article(410, source=article(31).source))
    corpus.library.indexer.catch_up()
    sums = source_sums(corpus.library.index.reader(), 0)
    assert {(pair.copier, pair.source): (pair.copies, pair.delay_s) for pair in sums.pairs} == {
        ("s31.example", "s1.example"): (1, 1800.0),
        ("s61.example", "s1.example"): (1, 3600.0),
        ("s31.example", "s400.example"): (1, 600.0),
    }
    rows = {row.domain: row for row in sums.sources}
    assert (rows["s31.example"].articles, rows["s31.example"].own, rows["s31.example"].delay_s) == (2, 0, 1200.0)
    assert (rows["s1.example"].own, rows["s1.example"].copied) == (1, 2)
    assert [choice.name for choice in sums.agencies] == ["Wire"]


def test_another_process_goes_on_where_the_first_one_stopped_and_both_agree(corpus):
    corpus.add(article(1), article(2))
    corpus.library.indexer.catch_up()
    corpus.add(article(3))
    file = IndexFile(corpus.library.index.path)
    second = Indexer(file, corpus.library)
    assert second.catch_up().seq == 5
    second.stop()
    file.close()
    corpus.add(article(4))
    assert ids(corpus) == ["s-0004", "s-0003", "s-0001"]


def test_a_damaged_or_outdated_file_is_made_anew(corpus):
    corpus.add(article(1))
    path = corpus.library.index.path
    path.write_bytes(b"this is no database" * 100)
    assert ids(corpus) == ["s-0001"]
    corpus.library.indexer.stop()
    corpus.library.index.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert ids(corpus) == ["s-0001"]


def test_streams_that_were_replaced_are_read_from_their_beginning(corpus, new_corpus):
    for number in (1, 2, 3):
        corpus.add(article(number))
    corpus.library.indexer.catch_up()
    corpus.library.indexer.stop()
    other = new_corpus()
    other.add(article(9))
    (other.data / "state" / NAME).write_bytes(corpus.library.index.path.read_bytes())
    assert ids(other) == ["s-0009"]


def test_what_retention_took_from_the_streams_is_taken_from_the_state(corpus):
    corpus.add(article(1, "oldest"), article(2))
    with corpus.writing() as store:
        store.maintain(rotate=True, seal_all=True)
    corpus.add(article(3))
    with corpus.writing() as store:
        store.maintain(rotate=True, seal_all=True)
        assert retain(store, NOON + timedelta(days=400), max_age=timedelta(days=1))
    assert ids(corpus) == ["s-0003", "s-0001"]
    assert ids(corpus, q="oldest") == ["s-0001"]


def test_a_cursor_that_no_page_gave_is_refused(corpus):
    corpus.add(article(1))
    corpus.library.indexer.catch_up()
    for cursor in ("x", "!!", "bmFuOjE", "MTox" * 40, "é"):
        with pytest.raises(BadCursor):
            stories(corpus.library.index.reader(), StoryQuery(), cursor=cursor)
