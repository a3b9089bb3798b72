"""The told story: what to show, its sources, languages and dates; and that the order of members never matters."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

NAMES = ["Ava", "Bas", "Cud", "Dar", "Reuters"]


def test_the_origin_is_shown_where_it_is_long_enough(make):
    assert make.story([make.member("Ava", 0, words=400), make.member("Bas", 60, words=500)]).canonical == "Ava"


def test_a_teaser_is_never_shown_for_a_story_that_has_its_text(make):
    """Rule 19: at least 60 % of the longest."""
    assert make.story([make.member("Ava", 0, words=299), make.member("Bas", 60, words=500)]).canonical == "Bas"


def test_an_agencys_own_page_is_preferred_to_an_earlier_copy(make):
    wire = make.member("w", 50, name="AFP", domain="afp.com", words=500)
    short = make.member("o", 0, words=100)
    assert make.story([short, make.member("Ava", 5, words=500), wire]).canonical == "w"


def test_a_gallery_is_not_shown_while_there_is_an_article(make):
    assert make.story([make.member("Ava", 0, kind="gallery"), make.member("Bas", 60)]).canonical == "Bas"


def test_the_shown_version_stays_unless_another_is_clearly_better(make):
    def shown(*members, before):
        return make.story(members, canonical_before=before).canonical

    teaser = make.member("o", 0, words=10)
    ava, bas = make.member("Ava", 30), make.member("Bas", 37)
    assert shown(teaser, ava, bas, before="Bas") == "Bas"
    assert shown(teaser, ava, make.member("Bas", 45), before="Bas") == "Ava"
    assert shown(ava, bas, before="gone") == "Ava"
    assert shown(make.member("Ava", 0), make.member("Bas", 20), before="Bas") == "Ava"


def test_sources_languages_title_and_first_date(make):
    story = make.story([
        make.member("Bas", 60, language="ckb"), make.member("Ava", 0, language="en"),
        make.member("b2", 90, name="Bas", domain="bas.example", language=None),
    ])  # fmt: skip
    assert story.sources == ("Ava", "Bas")
    assert story.languages == ("ckb", "en")
    assert story.title == "Title by Ava"
    assert story.members == ("Ava", "Bas", "b2")
    assert story.date_first_published == make.member("x", 0).date_published


def test_a_bare_day_is_the_first_date_only_where_no_time_is_known(make):
    day = make.member("Ava", -720, date_published_from="url")
    timed = make.member("Bas", 60)
    assert make.story([day, timed]).date_first_published == timed.date_published
    assert make.story([day]).date_first_published == day.date_published


def test_a_missing_title_is_taken_from_another_version(make):
    assert make.story([make.member("Ava", 0, title=None), make.member("Bas", 60)]).title == "Title by Bas"


def test_a_story_without_members_is_refused(make):
    with pytest.raises(ValueError, match="no members"):
        make.story([])


@st.composite
def stories(draw):
    """Any members with any credits, dates and links, and the same ones in another order."""
    ids = draw(st.lists(st.sampled_from("abcdefg"), unique=True, min_size=1, max_size=6))
    minute = st.one_of(st.sampled_from([0, 5, 60]), st.integers(-2000, 2000))
    roles = st.sampled_from(["agency", "source", "republished_from", "image", "author_org"])
    facts = [
        {
            "id": id_, "minutes": draw(minute), "name": draw(st.sampled_from(NAMES)), "words": draw(st.sampled_from([0, 50, 300, 500])),
            "credits": draw(st.lists(st.tuples(roles, st.sampled_from([*NAMES, "agencies", "AP"])), max_size=2)),
            "dateline": draw(st.sampled_from([None, "AP", "Reuters", ""])), "date_published_from": draw(st.sampled_from(["feed", "url", "none"])),
            "undated": draw(st.booleans()),
        }
        for id_ in ids
    ]  # fmt: skip
    share = st.sampled_from([0.3, 0.9, 0.93, 0.95, 1.0])
    pairs = [(a, b) for a in ids for b in ids if a < b]
    links = [(a, b, draw(share), draw(share), draw(share)) for a, b in pairs if draw(st.booleans())]
    return facts, links, draw(st.permutations(range(len(ids)))), draw(st.permutations(range(len(links))))


def built(make, facts):
    facts = dict(facts)
    credits_ = tuple(make.credit(role, name) for role, name in facts.pop("credits"))
    agency, undated = facts.pop("dateline"), facts.pop("undated")
    dateline = None if agency is None else make.dateline(agency or None)
    member = {"id_": facts.pop("id"), "credits": credits_, "dateline": dateline} | facts
    return make.member(**member, **({"date_published": None} if undated else {}))


@given(case=stories())
def test_the_order_of_members_and_links_never_matters(make, case):
    facts, links, order, link_order = case
    members, edges = [built(make, fact) for fact in facts], [make.link(*link) for link in links]
    assert make.story(members, edges) == make.story([members[n] for n in order], [edges[n] for n in link_order])


@given(case=stories())
def test_every_story_is_whole(make, case):
    """Each member has one place in a forest whose parents come first; the shown one and the origin are members."""
    facts, links, _, _ = case
    story = make.story([built(make, fact) for fact in facts], [make.link(*link) for link in links])
    ids = [fact["id"] for fact in facts]
    assert sorted(story.members) == sorted(ids) == sorted(version.article_id for version in story.versions)
    seen: set[str | None] = {None}
    for version in story.versions:
        assert version.based_on in seen
        seen.add(version.article_id)
    assert story.canonical in ids
    assert story.origin.article_id in {None, *ids}
    assert story.origin.name
    assert story.origin.evidence


@given(case=stories(), hours=st.integers(-1000, 1000))
def test_only_differences_of_time_matter(make, case, hours):
    """Moving every date by the same whole days changes no verdict (days, because a bare day has no time zone)."""
    facts, links, _, _ = case
    edges = [make.link(*link) for link in links]
    moved = [fact | {"minutes": fact["minutes"] + timedelta(days=hours).total_seconds() / 60} for fact in facts]
    one = make.story([built(make, fact) for fact in facts], edges)
    two = make.story([built(make, fact) for fact in moved], edges)
    assert (one.origin.article_id, one.canonical, one.members) == (two.origin.article_id, two.canonical, two.members)
    assert [v.based_on for v in one.versions] == [v.based_on for v in two.versions]


def test_the_date_of_a_later_edit_is_not_when_it_was_first_published(make):
    edited = make.member("Ava", 600, date_first_seen=make.member("x", 0).date_first_seen)
    assert make.story([edited]).date_first_published is None
