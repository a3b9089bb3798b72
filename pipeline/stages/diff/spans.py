"""What changed inside a text, word by word."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.stages.diff.sequences import matching
from pipeline.stages.diff.tokens import folded_all, tokens

SHORT_ISLAND = 3
"""Letters up to which unchanged words between two changes are taken into them: a lone “of” helps nobody to read."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text: in both versions, in the second only, or in the first only."""

    kind: Literal["same", "added", "removed"]
    text: str


def spans(a: str, b: str) -> tuple[Span, ...]:
    """Same and removed spans joined give ``a``, same and added ones give ``b``. A removed span comes before an added one."""
    if a == b:
        return (Span("same", a),) if a else ()
    return tuple(_merged(_without_islands(list(_raw(a, b)))))


def _raw(a: str, b: str) -> Iterator[tuple[str, str, str]]:
    """(same, removed, added), one of the first or the two others empty."""
    tokens_a, tokens_b = tokens(a), tokens(b)
    i = j = 0
    for block in [*matching(tokens_a, tokens_b), None]:
        a_end, b_end = (block.a_start, block.b_start) if block else (len(tokens_a), len(tokens_b))
        yield "", "".join(tokens_a[i:a_end]), "".join(tokens_b[j:b_end])
        if block:
            i, j = block.a_start + block.size, block.b_start + block.size
            yield "".join(tokens_a[block.a_start : i]), "", ""


def _without_islands(runs: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """Unchanged runs of a few letters between two changes become part of them."""
    last = len(runs) - 1
    for n, (same, removed, added) in enumerate(runs):
        if same and 0 < n < last and _is_island(same) and _changes(runs[n - 1]) and _changes(runs[n + 1]):
            yield "", same, same
        else:
            yield same, removed, added


def _is_island(same: str) -> bool:
    return len(folded_all([same])[0]) <= SHORT_ISLAND and "\n" not in same


def _changes(run: tuple[str, str, str]) -> bool:
    """Both sides have words there: an island beside a mere insertion stays."""
    return bool(run[1].strip()) and bool(run[2].strip())


def _merged(runs: Iterator[tuple[str, str, str]]) -> Iterator[Span]:
    removed = added = ""
    for same, out, in_ in runs:
        removed, added = removed + out, added + in_
        if same:
            yield from _change(removed, added)
            yield Span("same", same)
            removed = added = ""
    yield from _change(removed, added)


def _change(removed: str, added: str) -> Iterator[Span]:
    if removed:
        yield Span("removed", removed)
    if added:
        yield Span("added", added)


def text_of(parts: tuple[Span, ...], side: Literal["a", "b"]) -> str:
    """The text of one version."""
    other = "added" if side == "a" else "removed"
    return "".join(span.text for span in parts if span.kind != other)
