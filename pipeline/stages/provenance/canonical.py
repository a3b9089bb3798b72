"""Which member to show for a story."""

from pipeline.stages.provenance.facts import SAME_TIME
from pipeline.stages.provenance.hearing import Hearing
from pipeline.stages.provenance.names import agency

LONG_ENOUGH = 0.6
"""A member shorter than this share of the longest is a teaser or an excerpt (rule 19 of the grouping facts)."""

CLEARLY_EARLIER = SAME_TIME
"""Closer dates do not say who was first; where they do, what is shown must not depend on which was fetched first."""


def choose(hearing: Hearing, origin: str | None, before: str | None) -> str:
    """The origin, else an agency's own page, else the earliest, among members that are long enough and are articles.

    ``before`` stays unless it is not long enough any more, or the better one is the origin, an agency's own, or clearly
    earlier.
    """
    able = _able(hearing)
    best = min(able, key=lambda id_: (id_ != origin, not _is_agency(hearing, id_), able.index(id_)))
    if before is None or before not in able or before == best:
        return best
    return best if _clearly_better(hearing, best, before, origin) else before


def _able(hearing: Hearing) -> list[str]:
    """In order of appearance; never empty."""
    articles = [id_ for id_ in hearing.by_time if hearing.members[id_].kind == "article"] or hearing.by_time
    longest = max(hearing.members[id_].words for id_ in articles)
    return [id_ for id_ in articles if hearing.members[id_].words >= LONG_ENOUGH * longest]


def _is_agency(hearing: Hearing, id_: str) -> bool:
    return agency(hearing.members[id_].name) is not None


def _clearly_better(hearing: Hearing, best: str, before: str, origin: str | None) -> bool:
    if best == origin or (_is_agency(hearing, best) and not _is_agency(hearing, before)):
        return True
    return hearing.appeared[best].by + CLEARLY_EARLIER <= hearing.appeared[before].by
