"""Why two articles are, or are not, in one story: the same measurements and rules again, said in sentences."""

from collections import deque

import numpy as np

from pipeline.settings import GroupSettings
from pipeline.stages.group import rules
from pipeline.stages.group.compare import RELATED, compare
from pipeline.stages.group.index import Candidate, Keys, keys_of
from pipeline.stages.group.types import Channel, Evidence, Explanation, GroupingMemory, Prepared, Subject, Verdict
from pipeline.text.words import VALUE, Words
from storage.records import Fingerprint, PairLink

_PATH_LIMIT = 400

RULES = {
    "same_words": "both have exactly the same words",
    "similarity": "the similarity reaches the threshold",
    "containment": "one stands almost wholly in the other",
    "edited": "the similarity reaches the threshold once small edits inside sentences are forgiven",
    "passages": "whole passages were taken over, longer than anybody quotes",
    "short": "below 60 words titles and numbers decide",
    "template": "both are short and of like length, but their numbers differ: two texts from one mould",
    "series": "the titles of this site's two articles carry different numbers: parts of a series",
    "repeated_notice": "a short notice that the site repeats on another day under another title",
    "undated": "a date is missing, and without dates only near-complete copies count",
    "same_site": "two articles of one site share background; that alone makes a follow-up, not a copy",
    "same_site_similarity": "two articles of one site, and half of all words are the same",
    "same_site_title": "two articles of one site with alike titles and much common text",
    "same_site_update": "two articles of one site within a day, one an extended version of the other",
    "apart": "they share next to nothing",
    "quotes": "what they share is quoted, or scattered in short pieces: own writing over the same material",
    "material": "they share longer passages, but too little to be versions of one text",
    "digest": "one is a page that holds several unrelated stories",
}


def explain(a: str, b: str, memory: GroupingMemory, settings: GroupSettings) -> Explanation | None:
    """Compares two kept articles again; None if either is not known to grouping (never placed, or withdrawn).

    The link kept when the later one was placed speaks before a fresh judgement, which cannot see text positions of numbers.
    """
    rows = memory.fingerprints.get([a, b])
    if a not in rows or b not in rows or a == b:
        return None
    later, earlier = sorted((rows[a], rows[b]), key=lambda f: f.arrival, reverse=True)
    channel, met = _channel(later, earlier, settings)
    evidence, verdict = _judge(later, earlier, settings)
    link = _link(later.article_id, earlier.article_id, memory)
    if link is not None:
        verdict = _kept(link)
    together = later.story_id == earlier.story_id
    sentences = (
        _standing(later, earlier, memory, verdict, together=together),
        met,
        _measures(later, evidence),
        f"Rule `{verdict.rule}`: {RULES.get(verdict.rule, verdict.rule)}.",
        _window(later, earlier, settings),
    )
    return Explanation(together=together, channel=channel, evidence=evidence, verdict=verdict, sentences=sentences)


def _kept(link: PairLink) -> Verdict:
    relation = link.relation if link.relation in {"exact", "near", "excerpt"} else None
    return Verdict(relation=relation, rule=link.rule, related=relation is None)  # type: ignore[arg-type]  # checked above


def _judge(later: Fingerprint, earlier: Fingerprint, settings: GroupSettings) -> tuple[Evidence, Verdict]:
    candidate = Candidate(article_id=earlier.article_id, channel="sample", estimate=0.0, dated=True)
    found = compare(
        _revived(later),
        earlier,
        candidate,
        title_repeats=False,
        thresholds=rules.Thresholds(
            similarity=settings.similarity,
            containment=settings.containment,
            min_shared=settings.min_shared_shingles,
        ),
    )
    return found.evidence, found.verdict


def _revived(row: Fingerprint) -> Prepared:
    """As much of the prepared article as its fingerprint keeps."""
    sequence = np.frombuffer(row.shingles, "<u8").astype(np.uint64)
    order = np.argsort(sequence & VALUE)
    nothing = np.empty(0, np.uint64)
    words = Words(
        hashes=nothing,
        units=np.empty(0, np.bool_),
        quoted=np.empty(0, np.bool_),
        lines=np.empty(0, np.uint32),
        numbers=row.numbers,
        number_at=np.zeros(len(row.numbers), np.uint32),
        count=row.words,
    )
    return Prepared(
        subject=Subject(
            article_id=row.article_id, site=row.site, title=row.title, text="", language=None, event_time=row.event_time
        ),
        words=words,
        lines=(np.empty(0, np.uint32), nothing, np.empty(0, np.intp)),
        sequence=sequence,
        shingles=(sequence & VALUE)[order],
        order=order,
        signature=np.frombuffer(row.signature, "<u4").astype(np.uint32),
        text_hash=row.text_hash,
        title=row.title,
    )


def _keys(row: Fingerprint, settings: GroupSettings) -> Keys:
    p = _revived(row)
    return keys_of(p.shingles, p.signature, p.text_hash, settings.bands, settings.rows)


def _channel(later: Fingerprint, earlier: Fingerprint, settings: GroupSettings) -> tuple[Channel | None, str]:
    if later.profile != earlier.profile:
        return None, "They were fingerprinted by different recipes and were never compared."
    mine, theirs = _keys(later, settings), _keys(earlier, settings)
    bands = np.intersect1d(mine.bands, theirs.bands).size
    sample = np.intersect1d(mine.sample, theirs.sample).size
    said = f"{bands} of {settings.bands} signature bands and {sample} sampled shingles are equal"
    if later.text_hash == earlier.text_hash:
        return "same_words", f"Candidates by their equal words; {said}."
    if bands:
        return "bands", f"Candidates by signature: {said}."
    if sample > 1:
        return "sample", f"Candidates by sampled shingles: {said}."
    return None, f"Never candidates of each other: {said}."


def _measures(later: Fingerprint, e: Evidence) -> str:
    quoted = e.quoted_once + e.quoted_twice
    tail = f"; {quoted:.0%} of it in quotation marks" if quoted >= 0.1 else ""
    return (
        f"Similarity {e.similarity:.2f} ({e.edited_similarity:.2f} with small edits forgiven); {e.a_in_b:.0%} of "
        f"{later.article_id} stands in the other, {e.b_in_a:.0%} of the other in it: {e.shared} shared shingles in "
        f"{e.passages} passages{tail}."
    )


def _window(later: Fingerprint, earlier: Fingerprint, settings: GroupSettings) -> str:
    days = abs((later.event_time - earlier.event_time).total_seconds()) / 86400.0
    verdict = "inside" if days <= settings.window_days else "outside"
    return f"{days:.1f} days apart, {verdict} the window of {settings.window_days:g} days."


def _standing(
    later: Fingerprint, earlier: Fingerprint, memory: GroupingMemory, verdict: Verdict, *, together: bool
) -> str:
    matched = verdict.relation is not None
    if together and matched:
        return f"Together in {later.story_id}: they match each other."
    if together:
        path = _path(later.article_id, earlier.article_id, later.story_id, memory)
        via = f" through {', '.join(path)}" if path else " as members of one group"
        return f"Together in {later.story_id}, but not by each other: connected{via}."
    if matched:
        mine, theirs = (memory.fingerprints.members(r.story_id) for r in (later, earlier))
        return (
            f"Apart although they match: of the pairs between their stories ({len(mine)} and {len(theirs)} articles) "
            "too few match."
        )
    return "Apart: they are not versions of one story." + (" They are linked as related." if verdict.related else "")


def _link(a: str, b: str, memory: GroupingMemory) -> PairLink | None:
    return next((link for link in memory.fingerprints.links([a]) if b in (link.a, link.b)), None)


def _path(start: str, goal: str, story_id: str, memory: GroupingMemory) -> list[str]:
    """The articles between two members of a story, by the fewest matches."""
    members = memory.fingerprints.members(story_id)[:_PATH_LIMIT]
    near: dict[str, set[str]] = {i: set() for i in members}
    for link in memory.fingerprints.links(members):
        if link.relation != RELATED and link.a in near and link.b in near:
            near[link.a].add(link.b)
            near[link.b].add(link.a)
    came: dict[str, str] = {start: start}
    todo = deque([start])
    while todo and goal not in came:
        here = todo.popleft()
        for there in sorted(near.get(here, set()) - came.keys()):
            came[there] = here
            todo.append(there)
    if goal not in came:
        return []
    back, path = came[goal], []
    while back != start:
        path.append(back)
        back = came[back]
    return path[::-1]
