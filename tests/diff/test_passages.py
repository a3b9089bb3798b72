"""The passages that two texts share."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.diff import shared_passages
from pipeline.text.words import read_words

WORDS = st.lists(st.sampled_from(["dam", "gate", "the", "of", "water", "said", "Rostam", "on"]), max_size=40)


def test_a_shared_quote_in_two_own_reports_is_found_and_nothing_else(texts):
    quote = texts.FIRST.split("\n")[2]
    own = f"A visit to the valley.\nPeople here speak of little else. {quote} They shrug.\nIt rained again on Monday night."
    (passage,) = shared_passages(texts.FIRST, own)
    assert texts.FIRST[passage.a_start : passage.a_end] == passage.text
    assert own[passage.b_start : passage.b_end] == passage.text
    assert passage.text.startswith("We had divers")
    assert passage.words == read_words(passage.text).count


def test_spelling_quotes_and_case_do_not_hide_a_passage(texts):
    quote = texts.FIRST.split("\n")[2]
    other = quote.upper().replace("“", '"').replace("’", "'")
    assert [p.words for p in shared_passages(quote, other)] == [read_words(quote).count]


def test_eleven_words_are_a_phrase_and_twelve_a_passage():
    run = [f"word{n}" for n in range(12)]
    assert shared_passages(" ".join(["a", *run[:11], "b"]), " ".join(["c", *run[:11], "d"])) == ()
    (passage,) = shared_passages(" ".join(["a", *run, "b"]), " ".join(["c", *run, "d"]))
    assert passage.words == 12


def test_arabic_script_and_chinese_are_read_by_their_own_words(texts):
    assert [p.text.split()[0] for p in shared_passages(texts.SORANI, texts.SORANI_COPY, 8)] == [
        "دەروازەی",
        "بەپێوەبەرایەتیی",
    ]
    longest = max(shared_passages(texts.CHINESE, texts.CHINESE_COPY), key=lambda p: p.words)
    assert longest.text.startswith("春季洪水") or "春季洪水" in longest.text


def test_twelve_chinese_characters_are_fewer_than_twelve_words():
    run = "春季洪水带来的漂木损坏了"
    assert shared_passages(f"甲{run}乙", f"丙{run}丁") == ()


@given(a=WORDS, b=WORDS)
def test_passages_are_equal_maximal_and_lie_in_order(a, b):
    left, right = " ".join(a), " ".join(b)
    found = shared_passages(left, right, 3)
    ends = [0, *(p.b_end for p in found)]
    for passage, end in zip(found, ends, strict=False):
        assert left[passage.a_start : passage.a_end] == right[passage.b_start : passage.b_end] == passage.text
        assert passage.b_start >= end
        after_a, after_b = left[passage.a_end :].split(), right[passage.b_end :].split()
        assert not after_a or not after_b or after_a[0] != after_b[0]


@given(a=WORDS, b=WORDS)
def test_a_run_of_three_words_that_both_have_is_never_missed(a, b):
    grams = {tuple(a[n : n + 3]) for n in range(len(a) - 2)}
    covered = sum(p.words for p in shared_passages(" ".join(a), " ".join(b), 3))
    assert bool(covered) == any(tuple(b[n : n + 3]) in grams for n in range(len(b) - 2))
