"""Two versions of one story, paragraph by paragraph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.stages.diff.paragraphs import Group, align, in_place
from pipeline.stages.diff.spans import Span, spans, text_of
from pipeline.stages.diff.tokens import keys
from pipeline.text.words import read_words
from storage.records import Article, Credit

ParagraphKind = Literal["same", "changed", "moved", "added", "removed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """Lines ``[a_start, a_end)`` of the first text became lines ``[b_start, b_end)`` of the second (counted from 0).

    - ``moved``: stands at another place in the order, perhaps with other words.
    - ``wording_same``: only signs, case or letter variants differ.
    """

    kind: ParagraphKind
    a_start: int
    a_end: int
    b_start: int
    b_end: int
    wording_same: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDiff:
    """What ``b`` made of ``a``. ``headline`` has one ``same`` span (or none) where it was kept.

    ``lead``: whether the first paragraph was kept, changed, or another one leads. ``paragraphs`` come in the order of ``b``,
    removed ones where they stood.
    """

    a: str
    b: str
    headline: tuple[Span, ...]
    lead: Literal["same", "changed", "replaced"]
    paragraphs: tuple[ParagraphChange, ...]
    credits_added: tuple[Credit, ...]
    credits_removed: tuple[Credit, ...]
    words_a: int
    words_b: int

    @property
    def headline_changed(self) -> bool:
        return any(span.kind != "same" for span in self.headline)

    def count(self, kind: ParagraphKind) -> int:
        """Paragraphs of that kind, as the side that has them counts."""
        return sum(_lines(change) for change in self.paragraphs if change.kind == kind)

    @property
    def unchanged(self) -> bool:
        """Headline, text and credits are the same, to the letter."""
        kept = all(change.kind == "same" for change in self.paragraphs)
        return kept and not self.headline_changed and not self.credits_added and not self.credits_removed


def compare(a: Article, b: Article) -> VersionDiff:
    """What distinguishes the two texts, headlines and credits. Pure; near-linear in the length of the texts."""
    paragraphs = tuple(changes(a.content_text, b.content_text))
    return VersionDiff(
        a=a.id,
        b=b.id,
        headline=spans(a.title or "", b.title or ""),
        lead=_lead(paragraphs),
        paragraphs=paragraphs,
        credits_added=tuple(credit for credit in b.credits if credit not in a.credits),
        credits_removed=tuple(credit for credit in a.credits if credit not in b.credits),
        words_a=read_words(a.content_text).count,
        words_b=read_words(b.content_text).count,
    )


def changes(a_text: str, b_text: str) -> Iterator[ParagraphChange]:
    """The paragraphs of both texts in the order of ``b``; between two that stayed, removed ones come first."""
    a, b = a_text.split("\n"), b_text.split("\n")
    groups = align(a, b)
    kept = in_place(groups, [len(" ".join(a[g.a_start : g.a_end])) for g in groups])
    starts = {group.b_start: n for n, group in enumerate(groups)}
    gone = _ungrouped(a, groups)
    since: list[ParagraphChange] = []
    j = gap = 0
    while j < len(b):
        n = starts.get(j)
        if n is not None and n in kept:
            yield from (_removed(a[i], i, gap) for i in _take(gone, groups[n].a_start))
            yield from since
            since, gap = [], groups[n].b_end
            yield _grouped(a, b, groups[n], moved=False)
        else:
            since.append(_added(b[j], j) if n is None else _grouped(a, b, groups[n], moved=True))
        j = j + 1 if n is None else groups[n].b_end
    yield from (_removed(a[i], i, gap) for i in gone)
    yield from since


def _ungrouped(a: Sequence[str], groups: Sequence[Group]) -> list[int]:
    grouped = {i for group in groups for i in range(group.a_start, group.a_end)}
    return [i for i in range(len(a)) if i not in grouped]


def _take(gone: list[int], before: int) -> list[int]:
    taken = [i for i in gone if i < before]
    del gone[: len(taken)]
    return taken


def _added(text: str, j: int) -> ParagraphChange:
    parts = (Span("added", text),) if text else ()
    return ParagraphChange(kind="added", a_start=0, a_end=0, b_start=j, b_end=j + 1, wording_same=False, spans=parts)


def _removed(text: str, i: int, j: int) -> ParagraphChange:
    parts = (Span("removed", text),) if text else ()
    return ParagraphChange(kind="removed", a_start=i, a_end=i + 1, b_start=j, b_end=j, wording_same=False, spans=parts)


def _grouped(a: Sequence[str], b: Sequence[str], group: Group, *, moved: bool) -> ParagraphChange:
    before, after = "\n".join(a[group.a_start : group.a_end]), "\n".join(b[group.b_start : group.b_end])
    return ParagraphChange(
        kind="moved" if moved else "same" if before == after else "changed",
        a_start=group.a_start,
        a_end=group.a_end,
        b_start=group.b_start,
        b_end=group.b_end,
        wording_same=before == after or list(keys(before)) == list(keys(after)),
        spans=spans(before, after),
    )


def _lines(change: ParagraphChange) -> int:
    text = text_of(change.spans, "a" if change.kind == "removed" else "b")
    return sum(bool(line.strip()) for line in text.split("\n"))


def _lead(paragraphs: Sequence[ParagraphChange]) -> Literal["same", "changed", "replaced"]:
    """Compares the paragraphs that open the two texts; blank lines do not."""
    filled = [change for change in paragraphs if any(span.text.strip() for span in change.spans)]
    of_a = min((c for c in filled if c.kind != "added"), key=lambda c: c.a_start, default=None)
    of_b = min((c for c in filled if c.kind != "removed"), key=lambda c: c.b_start, default=None)
    if of_a is not of_b:
        return "replaced"
    return "same" if of_a is None or of_a.wording_same else "changed"


def apply(diff: VersionDiff, a_text: str) -> str:
    """The text of ``b``, made from the text of ``a``.

    Raises ValueError where the diff was not made from ``a_text``.
    """
    a = a_text.split("\n")
    lines: list[str] = []
    for change in diff.paragraphs:
        if change.kind != "added" and "\n".join(a[change.a_start : change.a_end]) != text_of(change.spans, "a"):
            raise ValueError(f"paragraph {change.a_start + 1} of {diff.a} is not what the diff was made from")
        if change.kind != "removed":
            lines.append(text_of(change.spans, "b"))
    return "\n".join(lines)
