"""What two versions of one story changed, as a reader would say it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.diff import apply, changes, compare, spans, text_of
from pipeline.stages.diff.sequences import longest_ascending, matching
from storage.records import Credit

LINES = st.sampled_from(
    ["", "the dam", "the dam is open", "water flows out of the old dam again today", "water flows again today, out of the dam",
     "said Rostam", "“at no time was the wall in danger,” said Rostam", "لافاوی بەهار", "دەروازەی باشووری بەنداوی سەردان", "大坝的南闸门",
     "大坝的北闸门", "a", "b", "a b", "e\u0301", "\u200c", "don't 12.5", "\U0001f30a wave"]
)  # fmt: skip
TEXTS = st.one_of(st.lists(LINES, max_size=12).map("\n".join), st.text(max_size=60))


def kinds(diff) -> list[str]:
    return [change.kind for change in diff.paragraphs]


@given(a=TEXTS, b=TEXTS)
def test_applying_the_diff_to_the_first_text_gives_the_second(article, a, b):
    assert apply(compare(article("x", a), article("y", b)), a) == b


@given(a=TEXTS, b=TEXTS)
def test_every_line_of_both_texts_stands_in_the_diff_exactly_once(a, b):
    found = list(changes(a, b))
    of_a = [n for change in found if change.kind != "added" for n in range(change.a_start, change.a_end)]
    of_b = [n for change in found if change.kind != "removed" for n in range(change.b_start, change.b_end)]
    assert sorted(of_a) == list(range(a.count("\n") + 1))
    assert of_b == list(range(b.count("\n") + 1))


@given(a=TEXTS, b=TEXTS)
def test_spans_hold_both_texts(a, b):
    parts = spans(a, b)
    assert (text_of(parts, "a"), text_of(parts, "b")) == (a, b)
    assert all(span.text for span in parts)


@given(a=TEXTS)
def test_a_text_compared_with_itself_has_no_change(article, a):
    assert compare(article("x", a), article("y", a)).unchanged


@given(a=st.lists(st.sampled_from("abcdefg"), max_size=30), b=st.lists(st.sampled_from("abcdefg"), max_size=30))
def test_matching_blocks_match_ascend_and_do_not_touch(a, b):
    blocks = matching(a, b)
    assert all(a[i : i + n] == b[j : j + n] and n for i, j, n in blocks)
    for (i, j, n), (k, m, _) in pairwise(blocks):
        assert i + n <= k
        assert j + n <= m
        assert (i + n, j + n) != (k, m)


@given(values=st.lists(st.integers(0, 40), unique=True, max_size=12))
def test_the_longest_ascending_subsequence_is_longest(values):
    chain = [values[n] for n in longest_ascending(values)]
    best = [1] * len(values)
    for n in range(len(values)):
        best[n] = 1 + max((best[m] for m in range(n) if values[m] < values[n]), default=0)
    assert chain == sorted(chain)
    assert len(chain) == max(best, default=0)


def test_a_copy_with_a_rewritten_lead_moved_paragraph_and_own_ending(article, texts):
    """The pattern of copied reports: each edit is named as what it is, and nothing else is."""
    diff = compare(article("first", texts.FIRST), article("copy", texts.COPY))
    assert diff.lead == "replaced"
    assert (diff.count("added"), diff.count("removed"), diff.count("moved")) == (2, 2, 1)
    assert kinds(diff) == ["removed", "added", "same", "moved", "changed", "same", "removed", "added"]


def test_an_edit_inside_a_paragraph_is_marked_by_the_word(article, texts):
    diff = compare(article("first", texts.FIRST), article("copy", texts.COPY))
    changed = next(change for change in diff.paragraphs if change.kind == "changed")
    marked = [(span.kind, span.text.strip()) for span in changed.spans if span.kind != "same"]
    assert marked == [("removed", "directorate's"), ("added", "of the directorate")]


@pytest.mark.parametrize(
    ("a", "b", "removed", "added"),
    [("SORANI", "SORANI_COPY", ["سێشەممە"], ["چوارشەممە"]), ("CHINESE", "CHINESE_COPY", ["二", "一"], ["三", "二"])],
)
def test_words_and_characters_of_other_scripts_are_marked_one_by_one(article, texts, a, b, removed, added):
    diff = compare(article("a", getattr(texts, a)), article("b", getattr(texts, b)))
    parts = [span for change in diff.paragraphs if change.kind == "changed" for span in change.spans]
    assert [span.text for span in parts if span.kind == "removed"] == removed
    assert [span.text for span in parts if span.kind == "added"] == added


def test_letter_variants_and_quotes_are_a_change_without_a_change_of_wording(article):
    a, b = "“The gate is open,” said كریم on Tuesday evening.", '"The gate is open," said کریم on Tuesday evening.'
    (change,) = compare(article("a", a), article("b", b)).paragraphs
    assert (change.kind, change.wording_same) == ("changed", True)


def test_a_paragraph_broken_in_three_is_one_change_and_loses_nothing(article, texts):
    """Newsrooms break paragraphs: the parts are not “added”, and the words are unchanged."""
    lines = texts.FIRST.split("\n")
    broken = lines[2].replace(" said Hiwa", "\nsaid Hiwa").replace(" at a press", "\nat a press")
    diff = compare(article("a", texts.FIRST), article("b", "\n".join([*lines[:2], broken, *lines[3:]])))
    assert kinds(diff) == ["same", "same", "changed", "same", "same", "same"]
    changed = diff.paragraphs[2]
    assert (changed.a_end - changed.a_start, changed.b_end - changed.b_start, changed.wording_same) == (1, 3, True)


def test_two_paragraphs_run_together_are_one_change(article, texts):
    lines = texts.FIRST.split("\n")
    diff = compare(article("a", texts.FIRST), article("b", "\n".join([lines[0], f"{lines[1]} {lines[2]}", *lines[3:]])))
    assert kinds(diff) == ["same", "changed", "same", "same", "same"]


def test_moving_the_short_paragraph_moves_the_short_one(article, texts):
    """As many words as possible stay in place: it is the short paragraph that moved, not all the others."""
    lines = texts.FIRST.split("\n")
    diff = compare(article("a", texts.FIRST), article("b", "\n".join([lines[5], *lines[:5]])))
    assert kinds(diff) == ["moved", "same", "same", "same", "same", "same"]
    assert diff.lead == "replaced"


def test_headline_and_credits_are_told(article):
    by = Credit(role="agency", name="AP", text="By AP")
    image = Credit(role="image", name="ARA", text="Image: ARA")
    diff = compare(article("a", "x", "Dam opens", (by,)), article("b", "x", "Dam closes", (image,)))
    assert diff.headline_changed
    assert (diff.credits_added, diff.credits_removed) == ((image,), (by,))


def test_a_truncated_copy_has_only_removed_paragraphs(article, texts):
    short = "\n".join(texts.FIRST.split("\n")[:2])
    diff = compare(article("a", texts.FIRST), article("b", short))
    assert kinds(diff) == ["same", "same", "removed", "removed", "removed", "removed"]
    assert diff.lead == "same"


def test_a_diff_refuses_a_text_that_it_was_not_made_from(article):
    diff = compare(article("a", "one\ntwo"), article("b", "one\nthree"))
    with pytest.raises(ValueError, match="not what the diff was made from"):
        apply(diff, "other\ntwo")


def test_long_single_paragraphs_and_repeated_lines_are_compared_in_few_steps(article):
    """Neither one paragraph of 20,000 words nor a live blog of 3,000 equal lines makes the comparison quadratic."""
    words = [f"w{n % 977}" for n in range(20_000)]
    edited = [*words[:5000], "x", *words[5000:12_000], *words[12_010:], "y"]
    a, b = " ".join(words), " ".join(edited)
    assert apply(compare(article("a", a), article("b", b)), a) == b
    a, b = "\n".join(["* * *"] * 3000), "\n".join(["* * *", "new"] * 1500)
    assert apply(compare(article("a", a), article("b", b)), a) == b


def test_a_paragraph_that_repeats_what_is_there_is_added_and_not_taken_into_its_neighbour(article, texts):
    line = texts.FIRST.split("\n")[2]
    again = " ".join(line.split()[:12])
    diff = compare(article("a", line), article("b", f"{line}\n{again}"))
    assert kinds(diff) == ["same", "added"]


def test_the_longer_text_stays_and_the_shorter_moves_even_where_it_is_two_paragraphs(article, texts):
    long = texts.FIRST.split("\n")[2]
    diff = compare(article("a", f"{long}\nRain fell.\nIt was cold."), article("b", f"Rain fell.\nIt was cold.\n{long}"))
    assert kinds(diff) == ["moved", "moved", "same"]


def test_a_lone_short_word_between_two_changes_goes_with_them():
    """“in” alone would cut one replacement into three pieces that nobody can read."""
    parts = spans("Two red cars in town burned.", "Two blue bikes in villages burned.")
    assert [(span.kind, span.text) for span in parts] == [
        ("same", "Two "), ("removed", "red cars in town"), ("added", "blue bikes in villages"), ("same", " burned."),
    ]  # fmt: skip
