"""The version tree: who is built on whom."""

from datetime import timedelta

import pytest

WIRE = [
    "Engineers reopened the southern sluice of the Sardan dam on Tuesday after eleven days of repair, the directorate said.",
    "The gate had jammed half open when driftwood from the spring flood broke the lower guide rail of the sluice.",
    "Two villages below the dam were told to keep their livestock off the meadows until the water had fallen.",
    "Divers worked for nine nights, and at no time was the wall itself in danger, the head of works told reporters.",
    "Farmers in the larger of the two villages said they lost forty hectares of barley under a week of water.",
    "The province will pay for seed, while compensation for the harvest has to be decided in the capital.",
    "Built in 1978, the dam holds 340 million cubic metres and supplies three towns with drinking water.",
]
OWN = (
    "Our reporter saw long queues at the only open petrol station of the valley on Wednesday, and much mud on the road."
)


def based(story) -> dict[str, str | None]:
    return {version.article_id: version.based_on for version in story.versions}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    edited = [*WIRE[:3], WIRE[3].replace("nine nights", "nearly two weeks by day and night"), OWN, *WIRE[4:]]
    return {
        "Wire": "\n".join(WIRE),
        "Edit": "\n".join(edited),
        "Copy of edit": "\n".join(edited[:7]),
        "Copy of wire": "\n".join(WIRE[:6]),
        "Short": "\n".join(WIRE[:2]),
    }


def test_a_copy_of_a_copy_hangs_below_the_copy_whose_edits_it_shares(make, texts):
    members = [make.member(id_, 60 * n) for n, id_ in enumerate(texts)]
    story = make.story(members, make.measured(texts))
    assert based(story) == {
        "Wire": None,
        "Edit": "Wire",
        "Copy of edit": "Edit",
        "Copy of wire": "Wire",
        "Short": "Wire",
    }
    assert [version.article_id for version in story.versions] == list(texts)


def test_a_version_carries_the_link_to_the_one_it_is_built_on(make):
    links = [make.link("Ava", "Bas", 0.41234, 0.42, 0.99, "excerpt")]
    version = make.story([make.member("Ava", 0), make.member("Bas", 60)], links).versions[1]
    assert (version.relation, version.similarity, version.containment) == ("excerpt", 0.4123, 0.99)


def test_naming_the_source_decides_between_two_that_hold_it_nearly_as_well(make):
    ava, bas = make.member("Ava", 0), make.member("Bas", 10)
    cud = make.member("Cud", 60, credits=(make.credit("source", "Bas"),))
    links = [make.link("Bas", "Ava"), make.link("Cud", "Ava", 0.8, 0.94, 0.8), make.link("Cud", "Bas", 0.75, 0.88, 0.8)]
    assert based(make.story([ava, bas, cud], links))["Cud"] == "Bas"


def test_whom_a_member_credits_stands_before_it_whatever_the_dates_say(make):
    copy = make.member("Ava", 0, credits=(make.credit("source", "Bas"),))
    story = make.story([copy, make.member("Bas", 90)], [make.link("Ava", "Bas")])
    assert based(story) == {"Bas": None, "Ava": "Bas"}


def test_a_member_that_is_linked_to_nobody_before_it_is_a_root(make):
    story = make.story([make.member("Ava"), make.member("Bas", 60), make.member("Cud", 90)], [make.link("Cud", "Bas")])
    assert based(story) == {"Ava": None, "Bas": None, "Cud": "Bas"}


def test_the_same_cut_is_a_copy_even_where_a_longer_text_holds_it_too(make):
    """Ava is full, Bas drops its end, Cud is Bas to the letter: Cud has the same gap, so it comes from Bas."""
    texts = {"Ava": "\n".join(WIRE), "Bas": "\n".join(WIRE[:5]), "Cud": "\n".join(WIRE[:5])}
    members = [make.member(id_, 60 * n) for n, id_ in enumerate(texts)]
    assert based(make.story(members, make.measured(texts)))["Cud"] == "Bas"


def test_the_origin_is_the_root_of_what_is_linked_to_it(make):
    """The agency's page was seen late; it is still what the others are built on."""
    wire = make.member("w", 300, name="Reuters", domain="reuters.com")
    copies = [
        make.member(name, n, credits=(make.credit("agency", "Reuters"),)) for n, name in enumerate(["Ava", "Bas"])
    ]
    links = [make.link("w", "Ava"), make.link("w", "Bas"), make.link("Bas", "Ava")]
    story = make.story([*copies, wire], links)
    assert based(story) == {"w": None, "Ava": "w", "Bas": "w"}
    assert story.versions[0].article_id == "w"


def test_links_to_articles_outside_the_story_are_passed_over(make):
    story = make.story(
        [make.member("Ava"), make.member("Bas", 60)], [make.link("Bas", "gone"), make.link("gone", "other")]
    )
    assert based(story) == {"Ava": None, "Bas": None}


def test_shared_material_alone_is_no_descent(make):
    """Grouping keeps links between articles that share a press release; two members may have no better one."""
    links = [make.link("Bas", "Ava", 0.15, 0.4, 0.3, "related"), make.link("Cud", "Ava"), make.link("Cud", "Bas")]
    story = make.story([make.member("Ava"), make.member("Bas", 60), make.member("Cud", 90)], links)
    assert based(story) == {"Ava": None, "Bas": None, "Cud": "Ava"}


def test_the_tree_of_a_large_story_is_told(make):
    """300 copies of one wire, every pair linked: one root, each below it, none lost."""
    members = [make.member(f"m{n:03}", n * 11.0) for n in range(300)]
    links = [make.link(f"m{a:03}", f"m{b:03}", 0.9, 0.94) for a in range(300) for b in range(max(0, a - 20), a)]
    links += [make.link(f"m{a:03}", "m000", 0.93, 0.99) for a in range(21, 300)]
    story = make.story(members, links)
    assert len(story.members) == 300
    assert [version.article_id for version in story.versions if version.based_on is None] == ["m000"]


def test_a_version_says_when_it_was_seen(make):
    late = make.member("Ava", 0, date_published=None, date_published_from="none")
    version = make.story([late]).versions[0]
    assert version.date_published is None
    assert version.date_first_seen == late.date_first_seen > late.date_first_seen - timedelta(1)
