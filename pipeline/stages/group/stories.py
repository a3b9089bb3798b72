"""What an arrival does to the stories that it touches: who stands with whom now, and which ids they keep."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.stages.group.cluster import partition
from pipeline.stages.group.compare import RELATED
from pipeline.stages.group.types import GroupingMemory, StoryChange
from storage.records import Fingerprint, PairLink, Related


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The stories that an arrival touches, as they were: oldest founder first, members in order of arrival.

    The arriving article is left out of ``held`` (a revision stood in one of them: ``before``).
    """

    article_id: str
    before: Fingerprint | None
    arrival: int
    held: Mapping[str, Sequence[str]]


def touch(
    article_id: str, before: Fingerprint | None, arrival: int, stories: set[str], memory: GroupingMemory
) -> Touched:
    """Reads the members of ``stories`` (and of the story that a revision comes from)."""
    if before is not None:
        stories = stories | {before.story_id}
    held = {s: [i for i in memory.fingerprints.members(s) if i != article_id] for s in stories}
    founders = memory.fingerprints.get([m[0] for m in held.values() if m])
    order = sorted((s for s in held if held[s]), key=lambda s: founders[held[s][0]].arrival)
    return Touched(article_id=article_id, before=before, arrival=arrival, held={s: held[s] for s in order})


def regroup(touched: Touched, links: Sequence[PairLink], memory: GroupingMemory) -> list[StoryChange]:
    """The changes that follow, in the order of their stories' founders; ``links`` are the arrival's own (already kept)."""
    ids = [i for members in touched.held.values() for i in members]
    ids.append(touched.article_id)
    inside = set(ids)
    edges = links if len(ids) == 2 else memory.fingerprints.links(ids)
    weights = {
        (e.a, e.b): strength(e) for e in edges if e.relation != RELATED and e.a in inside and e.b in inside
    }  # fmt: skip
    return _named(touched, partition(ids, weights))


def strength(link: PairLink) -> float:
    """How strong a match is, for the order in which groups are joined: a near copy before an excerpt of equal coverage."""
    return max(link.similarity, 0.9 * max(link.a_in_b, link.b_in_a))


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
