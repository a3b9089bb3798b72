"""Two articles beside each other: what one made of the other, and why they are, or are not, together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Literal, cast

import numpy as np

from pipeline.serve.views.story import PassageView, compared_pair
from pipeline.settings import GroupSettings
from pipeline.stages.diff import ParagraphChange, Span, VersionDiff, shared_passages
from pipeline.stages.group import Evidence, Explanation, Grouper
from pipeline.stages.group.boilerplate import MIN_ARTICLES
from pipeline.stages.group.explain import RULES
from pipeline.text.words import line_hashes, read_words
from storage.records import Article, Boilerplate, Credit
from storage.store import Store

AROUND = 1
"""Unchanged paragraphs that are shown before and after a change; the others are folded."""
PASSAGES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """One of the two. ``out``: published, or else first seen."""

    article_id: str
    revision: int
    title: str | None
    source: str
    domain: str
    url: str
    language: str | None
    out: datetime
    words: int
    story_id: str
    credits: tuple[Credit, ...]
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphView:
    """A paragraph of the diff; numbers count from 1, 0 where that side has none.

    ``boilerplate``: the site repeats it on many pages.
    """

    kind: Literal["same", "changed", "moved", "added", "removed"]
    a_number: int
    b_number: int
    spans: tuple[Span, ...]
    boilerplate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldView:
    """A run of paragraphs; ``hidden``: unchanged ones far from any change, shown when asked for."""

    hidden: bool
    paragraphs: tuple[ParagraphView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffView:
    """What ``b`` made of ``a``. ``counts``: paragraphs by kind."""

    a: SideView
    b: SideView
    headline: tuple[Span, ...]
    headline_changed: bool
    lead: Literal["same", "changed", "replaced"]
    counts: dict[str, int]
    credits_added: tuple[Credit, ...]
    credits_removed: tuple[Credit, ...]
    runs: tuple[FoldView, ...]
    unchanged: bool


KINDS = ("same", "changed", "moved", "added", "removed")


def side_view(article: Article, words: int | None = None) -> SideView:
    return SideView(
        article_id=article.id,
        revision=article.revision,
        title=article.title,
        source=article.source.name or article.source.domain,
        domain=article.source.domain,
        url=article.url,
        language=article.language,
        out=article.date_published or article.date_first_seen,
        words=len(article.content_text.split()) if words is None else words,
        story_id=article.story_id,
        credits=article.credits,
        withdrawn=article.status == "withdrawn",
    )


Repeated = tuple[frozenset[str], frozenset[str]]
"""The lines of each side that its site repeats on other pages."""


def repeated_lines(store: Store, article: Article) -> frozenset[str]:
    """The lines of the article that its site has used on several days: furniture, as grouping sees it."""
    numbers, hashes, _counts = line_hashes(read_words(article.content_text))
    keys = (hashes >> np.uint64(1)).tolist()
    known = store.boilerplate.get(article.source.domain, keys) if keys else {}
    lines = article.content_text.split("\n")
    places = zip(numbers.tolist(), keys, strict=True)
    return frozenset(lines[n] for n, key in places if key in known and _is_furniture(known[key]))


def _is_furniture(row: Boilerplate) -> bool:
    return row.articles >= MIN_ARTICLES and row.first_day < row.last_day


def diff_view(a: Article, b: Article, repeated: Repeated = (frozenset(), frozenset())) -> DiffView:
    """What ``b`` made of ``a``."""
    found = compared_pair(a, b)
    return DiffView(
        a=side_view(a, found.words_a),
        b=side_view(b, found.words_b),
        headline=found.headline,
        headline_changed=found.headline_changed,
        lead=found.lead,
        counts={kind: found.count(kind) for kind in KINDS},  # type: ignore[arg-type]  # the literals of its parameter
        credits_added=found.credits_added,
        credits_removed=found.credits_removed,
        runs=tuple(_runs(found, repeated)),
        unchanged=found.unchanged,
    )


def _runs(diff: VersionDiff, repeated: Repeated) -> Iterator[FoldView]:
    changes = [change for change in diff.paragraphs if any(span.text.strip() for span in change.spans)]
    near = {0}
    for n, change in enumerate(changes):
        if change.kind != "same":
            near.update(range(n - AROUND, n + AROUND + 1))
    hidden = [change.kind == "same" and n not in near for n, change in enumerate(changes)]
    for key, run in groupby(zip(hidden, changes, strict=True), key=lambda pair: pair[0]):
        shown = tuple(_paragraph(change, repeated) for _, change in run)
        yield FoldView(hidden=key and len(shown) > 1, paragraphs=shown)


def _paragraph(change: ParagraphChange, repeated: Repeated) -> ParagraphView:
    text = "".join(span.text for span in change.spans)
    lines = repeated[0] if change.kind == "removed" else repeated[1]
    return ParagraphView(
        kind=change.kind,
        a_number=0 if change.kind == "added" else change.a_start + 1,
        b_number=0 if change.kind == "removed" else change.b_start + 1,
        spans=change.spans,
        boilerplate=text in lines,
    )


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
        sentences=found.sentences if found else (),
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
