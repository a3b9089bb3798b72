"""expected.toml is true of the texts: measured over the true bodies, with the shingles that grouping uses."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from pipeline.demo.expected import read_expected
from pipeline.demo.site import build_web
from pipeline.errors import DROP_SLUGS
from pipeline.text.words import read_words, shingles

START = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)
EXPECTED = read_expected()
VERSIONS = [(version, story) for story in EXPECTED.stories for version in story.versions if version.based_on]


@pytest.fixture(scope="module")
def states():
    return build_web(START), build_web(START, START + timedelta(minutes=10))


@pytest.fixture(scope="module")
def overlap(states):
    """(Jaccard, overlap coefficient, shared shingles) of two articles in the second state."""
    sets = {key: np.unique(shingles(read_words(article.text))) for key, article in states[1].articles.items()}

    def measure(a: str, b: str) -> tuple[float, float, int]:
        shared = np.intersect1d(sets[a], sets[b], assume_unique=True).size
        return shared / (sets[a].size + sets[b].size - shared), shared / min(sets[a].size, sets[b].size), int(shared)

    return measure


def test_every_article_that_expected_names_exists(states):
    named = {version.article for story in EXPECTED.stories for version in story.versions}
    named |= {article for pair in EXPECTED.related for article in pair.articles}
    named |= {article for group in EXPECTED.apart for article in group.articles}
    named |= {credit.article for credit in EXPECTED.credits} | set(EXPECTED.revised)
    assert named <= states[1].articles.keys()
    assert {drop.slug for drop in EXPECTED.drops} <= DROP_SLUGS.keys()


def test_the_counts_are_those_of_the_two_states(states):
    first, second = (set(web.articles) for web in states)
    assert len(first) == EXPECTED.articles
    assert second - first == {v.article for story in EXPECTED.stories for v in story.versions if v.late}
    assert len(second) == EXPECTED.articles + EXPECTED.late_articles


def test_each_article_stands_in_exactly_one_story_of_the_partition(states):
    for late, web in enumerate(states):
        counted = Counter(a for group in EXPECTED.partition(frozenset(web.articles), late=bool(late)) for a in group)
        assert counted.keys() == web.articles.keys()
        assert set(counted.values()) == {1}


def test_a_story_is_a_tree_whose_root_is_its_first_version(states):
    for story in EXPECTED.stories:
        published = {v.article: states[1].articles[v.article].published for v in story.versions}
        assert min(published, key=published.__getitem__) == story.first
        assert [v.article for v in story.versions if v.based_on is None] == [story.first]
        assert all(v.based_on in published and v.relation for v in story.versions if v.based_on)
        assert len(set(published.values())) == len(published)


@pytest.mark.parametrize(("version", "story"), VERSIONS, ids=lambda v: getattr(v, "article", getattr(v, "name", "")))
def test_a_version_has_the_relation_that_its_text_shows(overlap, version, story):
    similarity, containment, shared = overlap(version.article, version.based_on)
    assert shared >= 90
    if version.relation == "exact":
        assert similarity == 1.0
    elif version.relation == "near":
        assert 0.5 <= similarity < 1.0
        assert containment >= 0.7
    else:
        assert similarity < 0.25 <= similarity + 0.05
        assert containment >= 0.9


def test_a_revision_stays_a_lightly_edited_copy_of_what_it_corrects(states):
    for key in EXPECTED.revised:
        old, new = (web.articles[key] for web in states)
        a, b = (set(shingles(read_words(article.text)).tolist()) for article in (old, new))
        assert 0.7 <= len(a & b) / len(a | b) < 1.0
        assert (old.url, old.published) == (new.url, new.published)
        assert old.updated < new.updated
        assert old.title != new.title


@pytest.mark.parametrize("pair", EXPECTED.related, ids=lambda pair: pair.articles[0])
def test_related_articles_share_whole_passages_and_little_else(overlap, pair):
    similarity, containment, shared = overlap(*pair.articles)
    assert similarity < 0.15
    assert 0.1 < containment < 0.5
    assert shared >= 40


@pytest.mark.parametrize("group", EXPECTED.apart, ids=lambda group: group.name)
def test_what_is_kept_apart_is_less_alike_than_any_two_near_versions(overlap, group):
    assert max(overlap(a, b)[0] for a, b in itertools.combinations(group.articles, 2)) < 0.4


def test_same_site_templates_are_alike_enough_to_be_a_trap(overlap):
    weather = overlap("northgate-courier/weather-showers", "northgate-courier/weather-frost")
    markets = overlap("harbour-ledger/market-lower", "harbour-ledger/market-higher")
    matches = overlap("open-quay/match-rovers", "open-quay/match-hallow")
    assert weather[0] >= 0.25
    assert min(markets[2], matches[2]) >= 80


def test_all_other_pairs_have_next_to_nothing_in_common(states, overlap):
    groups = [story.members(late=True) for story in EXPECTED.stories]
    groups += [frozenset(pair.articles) for pair in EXPECTED.related] + [frozenset(g.articles) for g in EXPECTED.apart]
    # What is related to an article is related to its copies.
    groups += [story.members(late=True) | set(p.articles) for story in EXPECTED.stories for p in EXPECTED.related
               if story.members(late=True) & set(p.articles)]  # fmt: skip
    named = {frozenset(pair) for group in groups for pair in itertools.combinations(group, 2)}
    others = [p for p in itertools.combinations(states[1].articles, 2) if frozenset(p) not in named]
    assert len(others) > 800
    assert max(overlap(*pair)[0] for pair in others) < 0.02


def test_everything_was_published_in_the_two_days_before_and_nothing_at_one_moment(states):
    first, second = states
    ages = [START - article.published for article in first.articles.values()]
    assert min(ages) > timedelta(0)
    assert max(ages) < timedelta(hours=50)
    late = [second.articles[key] for key in second.articles.keys() - first.articles.keys()]
    assert {article.published for article in late} == {START + timedelta(minutes=10)}


def test_the_boilerplate_site_spans_more_than_two_days_so_that_its_furniture_can_be_learned(states):
    days = {a.published.date() for key, a in states[0].articles.items() if key.startswith("civic-monitor/")}
    assert len(days) >= 3


def test_the_day_of_an_event_is_the_same_in_every_copy_and_lies_before_publication(states):
    for story in EXPECTED.stories:
        texts = [states[1].articles[v.article].text for v in story.versions]
        assert not any("$" in text for text in texts)
    assert states[0].articles["harbour-ledger/selder-accord"].text.count("Tuesday") == 1


def test_texts_have_the_length_of_articles(states):
    lengths = {key: read_words(article.text).count for key, article in states[1].articles.items()}
    short = {key for key, words in lengths.items() if words < 170}
    assert short == {"valley-tribune/selder-accord"}
    assert max(lengths.values()) <= 700
