"""Two articles beside each other: what one made of the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Literal

import numpy as np

from pipeline.serve.views.story import compared_pair
from pipeline.stages.diff import ParagraphChange, Span, VersionDiff
from pipeline.stages.diff.sequences import matching
from pipeline.stages.diff.tokens import words
from pipeline.stages.group.boilerplate import MIN_ARTICLES
from pipeline.text.words import line_hashes, read_words
from storage.records import Article, Boilerplate, Credit
from storage.store import Store

AROUND = 1
"""Unchanged paragraphs that are shown before and after a change; the others are folded."""


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
class SpanView:
    """A run of text: in both, or in ``a`` only (``removed``), or in ``b`` only (``added``). ``was`` and ``now`` are the same
    words written with other signs or letters (Arabic and Kurdish keyboards), as ``a`` and as ``b`` has them.
    """

    kind: Literal["same", "removed", "added", "was", "now"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphView:
    """A paragraph of the diff; numbers count from 1, 0 where that side has none.

    ``boilerplate``: the site repeats it on many pages.
    """

    kind: Literal["same", "changed", "moved", "added", "removed"]
    a_number: int
    b_number: int
    spans: tuple[SpanView, ...]
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
    headline: tuple[SpanView, ...]
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
        headline=tuple(_softened(found.headline)),
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
        spans=tuple(_softened(change.spans)),
        boilerplate=text in lines,
    )


def has_variants(diff: DiffView) -> bool:
    paragraphs = (paragraph for run in diff.runs for paragraph in run.paragraphs)
    return any(span.kind == "was" for paragraph in paragraphs for span in paragraph.spans)


def _softened(spans: Sequence[Span]) -> Iterator[SpanView]:
    """Where words went and came, those among them that are the same words are told apart from news."""
    waiting = ""
    for span in spans:
        if waiting and span.kind == "added":
            yield from _replaced(waiting, span.text)
            waiting = ""
            continue
        if waiting:
            yield SpanView(kind="removed", text=waiting)
        waiting = span.text if span.kind == "removed" else ""
        if not waiting:
            yield SpanView(kind=span.kind, text=span.text)
    if waiting:
        yield SpanView(kind="removed", text=waiting)


def _replaced(before: str, after: str) -> Iterator[SpanView]:
    a, b = words(before), words(after)
    i = j = 0
    for block in matching([word.key for word in a], [word.key for word in b]):
        start_a, start_b = a[block.a_start].start, b[block.b_start].start
        end_a, end_b = a[block.a_start + block.size - 1].end, b[block.b_start + block.size - 1].end
        yield from _sides("removed", before[i:start_a], "added", after[j:start_b])
        if before[start_a:end_a] == after[start_b:end_b]:
            yield SpanView(kind="same", text=before[start_a:end_a])
        else:
            yield from _sides("was", before[start_a:end_a], "now", after[start_b:end_b])
        i, j = end_a, end_b
    yield from _sides("removed", before[i:], "added", after[j:])


def _sides(
    kind_a: Literal["removed", "was"], before: str, kind_b: Literal["added", "now"], after: str
) -> Iterator[SpanView]:
    if before:
        yield SpanView(kind=kind_a, text=before)
    if after:
        yield SpanView(kind=kind_b, text=after)
