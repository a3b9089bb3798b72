"""Comparing an article with one candidate: the measurements that the rules judge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group import rules
from pipeline.stages.group.index import Candidate
from pipeline.stages.group.types import Channel, Evidence, Prepared, Verdict
from pipeline.text.words import WORD_SHINGLE
from storage.records import Fingerprint, PairLink

RELATED = "related"
"""``PairLink.relation`` of a pair that shares material without being versions of one story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pair with its verdict; ``other`` is the candidate as it stood before the placement."""

    other: Fingerprint
    channel: Channel
    evidence: Evidence
    verdict: Verdict

    @property
    def matched(self) -> bool:
        return self.verdict.relation is not None


def compare(
    prepared: Prepared,
    other: Fingerprint,
    candidate: Candidate,
    *,
    title_repeats: bool,
    thresholds: rules.Thresholds,
) -> Compared:
    """Compares on the exact shingles. ``title_repeats``: the site gives this title to everything, so it says nothing."""
    evidence = _evidence(prepared, other, title_repeats=title_repeats, dated=candidate.dated)
    return Compared(
        other=other, channel=candidate.channel, evidence=evidence, verdict=rules.decide(evidence, thresholds)
    )


def _evidence(prepared: Prepared, other: Fingerprint, *, title_repeats: bool, dated: bool) -> Evidence:
    subject = prepared.subject
    theirs = np.frombuffer(other.shingles, "<u8")
    shared = shared_shingles(prepared.shingles, theirs)
    runs, run_words = passages(prepared.sequence, shared)
    numbers, numbers_both = rules.number_overlap(prepared.words.numbers, other.numbers)
    gap_days = abs((subject.event_time - other.event_time).total_seconds()) / 86400.0
    return Evidence(
        shared=shared.size,
        a_shingles=prepared.shingles.size,
        b_shingles=theirs.size,
        a_words=prepared.words.count,
        b_words=other.words,
        passages=runs,
        passage_words=run_words,
        same_words=prepared.text_hash == other.text_hash,
        same_site=subject.site == other.site,
        title=0.0 if title_repeats else rules.title_overlap(prepared.title, other.title),
        titles_count_apart=rules.titles_count_apart(prepared.title, other.title),
        numbers=numbers,
        numbers_both=numbers_both,
        gap_days=gap_days if subject.dated and dated else None,
    )


def shared_shingles(mine: NDArray[np.uint64], theirs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The intersection of two sorted sets."""
    small, large = (mine, theirs) if mine.size <= theirs.size else (theirs, mine)
    if not small.size:
        return small
    at = np.searchsorted(large, small)
    at[at == large.size] = 0
    shared: NDArray[np.uint64] = small[large[at] == small]
    return shared


def passages(sequence: NDArray[np.uint64], shared: NDArray[np.uint64]) -> tuple[int, int]:
    """``(runs, words in them)`` of the shared shingles in the order of a text."""
    if not shared.size:
        return 0, 0
    at = np.searchsorted(shared, sequence)
    at[at == shared.size] = 0
    flags = np.zeros(sequence.size + 2, np.int8)
    flags[1:-1] = shared[at] == sequence
    runs = int((np.diff(flags) == 1).sum())
    return runs, int(flags.sum()) + runs * (WORD_SHINGLE - 1)


def link_of(article_id: str, compared: Compared) -> PairLink | None:
    """The pair as it is kept; None if the two have nothing to do with each other."""
    if not compared.matched and not compared.verdict.related:
        return None
    e = compared.evidence
    return PairLink(
        a=article_id,
        b=compared.other.article_id,
        relation=compared.verdict.relation or RELATED,
        similarity=round(e.similarity, 4),
        a_in_b=round(e.a_in_b, 4),
        b_in_a=round(e.b_in_a, 4),
        shared=e.shared,
        rule=compared.verdict.rule,
        channel=compared.channel,
    )
