"""What the terminal shows of stories: it fits, it reads without colour, and no text pulls its neighbours about."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from pipeline.cli.changed import Step, as_record, steps
from pipeline.cli.diffpage import DiffPage
from pipeline.cli.storypage import Neighbour, story_page
from pipeline.cli.tables import KeptApart, StoryList, relation_of, short_ids, stories_report
from pipeline.cli.wording import PDI, RLI, Cell, delay, isolated, percent, reads_right_to_left, short
from pipeline.stages.diff import compare, shared_passages

WIDTHS = [40, 80, 100, 120, 200]


def squeezed(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def page(world):
    story = world.stories[0]
    other = world.articles["a-hew1"]
    passages = shared_passages(world.articles[story.canonical].content_text, other.content_text)
    return story_page(
        story, world.articles, [Neighbour(related=story.related[0], story=world.stories[1], passages=passages)]
    )


def views(world):
    ids = short_ids([story.story_id for story in world.stories])
    pairs = [("a-nrt1", "a-ara1"), ("a-ckb1", "a-ckb2"), ("a-zho1", "a-zho2")]
    diffs = [
        DiffPage(world.articles[a], world.articles[b], compare(world.articles[a], world.articles[b])) for a, b in pairs
    ]
    return [
        StoryList(world.stories, ids),
        stories_report(world.stories, world.articles, world.links),
        page(world),
        *diffs,
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal_but_an_address(world, rendered, width):
    for view in views(world):
        for line in rendered(view, width).splitlines():
            assert cell_len(line) <= width or "https://" in line


@pytest.mark.parametrize("width", WIDTHS)
def test_every_isolate_that_opens_closes_on_its_line(world, rendered, width):
    """A run left open would turn the rest of the line round."""
    for view in views(world):
        for line in rendered(view, width).splitlines():
            assert line.count(RLI) == line.count(PDI), line


def test_the_list_has_one_line_for_each_story(world, rendered):
    lines = rendered(StoryList(world.stories, short_ids([s.story_id for s in world.stories])), 80).splitlines()
    assert len([line for line in lines if line.startswith("s-")]) == len(world.stories)
    dam = next(line for line in lines if line.startswith("s-dam4"))
    assert squeezed(dam) == "s-dam4aa 4 NRT 4 h 5 min Sardan dam gate reopened"
    assert "Xinhua*" in next(line for line in lines if line.startswith("s-zho"))


def test_a_story_page_tells_origin_tree_changes_and_neighbours(world, rendered):
    text = rendered(page(world), 120)
    flat = squeezed(text)
    assert "1 of 3 versions credits NRT: ARA News (“Source: NRT”)" in flat
    assert "Not counted: NRT credits ARA News for a picture only (“Image: ARA News”)" in flat
    assert "ARA News +2 h 10 min · near copy, 46 % alike" in flat
    assert "headline changed, another lead, −2 +2 paragraphs, 1 paragraph edited, 1 moved" in flat
    assert "Kirkuk Now +1 h 55 min" in flat
    assert "shares material, 38 words shared: After the flood, the valley waits for seed" in flat
    assert "We had divers in the water for nine nights" in flat
    ara, kirkuk = (
        next(line for line in text.splitlines() if name in line and "+" in line) for name in ("ARA News", "Kirkuk Now")
    )
    assert len(kirkuk) - len(kirkuk.lstrip("│ └├─")) > len(ara) - len(ara.lstrip("│ └├─"))


def test_the_report_tells_stories_versions_who_was_first_and_what_was_kept_apart(world, rendered):
    flat = squeezed(rendered(stories_report(world.stories, world.articles, world.links), 120))
    assert "1. Sardan dam gate reopened first: NRT · 4 versions in 4 h 5 min" in flat
    assert "first: Xinhua (credited, not among the versions) · 2 versions in 41 min" in flat
    assert "NRT: headline changed, another lead" in flat
    assert "ARA News: headline changed, −2 paragraphs" in flat
    assert "Kept apart" in flat
    assert "NRT: Weather: rain in Sardan NRT: Weather: rain in Hewdan made from one template (6 words" in flat
    assert "3 articles that no other one shares" in flat


def test_what_was_kept_apart_can_be_given_with_its_reason(world, rendered):
    apart = [
        KeptApart(a="a-wea1", b="a-wea2", reason="two forecasts", similarity=0.61),
        KeptApart(a="a-gone", b="a-wea2", reason="template"),
    ]
    flat = squeezed(rendered(stories_report(world.stories[4:], world.articles, kept_apart=apart), 120))
    assert "two forecasts (61 % alike)" in flat
    assert "a-gone" in flat


def test_a_diff_reads_without_colour(world, rendered):
    a, b = world.articles["a-nrt1"], world.articles["a-ara1"]
    lines = rendered(DiffPage(a, b, compare(a, b)), 80).splitlines()
    signs = "".join(line[0] for line in lines if re.match(r"[-+~>] {1,5}(\d|title)", line))
    assert signs == "~-+>~-+"
    assert "[-directorate's-]" in squeezed(" ".join(lines))
    assert "{+of the directorate+}" in squeezed(" ".join(lines))
    assert "- credit image: ARA News (“Image: ARA News”)" in lines


def test_colour_repeats_what_the_signs_say(world, rendered):
    a, b = world.articles["a-nrt1"], world.articles["a-ara1"]
    coloured = rendered(DiffPage(a, b, compare(a, b)), 80, colour=True)
    assert Text.from_ansi(coloured).plain.split() == rendered(DiffPage(a, b, compare(a, b)), 80).split()
    assert "\x1b[1;31m[-directorate's-]" in coloured


def test_a_wide_terminal_has_the_versions_beside_each_other(world, rendered):
    a, b = world.articles["a-nrt1"], world.articles["a-ara1"]
    text = rendered(DiffPage(a, b, compare(a, b)), 120)
    row = next(line for line in text.splitlines() if "directorate's-]" in line)
    assert row.index("who heads the [-directorate's-]") < row.index("who heads the works department {+of the")
    assert "who heads the [-directorate's-] works department {+of" not in squeezed(
        rendered(DiffPage(a, b, compare(a, b)), 120)
    )


def test_long_unchanged_stretches_are_folded_unless_asked_for(world, rendered):
    a = world.articles["a-nrt1"]
    from dataclasses import replace

    text = "\n".join(f"Paragraph number {n} says what it said before." for n in range(20))
    a, b = replace(a, content_text=text), replace(a, content_text=text.replace("number 10 says", "number 10 repeats"))
    folded = rendered(DiffPage(a, b, compare(a, b)), 80)
    assert "8 unchanged paragraphs" in folded
    assert "Paragraph number 4" not in folded
    assert "Paragraph number 4" in rendered(DiffPage(a, b, compare(a, b), full=True), 80)


def test_the_right_to_left_side_of_a_diff_is_isolated_line_by_line(world, rendered):
    a, b = world.articles["a-ckb1"], world.articles["a-ckb2"]
    for width in (80, 120):
        for line in rendered(DiffPage(a, b, compare(a, b)), width).splitlines():
            outside = re.sub(f"{RLI}.*{PDI}", "", line)
            assert not re.search("[\u0600-\u06ff]", outside), line


@given(text=st.text(alphabet=st.sampled_from("abc XYZ.,()“”12 ڕووداوسەر新华")))
def test_isolating_adds_nothing_but_isolates_in_pairs(text):
    marked = isolated(text)
    assert marked.replace(RLI, "").replace(PDI, "") == text
    assert re.sub(f"{RLI}[^{PDI}]*{PDI}", "", marked).count(RLI) == 0
    assert not re.search("[\u0600-\u06ff]", re.sub(f"{RLI}[^{PDI}]*{PDI}", "", marked))


@given(
    text=st.text(alphabet=st.sampled_from("ab ڕوو新华社\n"), max_size=80),
    width=st.integers(4, 30),
    lines=st.sampled_from([None, 1, 2]),
)
def test_a_cell_keeps_its_width_and_its_line_count(rendered, text, width, lines):
    shown = rendered(Cell(text, lines=lines), width).splitlines()
    assert all(cell_len(line) <= width for line in shown)
    if lines is not None:
        assert len(shown) <= lines


def test_the_direction_is_that_of_the_first_letter_outside_isolates():
    assert reads_right_to_left("12 ڕووداو and more")
    assert not reads_right_to_left("NRT ڕووداو")
    assert not reads_right_to_left(f"{RLI}ڕووداو{PDI}: dam")
    assert not reads_right_to_left("123 – …")


def test_ids_are_cut_to_what_tells_them_apart():
    ids = ["s-aaaaaaaaaaaa1", "s-aaaaaaaaaaaa2", "s-bbbbbbbbbbbbb"]
    assert short_ids(ids) == {ids[0]: ids[0], ids[1]: ids[1], ids[2]: "s-bbbbbb"}
    assert short_ids(["s-x"]) == {"s-x": "s-x"}


def test_figures_are_said_honestly(world):
    moment = world.stories[0].date_updated
    assert percent(0.9999) == "99 %"
    assert percent(1.0) == "100 %"
    assert percent(None) == "–"
    assert delay(moment, moment) == "same time"
    assert delay(moment, moment.replace(hour=moment.hour + 2)) == "−2 h"
    assert short("a  b\nc", 80) == "a b c"
    assert short("abcdef", 4) == "abc…"


def test_a_story_of_another_tool_without_a_tree_is_shown_too(world, rendered):
    from dataclasses import replace

    bare = replace(world.stories[0], versions=())
    for view in (story_page(bare, {}), stories_report([bare], {}), StoryList([bare], {bare.story_id: "s-dam4"})):
        assert "Sardan dam gate" in rendered(view, 100)


def test_a_relation_says_what_its_percent_is_of(world):
    """Below the threshold of similarity it is containment that makes a copy, and an excerpt always."""
    story = world.stories[0]
    version = next(version for version in story.versions if version.relation is not None)

    def said(**fields: object) -> str:
        changed = replace(version, **fields)
        return relation_of(Step(version=changed, parent=story.versions[0], diff=None, credits=()))

    assert said(relation="near", similarity=0.19, containment=0.55) == "near copy, 55 % contained"
    assert said(relation="near", similarity=0.64, containment=0.9) == "near copy, 64 % alike"
    assert said(relation="excerpt", similarity=0.3, containment=0.97) == "excerpt, 97 % contained"


def test_a_withdrawn_version_is_named_and_not_compared(world, rendered):
    story = world.stories[0]
    gone = {
        **world.articles,
        "a-ara1": replace(world.articles["a-ara1"], status="withdrawn", content_text="", title=None),
    }
    for view in (story_page(story, gone), stories_report([story], gone)):
        flat = squeezed(rendered(view, 120))
        assert "ARA News +2 h 10 min · withdrawn" in flat or "ARA News +2 h 10 min withdrawn" in flat
        assert "another lead" not in flat
    changes = [as_record(step) for step in steps(story, gone)]
    assert [change["article_id"] for change in changes if change["withdrawn"]] == ["a-ara1"]
    # What was built on it has nothing left to be compared with.
    assert all(c["lead"] is None for c in changes if "a-ara1" in (c["article_id"], c["based_on"]))


def test_a_report_can_name_a_few_of_those_that_stand_alone(world, rendered):
    flat = squeezed(rendered(stories_report(world.stories, world.articles, alone_shown=1), 120))
    assert "3 articles that no other one shares" in flat
    assert "and 2 more" in flat
