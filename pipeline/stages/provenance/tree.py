"""The version tree: who is built on whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from pipeline.stages.provenance.facts import MemberFacts
from pipeline.stages.provenance.hearing import Hearing, Held
from storage.records import Relation, Version

CREDIT_BONUS = 0.1
"""What naming the source is worth in containment: a newsroom adds a tenth of its own more often than it misnames."""

AS_GOOD = 0.02
"""Containments this close are equal: extraction alone (a caption, a share bar) moves them by as much."""

SAME_CUT = 0.95
"""From this similarity on two texts were cut and edited alike, so that one is the other's copy, not its cousin."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    held: Held
    place: int
    credited: bool

    @property
    def similarity(self) -> float:
        return self.held.similarity + CREDIT_BONUS * self.credited

    @property
    def containment(self) -> float:
        return self.held.in_parent + CREDIT_BONUS * self.credited


def parents(hearing: Hearing, order: list[str]) -> dict[str, Held | None]:
    """Member id → the link to the member that it is built on; None for a root. ``order`` says who may come before whom."""
    place = {id_: n for n, id_ in enumerate(order)}
    return {id_: _parent(hearing, id_, place) for id_ in order}


def _parent(hearing: Hearing, id_: str, place: dict[str, int]) -> Held | None:
    credited = set(hearing.credited(id_))
    before = [
        _Candidate(held, place[held.parent], held.parent in credited)
        for held in hearing.held[id_]
        if place[held.parent] < place[id_]
    ]
    return _closest(before).held if before else None


def _closest(candidates: list[_Candidate]) -> _Candidate:
    """A copy of a copy shares its parent's edits, so it stands in the parent more fully than in the parent's source.

    Where several hold it equally well (an excerpt of a passage that nobody touched) the named one is taken, then the first.
    """
    alike = [c for c in candidates if c.held.similarity >= SAME_CUT]
    best = max((c.similarity for c in alike), default=0.0)
    if alike:
        return min((c for c in alike if c.similarity >= best - AS_GOOD), key=_rank)
    fullest = max(c.containment for c in candidates)
    return min((c for c in candidates if c.containment >= fullest - AS_GOOD), key=_rank)


def _rank(candidate: _Candidate) -> tuple[bool, int]:
    return (not candidate.credited, candidate.place)


def versions(hearing: Hearing, order: list[str]) -> Iterable[Version]:
    """The members in ``order``, each with its place in the tree."""
    found = parents(hearing, order)
    return (_version(hearing.members[id_], found[id_]) for id_ in order)


def _version(member: MemberFacts, held: Held | None) -> Version:
    return Version(
        article_id=member.id,
        source=member.name,
        url=member.url,
        title=member.title,
        date_published=member.date_published,
        date_first_seen=member.date_first_seen,
        words=member.words,
        based_on=held.parent if held else None,
        relation=cast("Relation", held.relation) if held else None,
        similarity=round(held.similarity, 4) if held else None,
        containment=round(max(held.in_parent, held.in_child), 4) if held else None,
    )
