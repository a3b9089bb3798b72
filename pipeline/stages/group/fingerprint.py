"""The expensive part of grouping that needs no other article: normalise, shingle, sign. Pure and picklable."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group.signature import SCHEME, SEED, sign
from pipeline.stages.group.types import Prepared, Subject
from pipeline.text.words import RECIPE, VALUE, Words, line_hashes, read_words, shingles, words_hash

MIN_SIGNED_WORDS = 12
"""Shorter texts are compared by their exact words only: an empty or tiny set of shingles equals too many others."""


_NOTHING = np.empty(0, np.uint64)


def profile(num_perm: int) -> str:
    """Names all that a stored signature depends on; signatures of two profiles are never compared."""
    return f"{RECIPE}/{SCHEME}-seed{SEED}-p{num_perm}"


def prepare(subject: Subject, num_perm: int = 128) -> Prepared:
    """Reduces a subject's text to hashed words, shingles and a signature (500 words: about .3 ms)."""
    skimmed = skim(subject)
    return reduce(skimmed, skimmed.words, num_perm)


def skim(subject: Subject) -> Prepared:
    """Reads the words only: no shingles, no signature yet."""
    words = read_words(subject.text)
    return Prepared(
        subject=subject,
        words=words,
        lines=line_hashes(words),
        sequence=_NOTHING,
        shingles=_NOTHING,
        order=np.empty(0, np.intp),
        signature=np.empty(0, np.uint32),
        text_hash=words_hash(words),
        title=subject.title or "",
    )


def reduce(prepared: Prepared, words: Words, num_perm: int) -> Prepared:
    """Shingles and signs ``words``: those of ``prepared``, or what is left of them without boilerplate."""
    sequence = shingles(words) if words.count >= MIN_SIGNED_WORDS else _NOTHING
    sequence, order, unique = _distinct(sequence)
    return replace(
        prepared, words=words, sequence=sequence, shingles=unique, order=order, signature=sign(unique, num_perm)
    )


def _distinct(
    sequence: NDArray[np.uint64],
) -> tuple[NDArray[np.uint64], NDArray[np.intp], NDArray[np.uint64]]:
    """The distinct shingles in order of first appearance, the positions that sort them by value, and the sorted values."""
    values = sequence & VALUE
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    fresh = np.ones(ranked.size, np.bool_)
    np.not_equal(ranked[1:], ranked[:-1], out=fresh[1:])
    starts = np.flatnonzero(fresh)
    if starts.size == ranked.size:
        return sequence, order, ranked
    first = order[starts]
    keep = np.zeros(sequence.size, np.bool_)
    keep[first] = True
    place = np.cumsum(keep) - 1
    return sequence[keep], place[first], ranked[starts]
