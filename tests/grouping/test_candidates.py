"""Signatures are datasketch's, bands are its LSH's, and the index finds what a plain dict would."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.group.fingerprint import profile
from pipeline.stages.group.index import CandidateIndex, Filed, band_keys, keys_of
from pipeline.stages.group.postings import COMMON, Postings
from pipeline.stages.group.signature import SCHEME, SEED, hash32, sign

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
sets_of_shingles = st.sets(st.integers(0, 2**63 - 1), min_size=1, max_size=300)


def array_of(values):
    return np.array(sorted(values), np.uint64)


def minhash(values, num_perm):
    m = MinHash(num_perm=num_perm, seed=SEED, hashfunc=hash32, scheme=SCHEME)
    m.update_batch([v.to_bytes(8, "little") for v in values])
    return m


@given(sets_of_shingles, st.sampled_from([16, 128]))
def test_a_signature_is_datasketchs_bit_for_bit(values, num_perm):
    assert sign(array_of(values), num_perm).tolist() == minhash(values, num_perm).hashvalues.tolist()


def test_a_long_text_is_signed_in_blocks_with_the_same_result():
    values = {random.Random(3).getrandbits(63) + i for i in range(5000)}
    assert sign(array_of(values), 128).tolist() == minhash(values, 128).hashvalues.tolist()


def test_a_stored_signature_opens_in_datasketch():
    values = set(range(1, 400))
    mine = LeanMinHash(seed=SEED, hashvalues=sign(array_of(values), 128), scheme=SCHEME)
    assert mine.jaccard(LeanMinHash(minhash(values, 128))) == 1.0


def test_nothing_has_no_signature():
    assert sign(np.empty(0, np.uint64), 128).size == 0


def test_the_profile_names_all_that_a_signature_depends_on():
    assert profile(128) == "fold1-word5-unit4-quotes1/affine32-seed1-p128"


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, 2**63 - 1), min_size=5, max_size=25), min_size=2, max_size=8),
    st.sampled_from([(64, 2), (32, 4), (42, 3)]),
    st.randoms(use_true_random=False),
)
def test_equal_bands_are_exactly_the_candidates_of_minhashlsh(bases, shape, rng):
    bands, rows = shape
    pool = [set(b) for b in bases] + [
        set(b[: len(b) // 2 + 1]) | {rng.getrandbits(63) for _ in range(3)} for b in bases
    ]
    lsh = MinHashLSH(num_perm=128, params=shape)
    for i, values in enumerate(pool):
        lsh.insert(str(i), minhash(values, 128))
    cut = [set(band_keys(sign(array_of(v), 128), bands, rows).tolist()) for v in pool]
    for i, values in enumerate(pool):
        mine = {str(j) for j in range(len(pool)) if cut[i] & cut[j]}
        assert mine == set(lsh.query(minhash(values, 128)))


@given(
    st.lists(st.sets(st.integers(0, 60) | st.integers(0, 2**40 - 1), min_size=1, max_size=12), min_size=1, max_size=80),
    st.integers(0, 60),
    st.integers(0, 40),
)
def test_postings_find_what_a_dict_would(articles, filled, forgotten):
    postings, plain = Postings(slots=64), defaultdict(set)
    for number, keys in enumerate(articles):
        for key in keys:
            plain[key].add(number)
    start = min(filled, len(articles))
    if start:
        postings.fill(list(range(start)), [array_of(k) for k in articles[:start]])
    for number, keys in enumerate(articles[start:], start):
        if number == forgotten:
            postings.forget_before(number // 2)
        postings.add(number, array_of(keys))
    floor = forgotten // 2 if start <= forgotten < len(articles) else 0
    probe = array_of(plain)
    place, number = postings.find(probe)
    found = sorted(zip(probe[place].tolist(), number.tolist(), strict=True))
    assert found == sorted((k, n) for k, numbers in plain.items() for n in numbers if n >= floor)


def test_a_common_key_keeps_its_first_articles_and_gives_its_room_back_when_they_go():
    postings = Postings(slots=64)
    for number in range(COMMON + 64):
        postings.add(number, array_of([7, number + 100]))
    assert postings.passed_over == 64
    assert sorted(postings.find(array_of([7]))[1].tolist()) == list(range(COMMON))
    postings.forget_before(COMMON)
    for number in range(COMMON + 64, COMMON + 128):
        postings.add(number, array_of([7]))
    assert sorted(postings.find(array_of([7]))[1].tolist()) == list(range(COMMON + 64, COMMON + 128))


def test_a_table_under_constant_turnover_does_not_grow():
    postings = Postings()
    sizes = []
    for number in range(4000):
        postings.forget_before(max(0, number - 300))
        postings.add(number, array_of({v >> 23 for v in numbers(number, 130)}))
        sizes.append(postings.nbytes)
    assert max(sizes[2000:]) <= 2 * max(sizes[:1000])


def filed(article_id, values, time=NOON, arrived=NOON):
    shingles = array_of(values)
    keys = keys_of(shingles, sign(shingles, 128), blake2b(article_id.encode(), digest_size=16).digest(), 64, 2)
    return Filed(article_id, keys, time, arrived)


def index_of(*rows):
    index = CandidateIndex(bands=64, rows=2, window_days=4)
    for row in rows:
        index.add(row)
    return index


def ask(index, row):
    return [c.article_id for c in index.candidates(row.keys, row.event_time, 10, 0.1)]


def numbers(seed, count):
    rng = random.Random(seed)
    return [rng.getrandbits(63) for _ in range(count)]


def test_only_articles_within_the_window_are_candidates():
    values = numbers(1, 300)
    index = index_of(
        filed("a", values),
        filed("b", values, NOON + timedelta(days=3.9)),
        filed("c", values, NOON + timedelta(days=4.1)),
    )
    assert ask(index, filed("x", values)) == ["a", "b"]


def test_an_undated_article_meets_all_times():
    values = numbers(1, 300)
    index = index_of(filed("a", values), filed("b", values, NOON + timedelta(days=900)), filed("c", values, None))
    assert set(ask(index, filed("x", values, None))) == {"a", "b", "c"}
    assert set(ask(index, filed("x", values))) == {"a", "c"}


def test_expiry_goes_by_arrival_and_not_by_event_time():
    values = numbers(1, 300)
    old_event = filed("backfilled", values, NOON - timedelta(days=400), NOON)
    index = index_of(filed("gone", values, NOON, NOON - timedelta(days=9)), old_event, filed("kept", values))
    index.expire(NOON - timedelta(days=5))
    assert ask(index, filed("x", values)) == ["kept"]
    assert ask(index, filed("x", values, NOON - timedelta(days=401))) == ["backfilled"]
    assert len(index) == 2


def test_a_revised_article_is_found_by_its_new_words_only():
    old, new = numbers(1, 300), numbers(2, 300)
    index = index_of(filed("a", old), filed("a", new))
    assert ask(index, filed("x", old)) == []
    assert ask(index, filed("x", new)) == ["a"]
    index.remove("a")
    assert ask(index, filed("x", new)) == []


@pytest.mark.parametrize("words", [60, 120, 1000])
def test_an_excerpt_of_sixty_words_is_a_candidate_whatever_the_length_of_the_whole(words):
    found = 0
    for seed in range(60):
        whole = numbers(seed, 1500)
        found += ask(index_of(filed("whole", whole)), filed("part", whole[: words - 4])) == ["whole"]
    assert found >= 57


def test_filling_at_a_restart_finds_the_same_as_adding_one_by_one():
    rng = random.Random(5)
    base = [numbers(i, 200) for i in range(20)]
    rows = [filed(f"a{i}", rng.sample(rng.choice(base), 120) + numbers(i + 100, 80)) for i in range(700)]
    grown, filled = index_of(*rows), CandidateIndex(bands=64, rows=2, window_days=4)
    filled.fill(rows)
    for row in rows[::35]:
        assert ask(grown, row) == ask(filled, row)


def test_a_key_that_everything_has_is_passed_over_and_counted():
    furniture = numbers(0, 40)
    rows = [filed(f"a{i}", furniture + numbers(i + 1, 60)) for i in range(600)]
    index = CandidateIndex(bands=64, rows=2, window_days=4)
    index.fill(rows)
    assert ask(index, rows[7])[0] == "a7"
    assert index.passed_over > 0


def test_old_segments_are_dropped_when_all_in_them_expired():
    rows = [filed(f"a{i}", numbers(i, 60), NOON, NOON + timedelta(minutes=i)) for i in range(3000)]
    index = index_of(*rows)
    before = index.nbytes
    index.expire(NOON + timedelta(minutes=2900))
    assert len(index) == 100
    assert index.nbytes < before / 3
    assert ask(index, rows[2950]) == ["a2950"]
    assert ask(index, rows[50]) == []
