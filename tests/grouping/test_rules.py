"""The rules that decide a pair, each by an example on either side of its line."""

from dataclasses import replace

import pytest

from pipeline.stages.group.rules import Thresholds, decide, title_overlap, titles_count_apart
from pipeline.stages.group.types import Evidence


def pair(shared, a=500, b=500, **more):
    """Two dated long articles of two sites, an hour apart, with so many shared shingles in one passage."""
    values = {
        "shared": shared, "bridged": 0, "a_shingles": a, "b_shingles": b, "a_words": a + 4, "b_words": b + 4, "passages": 1,
        "passage_words": shared + 4, "same_words": False, "same_site": False, "title": 0.0, "same_title": False,
        "titles_count_apart": False, "lead": 0.0, "quoted_once": 0.0, "quoted_twice": 0.0, "numbers": 1.0, "same_numbers": 0,
        "all_numbers": 0, "gap_days": 0.04,
    }  # fmt: skip
    return Evidence(**(values | more))


CASES = [
    ("a quarter of all words in common", pair(201), "near", "similarity"),
    ("less, in scattered pieces", pair(150, passages=12, passage_words=198), None, "quotes"),
    ("less, but in whole passages", pair(150), "near", "passages"),
    ("a little, in one passage", pair(90), None, "material"),
    ("next to nothing", pair(20), None, "apart"),
    ("less, but every gap is a small edit", pair(150, bridged=60, passages=20, passage_words=230), "near", "edited"),
    ("a teaser", pair(50, a=60), "excerpt", "containment"),
    ("too few words for a teaser", pair(20, a=24, a_words=70), None, "apart"),
    ("quoted at length in one of them", pair(250, quoted_once=0.9), None, "quotes"),
    ("only the same quotes", pair(210, quoted_twice=0.9), None, "quotes"),
    ("a quote that is the whole of one text", pair(52, a=60, quoted_twice=1.0), "excerpt", "containment"),
    ("a copy full of quotes", pair(450, quoted_twice=0.9), "near", "similarity"),
    ("equal words", pair(496, same_words=True), "exact", "same_words"),
    ("a caption that many pages have", pair(0, a=0, b=0, a_words=3, b_words=3, same_words=True), None, "repeated_notice"),
    ("a caption under the same title", pair(0, a=0, b=0, a_words=3, b_words=3, same_words=True, title=1.0), "exact", "same_words"),
    ("the daily notice of one site", pair(40, a=40, b=40, same_words=True, same_site=True, gap_days=1.0), None, "repeated_notice"),
    ("one site, background in common", pair(260, same_site=True), None, "same_site"),
    ("one site, half in common, and the lead", pair(350, same_site=True, lead=0.5), "near", "same_site_similarity"),
    ("one site, half in common, neither title nor lead", pair(350, same_site=True), None, "same_site"),
    ("one site, alike titles", pair(260, same_site=True, title=0.6), "near", "same_site_title"),
    ("one site, the first version of a longer one", pair(100, a=105, b=700, same_site=True), "excerpt", "same_site_update"),
    ("the same, days later", pair(100, a=105, b=700, same_site=True, gap_days=2.0), None, "same_site"),
    ("one site, titles with different numbers", pair(450, same_site=True, title=0.9, titles_count_apart=True), None, "series"),
    ("one mould, other numbers", pair(120, a=150, b=150, numbers=0.4, all_numbers=9), None, "template"),
    ("one report, the same numbers", pair(120, a=150, b=150, numbers=0.9, all_numbers=9), "near", "similarity"),
    ("a long table with other numbers", pair(300, numbers=0.1, all_numbers=40), None, "template"),
    ("an update in which one of two numbers changed", pair(300, numbers=0.5, all_numbers=2), "near", "similarity"),
    ("two short notices of two companies", pair(14, a=24, b=25, numbers=0.7), None, "short"),
    ("a short notice sent again", pair(20, a=26, b=25, title=0.8, numbers=1.0), "near", "short"),
    ("a short notice of the next day", pair(22, a=28, b=28, title=1.0, same_title=True, gap_days=1.1), None, "short"),
    ("undated, mostly the same", pair(400, gap_days=None), "near", "undated"),
    ("undated, partly the same", pair(260, gap_days=None), None, "undated"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "evidence", "relation", "rule"), CASES, ids=[c[0] for c in CASES])
def test_a_pair_is_decided_by_this_rule(case, evidence, relation, rule):
    verdict = decide(evidence, Thresholds())
    assert (verdict.relation, verdict.rule) == (relation, rule)


def test_what_is_shared_without_being_a_copy_is_related():
    assert decide(pair(90), Thresholds()).related
    assert not decide(pair(20), Thresholds()).related


def test_thresholds_are_settings():
    assert decide(pair(260), Thresholds(similarity=0.5)).rule == "edited"
    assert decide(replace(pair(50, a=60), passages=9), Thresholds(containment=0.9)).relation is None


@pytest.mark.parametrize(
    ("a", "b", "overlap"),
    [
        ("Harbour closes after ship runs aground", "Ship runs aground, harbour closes", 1.0),
        ("Video", "Video", 0.0),
        ("港口周二关闭", "港口周三关闭", 5 / 6),
        ("Élection à Łódź today", "Elections today in Prague", 0.25),
    ],
)
def test_titles_overlap_by_the_shorter_ones_words(a, b, overlap):
    assert title_overlap(a, b) == pytest.approx(overlap)


def test_titles_count_apart_only_if_each_has_its_own_number():
    assert titles_count_apart("2016: the year in pictures", "2015: The Year in Pictures")
    assert not titles_count_apart("Q1 net up 3 percent", "Corrected: net up 3 percent in 1987")
