"""Why two articles are, or are not, versions of one story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pipeline.serve.views.pair import SideView, side_view
from pipeline.serve.views.story import PassageView
from pipeline.settings import GroupSettings
from pipeline.stages.diff import shared_passages
from pipeline.stages.group import Evidence, Explanation, Grouper
from pipeline.stages.group.explain import RULES
from storage.records import Article
from storage.store import Store

PASSAGES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureView:
    """One measure beside what the general rule needs; ``passed`` is None where nothing is needed."""

    name: str
    value: str
    needed: str
    passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainView:
    """Why ``a`` and ``b`` are, or are not, versions of one story. ``known``: grouping has seen both."""

    a: SideView
    b: SideView
    known: bool
    together: bool
    relation: str | None
    related: bool
    rule: str | None
    rule_text: str
    channel: str | None
    sentences: tuple[str, ...]
    measures: tuple[MeasureView, ...]
    passages: tuple[PassageView, ...]
    passage_count: int


def explain_view(store: Store, a: Article, b: Article, settings: GroupSettings) -> ExplainView:
    """The measurements and rules again, as ``wirefold stories explain`` says them."""
    found = Grouper(settings).explain(a.id, b.id, cast("Any", store))  # it only reads
    passages = sorted(shared_passages(a.content_text, b.content_text), key=lambda passage: -passage.words)
    rule = found.verdict.rule if found else None
    return ExplainView(
        a=side_view(a),
        b=side_view(b),
        known=found is not None,
        together=found.together if found else a.story_id == b.story_id,
        relation=found.verdict.relation if found else None,
        related=found.verdict.related if found else False,
        rule=rule,
        rule_text=RULES.get(rule or "", ""),
        channel=found.channel if found else None,
        sentences=found.sentences if found else ("They are one article.",) if a.id == b.id else (),
        measures=tuple(_measures(found, settings)),
        passages=tuple(PassageView(text=p.text, words=p.words) for p in passages[:PASSAGES]),
        passage_count=len(passages),
    )


def _measures(found: Explanation | None, s: GroupSettings) -> Sequence[MeasureView]:
    if found is None or found.evidence is None:
        return ()
    return [MeasureView(name=n, value=v, needed=needed, passed=ok) for n, v, needed, ok in _rows(found.evidence, s)]


def _rows(e: Evidence, s: GroupSettings) -> Iterator[tuple[str, str, str, bool | None]]:
    yield "Similarity", _percent(e.similarity), f"{_percent(s.similarity)} makes a copy", e.similarity >= s.similarity
    contained = e.containment >= s.containment
    yield "Contained in the other", _percent(e.containment), f"{_percent(s.containment)} makes an excerpt", contained
    enough = e.shared >= s.min_shared_shingles
    yield "Shared runs of five words", f"{e.shared:,}", f"{s.min_shared_shingles} and more", enough
    yield "Words", f"{e.a_words:,} and {e.b_words:,}", "", None
    yield "Shared passages", f"{e.passages:,} of {e.passage_words:,} words", "", None
    yield "Titles in common", _percent(e.title), "", None
    yield "Numbers in agreement", _percent(e.numbers), "", None
    gap, near = ("unknown", None) if e.gap_days is None else (f"{e.gap_days:.1f} days", e.gap_days <= s.window_days)
    yield "Time between", gap, f"within {s.window_days:g} days", near
    yield "Same site", "yes" if e.same_site else "no", "a site's own follow-ups need more" if e.same_site else "", None


def _percent(share: float) -> str:
    return "100 %" if share >= 1 else f"{min(99, round(100 * share))} %"
