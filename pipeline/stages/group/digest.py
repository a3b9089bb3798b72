"""Pages that hold several stories: news in brief, live blogs, galleries, transcripts. They must not glue what they hold.

Texts that stand (nearly) whole in one page and have nothing to do with each other are never joined through it, unless one
of them is its main part: then the page is a version of that one, and another text in it an excerpt of this version. A page
that holds three or more of them, none its main part, is a digest: it goes with none of them, only with its own copies.

Everything is derived from the kept links and shingles when stories are looked at, so it does not depend on who came first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group.types import GroupingMemory
from pipeline.text.words import VALUE
from storage.records import PairLink

HELD = 0.7
"""Share of a text that must stand in the page."""

MAIN_PART = 0.4
"""Share of the page that makes a held text its main part: then the page is a version of that one."""

DIGEST_PARTS = 3
KIN_SHINGLES = 8
"""Shared shingles (twelve words in a row) that make two held texts kin: two teasers of one article overlap."""

_MOST_HELD = 32

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridges:
    """What pages would glue.

    - ``apart``: pairs (both orders) that must not come into one group.
    - ``cut``: (text, page) pairs whose match does not count, because the page is a digest.
    - ``digests``: the pages.
    """

    apart: frozenset[Pair]
    cut: frozenset[Pair]
    digests: frozenset[str]


_NONE = Bridges(apart=frozenset(), cut=frozenset(), digests=frozenset())


def held_in(link: PairLink) -> Pair | None:
    """``(text, page)`` if one article of an excerpt link stands in the other."""
    if link.relation != "excerpt" or max(link.a_in_b, link.b_in_a) < HELD:
        return None
    return (link.a, link.b) if link.a_in_b >= link.b_in_a else (link.b, link.a)


def find_bridges(
    links: Sequence[PairLink], arriving: Mapping[str, NDArray[np.uint64]], memory: GroupingMemory
) -> Bridges:
    """Looks at every page among ``links``; ``arriving`` holds the shingles of the article that is not kept yet."""
    parts: dict[str, dict[str, float]] = defaultdict(dict)
    for link in links:
        pair = held_in(link)
        if pair is not None:
            parts[pair[1]][pair[0]] = link.a_in_b if link.a == pair[1] else link.b_in_a
    pages = {page: held for page, held in parts.items() if len(held) > 1}
    if not pages:
        return _NONE
    kin = _Kin(links, arriving, memory)
    apart: set[Pair] = set()
    cut: set[Pair] = set()
    digests: set[str] = set()
    for page, held in pages.items():
        families = kin.families(sorted(held, key=lambda i: (-held[i], i))[:_MOST_HELD])
        if len(families) >= DIGEST_PARTS and max(held.values()) < MAIN_PART:
            digests.add(page)
            cut.update((text, page) for text in held)
        elif len(families) > 1 and sum(max(held[i] for i in f) >= MAIN_PART for f in families) != 1:
            apart.update(_across(families))
    return Bridges(apart=frozenset(apart), cut=frozenset(cut), digests=frozenset(digests))


def _across(families: Sequence[Collection[str]]) -> Iterator[Pair]:
    for number, family in enumerate(families):
        for other in families[number + 1 :]:
            for a in family:
                for b in other:
                    yield a, b
                    yield b, a


class _Kin:
    """Who has text in common: by the links, else by the shingles."""

    def __init__(
        self, links: Sequence[PairLink], arriving: Mapping[str, NDArray[np.uint64]], memory: GroupingMemory
    ) -> None:
        self._links = links
        self._shingles = dict(arriving)
        self._memory = memory

    def families(self, ids: Sequence[str]) -> list[list[str]]:
        """``ids`` in families: connected by links among them, or by shared shingles."""
        family = {i: [i] for i in ids}
        for link in self._links:
            if link.a in family and link.b in family:
                _unite(family, link.a, link.b)
        roots = _roots(family)
        if len(roots) > 1:
            self._load(ids)
            for number, first in enumerate(roots):
                for second in roots[number + 1 :]:
                    if family[first[0]] is not family[second[0]] and self._share(first, second):
                        _unite(family, first[0], second[0])
            roots = _roots(family)
        return roots

    def _load(self, ids: Sequence[str]) -> None:
        missing = [i for i in ids if i not in self._shingles]
        for article_id, row in self._memory.fingerprints.get(missing).items():
            self._shingles[article_id] = np.frombuffer(row.shingles, "<u8") & VALUE

    def _share(self, first: Sequence[str], second: Sequence[str]) -> bool:
        mine = np.concatenate([self._shingles[i] for i in first if i in self._shingles])
        theirs = np.concatenate([self._shingles[i] for i in second if i in self._shingles])
        return np.intersect1d(mine, theirs).size >= KIN_SHINGLES


def _unite(family: dict[str, list[str]], a: str, b: str) -> None:
    mine, theirs = family[a], family[b]
    if mine is not theirs:
        mine += theirs
        for i in theirs:
            family[i] = mine


def _roots(family: dict[str, list[str]]) -> list[list[str]]:
    """The families as they are now, copied, in the order of their first members."""
    return [list(members) for i, members in family.items() if members[0] == i]
