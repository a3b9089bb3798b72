"""The demo finds exactly the stories that its authors wrote into it."""

import pytest

from pipeline.demo import run as demo
from pipeline.demo.expected import read_expected
from pipeline.demo.web import DemoWeb
from pipeline.text.urls import url_key
from storage.verify import verify

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return demo.run(tmp_path_factory.mktemp("demo") / "data")


@pytest.fixture(scope="module")
def keys(found):
    """Article id → ``publisher-id/slug``, as the truth names them."""
    with DemoWeb() as web:
        web.publish_corrections()
        by_url = {url_key(url): key for key, url in web.urls.items()}
    return {article.id: by_url[url_key(article.url)] for article in found.articles.values()}


@pytest.fixture(scope="module")
def by_key(found, keys):
    return {keys[article.id]: article for article in found.articles.values()}


def test_every_article_is_stored_once(found, keys):
    truth = read_expected()
    assert len(found.articles) == truth.articles + truth.late_articles
    assert len(set(keys.values())) == len(keys)
    assert found.publishers == truth.publishers


def test_the_stories_are_exactly_those_that_were_written(found, keys):
    written = read_expected().partition(frozenset(keys.values()), late=True)
    assert {frozenset(keys[member] for member in story.members) for story in found.stories} == written


def test_each_story_tells_its_origin_who_was_first_and_what_each_version_is_based_on(found, keys, by_key):
    stories = {frozenset(keys[m] for m in story.members): story for story in found.stories}
    for expected in read_expected().stories:
        story = stories[expected.members(late=True)]
        origin = keys.get(story.origin.article_id) if story.origin.article_id else None
        assert (story.origin.name, origin) == (expected.origin, expected.origin_article), expected.name
        assert story.origin.evidence
        earliest = min(story.versions, key=lambda version: version.date_published)
        assert keys[earliest.article_id] == expected.first
        told = {keys[v.article_id]: (v.relation, keys.get(v.based_on)) for v in story.versions}
        written = {version.article: (version.relation, version.based_on) for version in expected.versions}
        assert told == written, expected.name


def test_what_only_shares_material_is_linked_both_ways_and_never_merged(found, keys):
    story_of = {keys[member]: story for story in found.stories for member in story.members}
    for pair in read_expected().related:
        one, other = (story_of[article] for article in pair.articles)
        assert one.story_id != other.story_id
        assert other.story_id in {related.story_id for related in one.related}, pair.why
        assert one.story_id in {related.story_id for related in other.related}, pair.why


def test_what_looks_alike_is_kept_apart(found, keys):
    story_of = {keys[member]: story.story_id for story in found.stories for member in story.members}
    for apart in read_expected().apart:
        assert len({story_of[article] for article in apart.articles}) == len(apart.articles), apart.name


def test_what_is_no_article_is_counted_under_its_slug(found):
    fates = {slug for _, slug in found.passes[0].fates}
    assert {drop.slug for drop in read_expected().drops} <= fates


def test_credits_are_read_with_their_roles(by_key):
    for expected in read_expected().credits:
        read = {(credit.role, credit.name) for credit in by_key[expected.article].credits}
        assert (expected.role, expected.name) in read, expected.article


def test_the_correction_is_revision_two_and_nothing_else_is_revised(by_key):
    revised = {key for key, article in by_key.items() if article.revision > 1}
    assert revised == set(read_expected().revised)


def test_the_store_that_it_leaves_verifies(found):
    assert verify(found.data).ok
