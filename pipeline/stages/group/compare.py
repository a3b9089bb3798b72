"""Comparing an article with one candidate: the measurements that the rules judge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group import rules
from pipeline.stages.group.index import Candidate
from pipeline.stages.group.types import Channel, Evidence, Prepared, Verdict
from pipeline.text.words import QUOTED, VALUE, WORD_SHINGLE, Words
from storage.records import Fingerprint, PairLink

RELATED = "related"
"""``PairLink.relation`` of a pair that shares material without being versions of one story."""


BRIDGE = 16
"""Shingles: two changed words at most eleven words apart."""

BRIDGE_SLACK = 3
"""Words by which the two sides of an edit may differ in length."""

LEAD = 40
"""Shingles that make up a text's lead."""

_NOWHERE = np.empty(0, np.intp)


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
    mine_at, their_at = aligned(prepared, theirs & VALUE)
    once, twice = quoted_shares(prepared.sequence[mine_at] >= QUOTED, theirs[their_at] >= QUOTED)
    runs, run_words = passages(mine_at, their_at)
    numbers, same_numbers, all_numbers = agreeing_numbers(prepared.words, mine_at, frozenset(other.numbers))
    gap_days = abs((subject.event_time - other.event_time).total_seconds()) / 86400.0
    return Evidence(
        shared=mine_at.size,
        bridged=bridged(mine_at, their_at),
        a_shingles=prepared.shingles.size,
        b_shingles=theirs.size,
        a_words=prepared.words.count,
        b_words=other.words,
        passages=runs,
        passage_words=run_words,
        same_words=prepared.text_hash == other.text_hash and other.words > 0,
        same_site=subject.site == other.site,
        title=0.0 if title_repeats else rules.title_overlap(prepared.title, other.title),
        same_title=not title_repeats and rules.same_title(prepared.title, other.title),
        titles_count_apart=rules.titles_count_apart(prepared.title, other.title),
        numbers=numbers,
        same_numbers=same_numbers,
        all_numbers=all_numbers,
        lead=max(_in_lead(mine_at), _in_lead(their_at)),
        quoted_once=once,
        quoted_twice=twice,
        gap_days=gap_days if subject.dated and dated else None,
    )


def aligned(mine: Prepared, theirs: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the shared shingles stand in either text: two arrays of positions, pairwise, in the order of ``theirs``."""
    if not mine.shingles.size or not theirs.size:
        return _NOWHERE, _NOWHERE
    at = np.searchsorted(mine.shingles, theirs)
    at[at == mine.shingles.size] = 0
    there = np.flatnonzero(mine.shingles[at] == theirs)
    return mine.order[at[there]], there


def _in_lead(at: NDArray[np.intp]) -> float:
    return min(1.0, int((at < LEAD).sum()) / LEAD)


def quoted_shares(mine: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> tuple[float, float]:
    """Shares of the shared shingles that are quoted in exactly one text, in both."""
    if not mine.size:
        return 0.0, 0.0
    return float((mine != theirs).mean()), float((mine & theirs).mean())


def bridged(mine_at: NDArray[np.intp], their_at: NDArray[np.intp]) -> int:
    """Shingles lost to small edits: gaps of a few words, alike in both texts, between shared words that keep their order.

    One changed word costs five shingles; where both texts go on alike after it, the sentence was edited, not rewritten.
    """
    if mine_at.size < 2:
        return 0
    mine = np.diff(mine_at) - 1
    theirs = np.diff(their_at) - 1
    small = (mine > 0) & (theirs >= 0) & (np.maximum(mine, theirs) <= BRIDGE) & (np.abs(mine - theirs) <= BRIDGE_SLACK)
    return int(np.minimum(mine, theirs)[small].sum())


def passages(mine_at: NDArray[np.intp], their_at: NDArray[np.intp]) -> tuple[int, int]:
    """``(runs, words in them)`` of shared words that go on in both texts."""
    if not mine_at.size:
        return 0, 0
    runs = 1 + int(((np.diff(mine_at) != 1) | (np.diff(their_at) != 1)).sum())
    return runs, mine_at.size + runs * (WORD_SHINGLE - 1)


def agreeing_numbers(words: Words, at: NDArray[np.intp], theirs: frozenset[str]) -> tuple[float, int, int]:
    """``(share, agreeing, compared)``: the numbers on which two texts agree; share 1 where there is none to compare.

    Of the text being placed only what lies between its first and last shared words counts: clocks, phone numbers and
    weather that a page puts around a story differ from site to site. Of the other text the order is not known: there all
    numbers count, and the better of the two shares is taken, because either text may say more than the other.
    """
    if not at.size:
        return float(not words.numbers and not theirs), 0, 0
    first, last = np.searchsorted(words.number_at, (int(at.min()), int(at.max()) + WORD_SHINGLE))
    mine = frozenset(words.numbers[first:last])
    same = len(mine & theirs)
    share = same / len(mine) if mine else 1.0
    if share < 1.0 and theirs:
        share = max(share, len(theirs & frozenset(words.numbers)) / len(theirs))
    return share, same, len(mine)


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
