"""Placing an article: candidates, verification, links, story. One call an article, in order of arrival."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from pipeline.settings import GroupSettings
from pipeline.stages.group import rules
from pipeline.stages.group.boilerplate import Furniture
from pipeline.stages.group.compare import Compared, compare, link_of
from pipeline.stages.group.explain import explain
from pipeline.stages.group.fingerprint import profile, reduce, skim
from pipeline.stages.group.index import CandidateIndex, Filed, Keys, band_keys, exact_key, keys_of, sample_keys
from pipeline.stages.group.past import Past
from pipeline.stages.group.stories import Event, Touched, regroup, related_stories, touch
from pipeline.stages.group.types import Explanation, GroupingMemory, Placement, Prepared, StoryChange, Subject
from pipeline.text.words import VALUE
from storage.records import Fingerprint, Match

EXPIRY_SLACK_DAYS = 1.0
"""An article is forgotten this long after its window closed, by arrival."""

LATE = timedelta(days=30)
"""How long after its publication a live article may come; what comes later is history (``stages.identity.HISTORY``)."""
MAX_CANDIDATES = 64
_LOADED_AT_ONCE = 1024
MIN_SHARE = 0.1


class Grouper:
    """Holds the candidate index of the live window; everything else is in the memory that each call is given.

    ``place`` writes through the memory (fingerprint, links, moves, boilerplate) and updates the index. If the caller's
    transaction fails afterwards, the index is ahead of the store: call ``load`` again.
    """

    def __init__(self, settings: GroupSettings) -> None:
        self._settings = settings
        self._thresholds = rules.Thresholds(
            similarity=settings.similarity,
            containment=settings.containment,
            min_shared=settings.min_shared_shingles,
        )
        self._profile = profile(settings.num_perm)
        self._index = self._new_index()
        self._past = self._new_past()

    @property
    def index(self) -> CandidateIndex:
        return self._index

    def load(self, memory: GroupingMemory, now: datetime) -> tuple[str, ...]:
        """Rebuilds the index from the live fingerprints, after which results are as if there had been no restart.

        Returns the ids of live articles whose fingerprints another recipe made: they cannot be compared until they are
        placed again (as revisions) from their texts.
        """
        self._index = self._new_index()
        outdated: list[str] = []
        since = now - self._horizon
        self._index.fill(self._filed(memory.fingerprints.live(since, since - LATE), outdated))
        self._past = self._new_past()
        return tuple(outdated)

    def _filed(self, rows: Iterable[Fingerprint], outdated: list[str]) -> Iterator[Filed]:
        """Postings of many fingerprints, their bands cut a few thousand at a time."""
        s = self._settings
        rows = iter(rows)
        nothing = np.empty(0, np.uint64)
        while part := list(islice(rows, _LOADED_AT_ONCE)):
            outdated += [f.article_id for f in part if f.profile != self._profile]
            part = [f for f in part if f.profile == self._profile]
            signed = [f.signature for f in part if f.signature]
            matrix = np.frombuffer(b"".join(signed), "<u4").reshape(len(signed), s.num_perm)
            bands = iter(band_keys(matrix, s.bands, s.rows))
            exact = np.array([exact_key(f.text_hash) for f in part], np.uint64)
            sizes = [len(f.shingles) // 8 for f in part]
            samples = sample_keys(np.frombuffer(b"".join([f.shingles for f in part]), "<u8") & VALUE, sizes)
            for number, f in enumerate(part):
                keys = Keys(
                    bands=next(bands) if f.signature else nothing,
                    sample=samples[number],
                    exact=exact[number : number + 1],
                    shingles=sizes[number],
                )
                yield Filed(f.article_id, keys, f.event_time, f.arrived or f.event_time)

    def place(self, subject: Subject | Prepared, memory: GroupingMemory) -> Placement:
        """Places a new article, or a revision of a known one, and writes what follows from it through ``memory``."""
        shingled = isinstance(subject, Prepared)
        prepared = subject if isinstance(subject, Prepared) else skim(subject)
        subject = prepared.subject
        if subject.arrived is not None:
            self._index.expire(subject.arrived - self._horizon)
        before = memory.fingerprints.get([subject.article_id]).get(subject.article_id)
        furniture = Furniture(prepared, memory.boilerplate)
        prepared = self._without(furniture, prepared, shingled=shingled)
        keys = self._keys(prepared)
        compared = self._compare(prepared, keys, memory, title_repeats=furniture.title_repeats)
        if before is None and not any(c.matched and c.evidence.same_site for c in compared):
            furniture.learn()
        placement = self._settle(prepared, compared, before, memory)
        self._file(
            Filed(subject.article_id, keys, subject.event_time if subject.dated else None, subject.arrived), subject
        )
        return placement

    def _file(self, filed: Filed, subject: Subject) -> None:
        """History goes where its time is; only what is not older than live news can be stands in the live index."""
        self._past.add(filed)
        if not (self._is_history(subject) and subject.event_time < _arrival(subject) - self._horizon - LATE):
            self._index.add(filed)

    def _is_history(self, subject: Subject) -> bool:
        """Whether some of its neighbours in time may have left the live index."""
        if not subject.past or not subject.dated or subject.arrived is None:
            return False
        window = timedelta(days=self._settings.window_days)
        return subject.event_time - window < subject.arrived - self._horizon

    def withdraw(self, article_id: str, memory: GroupingMemory) -> tuple[StoryChange, ...]:
        """Takes an article out (gone, redacted) and forgets its fingerprint; its story may split, or be left empty."""
        table = memory.fingerprints
        before = table.get([article_id]).get(article_id)
        if before is None:
            return ()
        event = Event(article_id=article_id, shingles=None, new=False, stamp=f"{before.arrival}.gone")
        table.drop_links(article_id)
        touched = touch(event, {before.story_id}, memory)
        changes, digests = regroup(touched, memory)
        table.drop(article_id)
        self._index.remove(article_id)
        self._past.remove(article_id)
        _move(touched, changes, memory)
        _mark(digests, memory)
        return tuple(changes)

    def explain(self, a: str, b: str, memory: GroupingMemory) -> Explanation | None:
        """Why ``a`` and ``b`` are, or are not, in one story; None if either is not known."""
        return explain(a, b, memory, self._settings)

    def _new_past(self) -> Past:
        window = timedelta(days=self._settings.window_days)
        return Past(self._new_index, lambda rows: self._filed(rows, []), window)

    def _new_index(self) -> CandidateIndex:
        s = self._settings
        return CandidateIndex(bands=s.bands, rows=s.rows, window_days=s.window_days)

    @property
    def _horizon(self) -> timedelta:
        return timedelta(days=self._settings.window_days + EXPIRY_SLACK_DAYS)

    def _keys(self, p: Prepared) -> Keys:
        return keys_of(p.shingles, p.signature, p.text_hash, self._settings.bands, self._settings.rows)

    def _without(self, furniture: Furniture, p: Prepared, *, shingled: bool) -> Prepared:
        drop = furniture.repeated(p)
        if drop is None and shingled:
            return p
        return reduce(p, p.words if drop is None else p.words.without(drop), self._settings.num_perm)

    def _compare(self, p: Prepared, keys: Keys, memory: GroupingMemory, *, title_repeats: bool) -> list[Compared]:
        event_time = p.subject.event_time if p.subject.dated else None
        found = self._index.candidates(keys, event_time, MAX_CANDIDATES, MIN_SHARE)
        if self._is_history(p.subject):
            found += self._past.candidates(keys, p.subject.event_time, memory, MAX_CANDIDATES, MIN_SHARE)
            found = list({c.article_id: c for c in found}.values())
        found = [c for c in found if c.article_id != p.subject.article_id]
        if not found:
            return []
        known = memory.fingerprints.get([c.article_id for c in found])
        return [
            compare(p, known[c.article_id], c, title_repeats=title_repeats, thresholds=self._thresholds)
            for c in found
            if c.article_id in known
        ]

    def _settle(
        self, p: Prepared, compared: list[Compared], before: Fingerprint | None, memory: GroupingMemory
    ) -> Placement:
        me, table = p.subject.article_id, memory.fingerprints
        arrival = table.last_arrival() + 1 if before is None else before.arrival
        links = tuple(link for c in compared if (link := link_of(me, c)) is not None)
        if before is not None:
            table.drop_links(me)
        table.put_links(links)
        event = Event(article_id=me, shingles=p.shingles, new=before is None, stamp=f"{arrival}.{p.subject.revision}")
        stories = {c.other.story_id for c in compared if c.matched} | ({before.story_id} if before else set())
        touched = touch(event, stories, memory)
        changes, digests = regroup(touched, memory)
        mine = next(c for c in changes if me in c.members)
        fingerprint = self._fingerprint(p, mine.story_id, arrival, aggregate=me in digests)
        table.put(fingerprint)
        _move(touched, changes, memory)
        _mark(digests - {me}, memory)
        return Placement(
            story_id=mine.story_id,
            match=_match(compared, mine.members),
            fingerprint=fingerprint,
            links=links,
            changes=tuple(changes),
            related=related_stories(mine.story_id, mine.members, memory) if links or len(mine.members) > 1 else (),
        )

    def _fingerprint(self, p: Prepared, story_id: str, arrival: int, *, aggregate: bool) -> Fingerprint:
        subject = p.subject
        return Fingerprint(
            article_id=subject.article_id,
            profile=self._profile,
            site=subject.site,
            story_id=story_id,
            event_time=subject.event_time,
            arrival=arrival,
            words=p.words.count,
            title=p.title,
            text_hash=p.text_hash,
            signature=p.signature.astype("<u4", copy=False).tobytes(),
            shingles=p.sequence.astype("<u8", copy=False).tobytes(),
            numbers=tuple(sorted(set(p.words.numbers))),
            aggregate=aggregate,
            arrived=subject.arrived,
        )


def _arrival(subject: Subject) -> datetime:
    return subject.arrived or subject.event_time


def _move(touched: Touched, changes: Sequence[StoryChange], memory: GroupingMemory) -> None:
    """Files every article but the event's own under the story that it stands in now."""
    was = {i: story for story, members in touched.held.items() for i in members}
    for change in changes:
        moving = [i for i in change.members if i != touched.event.article_id and was[i] != change.story_id]
        if moving:
            memory.fingerprints.move(moving, change.story_id)


def _mark(digests: AbstractSet[str], memory: GroupingMemory) -> None:
    """Notes that known articles turned out to be digests."""
    for row in memory.fingerprints.get(digests).values():
        if not row.aggregate:
            memory.fingerprints.put(replace(row, aggregate=True))


def _match(compared: list[Compared], members: Sequence[str]) -> Match | None:
    """The strongest evidence for standing where the article stands."""
    inside = [c for c in compared if c.matched and c.other.article_id in members]
    if not inside:
        return None
    best = max(inside, key=lambda c: (c.evidence.similarity, c.evidence.containment, -c.other.arrival))
    e = best.evidence
    return Match(
        article_id=best.other.article_id,
        relation=best.verdict.relation or "near",
        similarity=round(e.similarity, 4),
        containment=round(e.containment, 4),
        covers=round(e.b_in_a, 4),
        covered=round(e.a_in_b, 4),
    )
