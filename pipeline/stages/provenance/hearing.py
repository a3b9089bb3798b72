"""The story before anything is judged: members, when each appeared, what each says, and who is linked to whom."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from pipeline.stages.provenance.claims import UNNAMED, Said, publishers_by_key, said
from pipeline.stages.provenance.facts import Appeared, MemberFacts, appeared
from storage.records import PairLink

VERSIONS = frozenset({"exact", "near", "excerpt"})
"""Relations of links between versions; grouping also keeps links between articles that only share material."""

_IN_ORDER = attrgetter("a", "b", "relation", "similarity", "a_in_b", "b_in_a")


@dataclass(frozen=True, slots=True)
class Held:
    """A link as seen from ``child``: the share of the child's words that stand in ``parent``, and the other way round."""

    child: str
    parent: str
    relation: str
    similarity: float
    in_parent: float
    in_child: float


@dataclass(frozen=True)
class Hearing:
    """``members`` by id. The properties are worked out once and do not depend on the order in which members came."""

    members: Mapping[str, MemberFacts]
    links: tuple[PairLink, ...]

    @cached_property
    def appeared(self) -> dict[str, Appeared]:
        return {id_: appeared(member) for id_, member in self.members.items()}

    @cached_property
    def by_time(self) -> list[str]:
        return sorted(self.members, key=lambda id_: (*self.appeared[id_].order, id_))

    @cached_property
    def said(self) -> dict[str, Said]:
        publishers = [self.members[id_] for id_ in sorted(self.members)]
        return {publisher.id: said(publisher, publishers, self.published.keys()) for publisher in publishers}

    @cached_property
    def published(self) -> Mapping[str, tuple[str, ...]]:
        """Organisation key → ids of its members, the first to appear first."""
        place = {id_: n for n, id_ in enumerate(self.by_time)}
        found = publishers_by_key(self.members[id_] for id_ in self.by_time)
        return {key: tuple(sorted(ids, key=place.__getitem__)) for key, ids in found.items()}

    @cached_property
    def held(self) -> dict[str, tuple[Held, ...]]:
        """Member id → its links, each seen from that member as the child."""
        found: dict[str, dict[str, Held]] = {id_: {} for id_ in self.members}
        matched = [link for link in self.links if link.relation in VERSIONS]
        for link in sorted(matched, key=_IN_ORDER):
            for child, parent, there, back in _both(link):
                if child in found and parent in found and child != parent:
                    found[child][parent] = Held(child, parent, link.relation, link.similarity, there, back)
        return {id_: tuple(held.values()) for id_, held in found.items()}

    def credited(self, id_: str) -> Iterator[str]:
        """The members that ``id_`` says its text is from."""
        for claim in self.said[id_].others:
            if claim.confesses and claim.key != UNNAMED:
                yield from (other for other in self.published.get(claim.key, ()) if other != id_)

    def in_order(self, first: str | None = None) -> list[str]:
        """Who comes before whom: ``first`` leads, whom a member credits stands before it, time decides the rest.

        Credits that go in a circle are broken where time breaks them (Kahn's algorithm with a queue by time).
        """
        waits = self._waits(first)
        place = {id_: n for n, id_ in enumerate(self.by_time)}
        ready = [(place[id_], id_) for id_, before in waits.items() if not before]
        heapq.heapify(ready)
        left, order = [id_ for id_ in reversed(self.by_time) if waits[id_]], list[str]()
        followers = _followers(waits)
        placed: set[str] = set()
        while len(order) < len(self.members):
            id_ = heapq.heappop(ready)[1] if ready else left.pop()
            if id_ in placed:
                continue
            placed.add(id_)
            order.append(id_)
            for follower in followers.get(id_, ()):
                waits[follower].discard(id_)
                if not waits[follower] and follower not in placed:
                    heapq.heappush(ready, (place[follower], follower))
        return order

    def _waits(self, first: str | None) -> dict[str, set[str]]:
        waits = {id_: set(self.credited(id_)) for id_ in self.members}
        if first is not None:
            for id_, before in waits.items():
                before.add(first) if id_ != first else before.clear()
        return waits


def _followers(waits: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for id_, before in waits.items():
        for other in before:
            found.setdefault(other, []).append(id_)
    return found


def _both(link: PairLink) -> tuple[tuple[str, str, float, float], tuple[str, str, float, float]]:
    return (link.a, link.b, link.a_in_b, link.b_in_a), (link.b, link.a, link.b_in_a, link.a_in_b)
