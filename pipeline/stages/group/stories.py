"""What an arrival does to the stories that it touches: who stands with whom now, and which ids they keep."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.group.cluster import Graph, partition
from pipeline.stages.group.compare import RELATED
from pipeline.stages.group.digest import find_bridges, held_in
from pipeline.stages.group.types import GroupingMemory, Prepared, StoryChange
from storage.records import Fingerprint, PairLink, Related

LEAF_CONTAINMENT = 0.85
"""An excerpt of which this share stands in one version is filed with it even if the other versions lack the passage."""


MOST_TOUCHED = 96
"""Articles that one arrival makes grouping look at again, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The stories that an arrival touches, as they were: oldest founder first, members in order of arrival.

    The arriving article is left out of ``held`` (a revision stood in one of them: ``before``).
    """

    article_id: str
    shingles: NDArray[np.uint64]
    before: Fingerprint | None
    arrival: int
    held: Mapping[str, Sequence[str]]
    edges: Sequence[PairLink]


def touch(
    prepared: Prepared, before: Fingerprint | None, arrival: int, stories: set[str], memory: GroupingMemory
) -> Touched:
    """Reads the stories that the arrival matches (and the one that a revision comes from), and those that these match.

    The arrival's own links are already kept.
    """
    me = prepared.subject.article_id
    if before is not None:
        stories = stories | {before.story_id}
    held = {s: _others(memory.fingerprints.members(s), me) for s in stories}
    edges = _spread(held, me, memory) if stories else []
    founders = memory.fingerprints.get([m[0] for m in held.values() if m])
    order = sorted((s for s in held if held[s]), key=lambda s: founders[held[s][0]].arrival)
    return Touched(
        article_id=me,
        shingles=prepared.shingles,
        before=before,
        arrival=arrival,
        held={s: held[s] for s in order},
        edges=edges,
    )


def _others(members: Sequence[str], me: str) -> list[str]:
    return [i for i in members if i != me]


def _spread(held: dict[str, list[str]], me: str, memory: GroupingMemory) -> Sequence[PairLink]:
    """Adds to ``held`` the stories that are connected by matches, story by story, while they are few enough.

    Without this the outcome would depend on the order of arrival: who was looked at together with whom.
    """
    while True:
        known = {i for members in held.values() for i in members} | {me}
        edges = memory.fingerprints.links(known)
        beyond = {i for e in edges if e.relation != RELATED for i in (e.a, e.b)} - known
        added = False
        for story in sorted({row.story_id for row in memory.fingerprints.get(beyond).values()} - held.keys()):
            members = _others(memory.fingerprints.members(story), me)
            if len(known) + len(members) <= MOST_TOUCHED:
                held[story] = members
                known.update(members)
                added = True
        if not added:
            return edges


def regroup(touched: Touched, memory: GroupingMemory) -> tuple[list[StoryChange], AbstractSet[str]]:
    """The changes that follow, in the order of their stories' founders, and the digests among the touched articles."""
    ids = [i for members in touched.held.values() for i in members]
    ids.append(touched.article_id)
    if len(ids) == 1:
        return _named(touched, [ids]), frozenset()
    bridges = find_bridges(touched.edges, {touched.article_id: touched.shingles}, memory)
    among = set(ids)
    matches = [
        e
        for e in touched.edges
        if e.relation != RELATED and e.a in among and e.b in among and held_in(e) not in bridges.cut
    ]  # fmt: skip
    graph = Graph(
        weights={(e.a, e.b): strength(e) for e in matches},
        inside=frozenset(pair for e in matches if _is_leaf(e) and (pair := held_in(e)) is not None),
        apart=bridges.apart,
    )
    place = {article_id: n for n, article_id in enumerate(ids)}
    groups = [sorted(g, key=place.__getitem__) for g in partition(sorted(ids), graph)]
    return _named(touched, sorted(groups, key=lambda g: place[g[0]])), bridges.digests & among


def _is_leaf(link: PairLink) -> bool:
    return link.relation == "excerpt" and max(link.a_in_b, link.b_in_a) >= LEAF_CONTAINMENT


def strength(link: PairLink) -> float:
    """How strong a match is, for the order in which groups are joined: similarity and containment weigh the same, so that
    a page that holds one story whole and most of a short other goes with the first.
    """
    return (link.similarity + max(link.a_in_b, link.b_in_a)) / 2.0


def _named(touched: Touched, groups: list[list[str]]) -> list[StoryChange]:
    claims: list[list[str]] = [[] for _ in groups]
    for members in touched.held.items():
        shares = [len(set(members[1]) & set(g)) for g in groups]
        claims[shares.index(max(shares))].append(members[0])
    changes = []
    for group, claimed in zip(groups, claims, strict=True):
        kind = _kind(touched, group, claimed)
        if kind is not None:
            name = claimed[0] if claimed else _new_name(touched, group)
            changes.append(
                StoryChange(story_id=name, change=kind, members=tuple(group), merged_from=tuple(claimed[1:]))
            )
    return changes


def _new_name(touched: Touched, group: list[str]) -> str:
    fresh = group == [touched.article_id] and touched.before is None
    return story_id(group[0], 0 if fresh else touched.arrival)


def _kind(
    touched: Touched, group: list[str], claimed: list[str]
) -> Literal["created", "joined", "merged", "split", "revised"] | None:
    """None: a story that was looked at and stays as it is."""
    me = touched.article_id
    if len(claimed) > 1:
        return "merged"
    if not claimed:
        return "created" if group == [me] and touched.before is None else "split"
    was = set(touched.held[claimed[0]])
    if touched.before is not None and touched.before.story_id == claimed[0]:
        was.add(me)
    now = set(group)
    if now == was:
        return "revised" if me in now else None
    return "joined" if was < now else "split"


def related_stories(story_id: str, members: Sequence[str], memory: GroupingMemory) -> tuple[Related, ...]:
    """The other stories with which a story's members share material, most shared words first."""
    mine = set(members)
    best: dict[str, PairLink] = {}
    links = memory.fingerprints.links(members)
    others = {link.b if link.a in mine else link.a: link for link in sorted(links, key=lambda x: x.shared)}
    for other, row in memory.fingerprints.get([i for i in others if i not in mine]).items():
        link = others[other]
        if row.story_id != story_id and (row.story_id not in best or best[row.story_id].shared < link.shared):
            best[row.story_id] = link
    found = [Related(story_id=s, kind=_related_kind(link), shared_words=link.shared + 4) for s, link in best.items()]
    return tuple(sorted(found, key=lambda r: (-r.shared_words, r.story_id)))


def _related_kind(link: PairLink) -> Literal["shared_material", "quotes", "digest", "follow_up", "template"]:
    match link.rule:
        case "digest":
            return "digest"
        case "same_site":
            return "follow_up"
        case "template" | "short" | "series" | "repeated_notice":
            return "template"
        case "quotes":
            return "quotes"
        case _:
            return "shared_material"


def story_id(article_id: str, again: int = 0) -> str:
    """``s-`` and 16 base32 characters from the founding article's id; ``again`` where that article founds another story."""
    text = article_id if not again else f"{article_id}\n{again}"
    digest = hashlib.blake2b(text.encode(), digest_size=10, person=b"wirefold-story").digest()
    return "s-" + base64.b32encode(digest).decode().lower()
