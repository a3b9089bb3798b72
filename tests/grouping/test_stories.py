"""Stories over time: who stands with whom, under which id, after each arrival."""

import random
from datetime import timedelta

import pytest

from pipeline.stages.group import story_id
from pipeline.stages.group.memory import OfflineBoilerplate
from storage.records import Boilerplate


def test_the_first_article_founds_a_story_named_after_it(desk, prose, subject):
    placed = desk.place(subject("a", prose(1)))
    assert placed.story_id == story_id("a")
    assert [(c.change, c.members) for c in placed.changes] == [("created", ("a",))]
    assert placed.match is None


def test_a_copy_elsewhere_joins_and_says_why(desk, prose, subject):
    placed = desk.place(subject("a", prose(1)), subject("b", "By our staff.\n" + prose(1), hour=2))
    assert placed.story_id == story_id("a")
    assert [(c.change, c.members) for c in placed.changes] == [("joined", ("a", "b"))]
    assert (placed.match.article_id, placed.match.relation) == ("a", "near")
    assert placed.match.covers == 1.0
    assert placed.match.similarity > 0.9


def test_the_same_words_are_exact_whatever_the_case_and_the_quotes(desk, subject, prose):
    text = prose(1).replace("Tra", '"Tra').replace(". ", '." ')
    placed = desk.place(subject("a", text), subject("b", text.upper().replace('"', "”")))
    assert placed.match.relation == "exact"


def test_a_teaser_is_an_excerpt_in_either_order(new_desk, prose, subject):
    full, teaser = prose(1, 700), " ".join(prose(1, 700).split()[:70])
    for first, second in ((full, teaser), (teaser, full)):
        desk = new_desk()
        assert desk.place(subject("a", first), subject("b", second)).match.relation == "excerpt"
        assert desk.together("a", "b")


def test_unrelated_articles_stay_apart(desk, prose, subject):
    desk.place(*(subject(f"n{i}", prose(i)) for i in range(40)))
    assert len(set(desk.stories().values())) == 40


def test_a_late_bridge_merges_and_the_older_id_survives(desk, prose, subject):
    lines = prose(1, 900).split("\n")
    half, lap = len(lines) // 2, 2
    top, bottom = "\n".join(lines[: half + lap]), "\n".join(lines[half:])
    desk.place(subject("top", top), subject("bottom", bottom, hour=1))
    assert not desk.together("top", "bottom")
    placed = desk.place(subject("whole", "\n".join(lines), hour=2))
    (change,) = placed.changes
    assert (change.change, change.story_id) == ("merged", story_id("top"))
    assert change.merged_from == (story_id("bottom"),)
    assert set(change.members) == {"top", "bottom", "whole"}


def test_a_revision_is_compared_again_and_moves(desk, prose, subject):
    desk.place(subject("a", prose(1)), subject("b", prose(1), hour=1), subject("c", prose(2), hour=2))
    placed = desk.place(subject("b", prose(2), hour=3, revision=2))
    assert desk.together("b", "c")
    assert not desk.together("a", "b")
    assert placed.story_id == story_id("c")
    assert {(c.change, frozenset(c.members)) for c in placed.changes} == {
        ("split", frozenset("a")),
        ("joined", frozenset("bc")),
    }


def test_a_revision_that_stays_alone_keeps_its_story(desk, prose, subject):
    desk.place(subject("a", prose(1)))
    placed = desk.place(subject("a", prose(2), hour=1, revision=2))
    assert placed.story_id == story_id("a")
    assert [c.change for c in placed.changes] == ["revised"]


def test_a_founder_that_leaves_gets_a_new_id_and_the_story_keeps_its_own(desk, prose, subject):
    desk.place(subject("a", prose(1)), subject("b", prose(1), hour=1), subject("c", prose(1) + " End.", hour=2))
    placed = desk.place(subject("a", prose(2), hour=3, revision=2))
    assert desk.story("b") == desk.story("c") == story_id("a")
    assert placed.story_id not in {story_id("a"), story_id("b"), story_id("c")}


def test_a_lone_story_that_joins_another_is_named_as_merged(desk, prose, subject):
    desk.place(subject("a", prose(1)), subject("b", prose(2), hour=1))
    placed = desk.place(subject("b", prose(1), hour=2, revision=2))
    assert [(c.change, c.story_id, c.merged_from) for c in placed.changes] == [
        ("merged", story_id("a"), (story_id("b"),))
    ]


def test_a_story_that_loses_its_bridge_splits(desk, prose, subject):
    lines = prose(1, 800).split("\n")
    third = len(lines) // 3
    a, b = "\n".join(lines[: 2 * third]), "\n".join(lines[2 * third :] + prose(9, 250).split("\n"))
    bridge = "\n".join(lines)
    desk.place(subject("a", a), subject("bridge", bridge, hour=1), subject("b", b, hour=2))
    assert desk.together("a", "bridge", "b")
    changes = desk.grouper.withdraw("bridge", desk.memory)
    assert {(c.change, c.members) for c in changes} == {("split", ("a",)), ("split", ("b",))}
    assert not desk.together("a", "b")


def test_a_withdrawn_article_is_never_matched_again(desk, prose, subject):
    desk.place(subject("a", prose(1)))
    (change,) = desk.grouper.withdraw("a", desk.memory)
    assert change.members == ()
    assert desk.place(subject("b", prose(1), hour=1)).match is None
    assert desk.grouper.withdraw("a", desk.memory) == ()


def test_news_in_brief_does_not_glue_what_it_holds(new_desk, prose, subject):
    items = [prose(i, 180) for i in range(5)]
    singles = [subject(f"i{i}", text, hour=i) for i, text in enumerate(items)]
    brief = subject("brief", "\n".join(items), hour=9)
    for order in ([*singles, brief], [brief, *singles], [*singles[:2], brief, *singles[2:]]):
        desk = new_desk()
        desk.place(*order)
        assert len({desk.story(f"i{i}") for i in range(5)}) == 5
        assert desk.memory.fingerprints.get(["brief"])["brief"].aggregate
        assert len(desk.memory.fingerprints.members(desk.story("brief"))) == 1


def test_copies_of_a_digest_are_one_story(desk, prose, subject):
    items = [prose(i, 180) for i in range(4)]
    desk.place(*(subject(f"i{i}", text) for i, text in enumerate(items)))
    desk.place(subject("d1", "\n".join(items), hour=1), subject("d2", "\n".join(items) + "\nMore later.", hour=2))
    assert desk.together("d1", "d2")


def test_a_page_with_two_stories_joins_at_most_one(new_desk, prose, subject):
    a, b = prose(1, 300), prose(2, 300)
    both = subject("both", a + "\n" + b, hour=5)
    for order in ([subject("a", a), subject("b", b), both], [subject("a", a), both, subject("b", b)]):
        desk = new_desk()
        desk.place(*order)
        assert not desk.together("a", "b")


def test_a_press_release_quoted_in_own_writing_is_related_and_not_merged(desk, prose, subject):
    quotes = [f"“{line}”" for line in prose(50, 130).split("\n")]
    mine = prose(1, 250).split("\n") + quotes
    yours = quotes + prose(2, 250).split("\n")
    placed = desk.place(subject("mine", "\n".join(mine)), subject("yours", "\n".join(yours), hour=1))
    assert not desk.together("mine", "yours")
    (related,) = placed.related
    assert (related.story_id, related.kind) == (desk.story("mine"), "quotes")
    assert 100 < related.shared_words < 160


def test_a_speech_quoted_at_length_is_not_a_version_of_the_speech(desk, prose, subject):
    speech = prose(1, 400)
    report = "\n".join(f'"{line}" he said.' for line in speech.split("\n")) + "\n" + prose(2, 150)
    desk.place(subject("speech", speech), subject("report", report, hour=1))
    assert not desk.together("speech", "report")


def test_forty_percent_of_a_wire_inside_an_own_article_is_found(desk, prose, subject):
    wire = prose(1, 600).split("\n")
    own = prose(2, 330).split("\n")
    taken = wire[: round(len(wire) * 0.4)]
    desk.place(subject("wire", "\n".join(wire)), subject("own", "\n".join(own[:3] + taken + own[3:]), hour=4))
    assert desk.together("wire", "own")


def test_words_changed_in_every_sentence_do_not_hide_a_copy(desk, prose, subject):
    rng = random.Random(3)
    words = prose(1, 500).split(" ")
    for at in range(4, len(words), 9):
        words[at] = rng.choice(("instead", "otherwise", "however"))
    desk.place(subject("a", prose(1, 500)), subject("b", " ".join(words), hour=1))
    assert desk.together("a", "b")


def test_a_sites_follow_up_with_background_is_another_story(desk, prose, subject):
    background = prose(5, 200)
    desk.place(
        subject(
            "monday", prose(1, 220) + "\n" + background, site="one.example", title="Parliament debates the new budget"
        ),
        subject(
            "tuesday", prose(2, 220) + "\n" + background, 26, site="one.example", title="Teachers strike in the capital"
        ),
    )
    assert not desk.together("monday", "tuesday")
    assert desk.placements[-1].related[0].kind == "follow_up"


@pytest.mark.parametrize("sites", [("one.example", "one.example"), ("one.example", "two.example")])
def test_reports_from_one_mould_stay_apart(desk, subject, sites):
    mould = (
        "The weather service expects a high of {0} degrees and a low of {1} degrees in the city on Tuesday, with winds of {2} "
        "kilometres an hour from the north west and a chance of rain of {3} percent. Humidity will reach {4} percent. The sun "
        "rises at {5} and sets at {6}. On Wednesday temperatures will climb to {7} degrees, and clouds will clear by noon."
    )
    desk.place(
        subject(
            "w1", mould.format(24, 13, 15, 40, 61, "5:12", "20:31", 26), site=sites[0], title="Weather in the capital"
        ),
        subject("w2", mould.format(31, 19, 7, 5, 38, "5:40", "20:02", 33), site=sites[1], title="Weather on the coast"),
    )
    assert not desk.together("w1", "w2")


def test_a_sites_furniture_is_learned_and_then_ignored(desk, prose, subject):
    furniture = prose(99, 300)
    titles = ("Harbour closes", "Budget passes at night", "Goalkeeper returns home", "Floods reach Valdoria")
    for day, title in enumerate(titles):
        desk.place(subject(f"d{day}", prose(day, 120) + "\n" + furniture, 24 * day, site="one.example", title=title))
    assert len(set(desk.stories().values())) == 4
    assert desk.memory.fingerprints.get(["d3"])["d3"].words < 170


def test_articles_beyond_the_window_are_not_compared(desk, prose, subject):
    desk.place(subject("a", prose(1)), subject("b", prose(1), hour=24 * 5))
    assert not desk.together("a", "b")


def test_a_backfill_of_old_articles_finds_its_copies_and_evicts_nothing(desk, prose, subject):
    now = subject("x", "").event_time
    year = timedelta(days=400)
    desk.place(subject("new", prose(1)))
    desk.place(
        *(subject(f"old{i}", prose(7), event_time=now - year + timedelta(hours=i), arrived=now) for i in range(3))
    )
    desk.place(subject("late", prose(1), hour=30))
    assert desk.together("old0", "old1", "old2")
    assert desk.together("new", "late")


def test_what_arrived_long_ago_is_forgotten_by_the_index_and_kept_by_the_memory(desk, prose, subject):
    desk.place(subject("a", prose(1)))
    desk.place(subject("b", prose(2), hour=24 * 6))
    assert len(desk.grouper.index) == 1
    assert desk.story("a") == story_id("a")


def test_undated_articles_match_only_near_complete_copies(desk, prose, subject):
    desk.place(
        subject("a", prose(1), dated=False),
        subject("b", prose(1) + " End.", hour=24 * 900, dated=False, arrived=None),
        subject("c", "\n".join(prose(1, 400).split("\n")[:4] + prose(2, 400).split("\n")[:6]), hour=48, arrived=None),
    )
    assert desk.together("a", "b")
    assert not desk.together("a", "c")


def test_empty_and_tiny_texts_found_their_own_stories(desk, subject):
    texts = ("", "", "…!", "Watch the video", "Watch the video", "Breaking.")
    desk.place(
        *(
            subject(f"t{i}", text, title=f"Number {i} of {word}")
            for i, (text, word) in enumerate(zip(texts, "uvwxyz", strict=True))
        )
    )
    assert len(set(desk.stories().values())) == 6


def test_counting_lines_in_bulk_is_the_same_as_counting_them_one_by_one():
    rng = random.Random(4)
    bulk, plain = OfflineBoilerplate(), OfflineBoilerplate()
    for n in range(400):
        lines = rng.sample(range(1, 900), 20)
        site, day = f"site{n % 3}", rng.choice(("", "2024-05-06", "2024-05-07", "1969-12-31"))
        bulk.count(site, lines, day)
        known = plain.get(site, lines)
        plain.put(
            [
                Boilerplate(
                    site=site,
                    paragraph=p,
                    articles=known[p].articles + 1 if p in known else 1,
                    first_day=min(known[p].first_day, day) if p in known else day,
                    last_day=max(known[p].last_day, day) if p in known else day,
                    words=0,
                )
                for p in lines
            ]
        )
        assert bulk.get(site, range(1, 900)) == plain.get(site, range(1, 900))
