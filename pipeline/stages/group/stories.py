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
from pipeline.stages.group.types import GroupingMemory, StoryChange
from storage.records import PairLink, Related

LEAF_CONTAINMENT = 0.85
"""An excerpt of which this share stands in one version is filed with it even if the other versions lack the passage."""


MOST_RELATED = 32
"""Related articles that are looked at for a story, those that share most first."""

MOST_TOUCHED = 96
"""Articles that one arrival makes grouping look at again, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What makes grouping look: an article that came (new, or with a new text), or one that went.

    - ``shingles``: the sorted shingles of what came; None if it went.
    - ``stamp``: makes the ids of stories that this event founds by splitting unlike any other's.
    """

    article_id: str
    shingles: NDArray[np.uint64] | None
    new: bool
    stamp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The stories that an event touches, as they were: oldest founder first, members in order of arrival."""

    event: Event
    held: Mapping[str, Sequence[str]]
    edges: Sequence[PairLink]

    @property
    def ids(self) -> list[str]:
        """The articles that stand somewhere after the event."""
        me = self.event.article_id
        ids = [i for members in self.held.values() for i in members]
        if self.event.shingles is None:
            return [i for i in ids if i != me]
        return ids if me in ids else [*ids, me]


def touch(event: Event, stories: AbstractSet[str], memory: GroupingMemory) -> Touched:
    """Reads ``stories`` and those that their members match; the arrival's own links are already kept."""
    held = {s: memory.fingerprints.members(s) for s in stories}
    edges = _spread(held, event.article_id, memory) if stories else []
    founders = memory.fingerprints.get([members[0] for members in held.values()])
    order = sorted(held, key=lambda s: founders[held[s][0]].arrival)
    return Touched(event=event, held={s: held[s] for s in order}, edges=edges)


def _spread(held: dict[str, Sequence[str]], me: str, memory: GroupingMemory) -> Sequence[PairLink]:
    """Adds to ``held`` the stories that are connected by matches, story by story, while they are few enough.

    Without this the outcome would depend on the order of arrival: who was looked at together with whom.
    """
    while True:
        known = {i for members in held.values() for i in members} | {me}
        edges = memory.fingerprints.links(known)
        beyond = {i for e in edges if e.relation != RELATED for i in (e.a, e.b)} - known
        added = False
        for story in sorted({row.story_id for row in memory.fingerprints.get(beyond).values()} - held.keys()):
            members = memory.fingerprints.members(story)
            if len(known) + len(members) <= MOST_TOUCHED:
                held[story] = members
                known.update(members)
                added = True
        if not added:
            return edges


def regroup(touched: Touched, memory: GroupingMemory) -> tuple[list[StoryChange], AbstractSet[str]]:
    """The changes that follow, in the order of their stories' founders, and the digests among the touched articles."""
    ids = touched.ids
    if len(ids) < 2:
        return _named(touched, [ids] if ids else []), frozenset()
    event = touched.event
    arriving = {} if event.shingles is None else {event.article_id: event.shingles}
    bridges = find_bridges(touched.edges, arriving, memory)
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
    """Every story's id goes to the group that holds most of its members; of several ids a group keeps the oldest."""
    claims: list[list[str]] = [[] for _ in groups]
    changes = []
    for story, members in touched.held.items():
        shares = [len(set(members) & set(g)) for g in groups]
        if any(shares):
            claims[shares.index(max(shares))].append(story)
        else:
            changes.append(StoryChange(story_id=story, change="revised", members=()))
    for group, claimed in zip(groups, claims, strict=True):
        kind = _kind(touched, group, claimed)
        if kind is not None:
            name = claimed[0] if claimed else _new_name(touched, group)
            changes.append(
                StoryChange(story_id=name, change=kind, members=tuple(group), merged_from=tuple(claimed[1:]))
            )
    return changes


def _new_name(touched: Touched, group: list[str]) -> str:
    event = touched.event
    fresh = event.new and group == [event.article_id]
    return story_id(group[0], "" if fresh else event.stamp)


def _kind(
    touched: Touched, group: list[str], claimed: list[str]
) -> Literal["created", "joined", "merged", "split", "revised"] | None:
    """None: a story that was looked at and stays as it is."""
    me = touched.event.article_id
    if len(claimed) > 1:
        return "merged"
    if not claimed:
        return "created" if group == [me] and touched.event.new else "split"
    was, now = set(touched.held[claimed[0]]), set(group)
    if now == was:
        return "revised" if me in now else None
    return "joined" if was < now else "split"


def related_stories(story_id: str, members: Sequence[str], memory: GroupingMemory) -> tuple[Related, ...]:
    """The other stories with which a story's members share material, most shared words first."""
    mine = set(members)
    links = sorted(memory.fingerprints.links(members), key=lambda x: (-x.shared, x.a, x.b))
    others: dict[str, PairLink] = {}
    for link in links:
        other = link.b if link.a in mine else link.a
        if other not in mine and len(others) < MOST_RELATED:
            others.setdefault(other, link)
    known = memory.fingerprints.get(others)
    best: dict[str, PairLink] = {}
    for other, link in others.items():
        if other in known and known[other].story_id != story_id:
            best.setdefault(known[other].story_id, link)
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


def story_id(article_id: str, stamp: str = "") -> str:
    """``s-`` and 16 base32 characters from the founding article's id; ``stamp`` where that article founds another story."""
    text = f"{article_id}\n{stamp}" if stamp else article_id
    digest = hashlib.blake2b(text.encode(), digest_size=10, person=b"wirefold-story").digest()
    return "s-" + base64.b32encode(digest).decode().lower()
