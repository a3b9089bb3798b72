"""What goes into grouping, what comes out, and what it asks of a memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.text.words import Words
from storage.records import Boilerplate, Fingerprint, Match, PairLink, Related


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An article to be placed: a new one, or (``revision`` > 1) a known one whose text changed.

    ``event_time`` is the date published, else first seen. ``dated`` false (a corpus without dates, offline): the article
    is compared with all times, and a match needs more evidence. ``arrived`` is now, on the clock that expiry runs on; None
    (offline): nothing expires. ``past``: brought by a backfill, to be compared with all that was published near it,
    whenever that came.
    """

    article_id: str
    site: str
    title: str | None
    text: str
    language: str | None
    event_time: datetime
    revision: int = 1
    dated: bool = True
    arrived: datetime | None = None
    past: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A subject with its text reduced: all that can be computed without knowing other articles. Picklable.

    - ``words``: the hashed words, from which shingles are made again if lines turn out to be boilerplate.
    - ``lines``: (number, hash, words) of each line, as three equally long arrays.
    - ``sequence``: uint64, the distinct shingles in the order of the text (of their first appearance), quoted ones marked.
    - ``shingles``: uint64, their values, sorted; ``order``: intp, where each of these stands in ``sequence``.
    - ``signature``: uint32[num_perm]; empty for a text too short to sign.
    """

    subject: Subject
    words: Words
    lines: tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.intp]]
    sequence: NDArray[np.uint64]
    shingles: NDArray[np.uint64]
    order: NDArray[np.intp]
    signature: NDArray[np.uint32]
    text_hash: bytes
    title: str


Channel = Literal["same_words", "bands", "sample"]
"""How a pair became a candidate: equal words, an equal LSH band, or shared sampled shingles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A compared pair; ``a`` is the article being placed. Shares are of shingles, in 0..1.

    ``bridged`` counts the shingles lost to small edits between shared words; ``passages`` the runs of shared words in ``a``,
    ``passage_words`` the words in them; ``title`` is the share of the shorter title's words that stand in the other (0
    where a title is unusable); ``lead`` the share of either text's first words that stands in the other; ``numbers`` the
    share of the numbers in the common part on which both agree, ``same_numbers`` of ``all_numbers``; ``quoted_once`` and
    ``quoted_twice`` the shares of what is shared that stands in quotation marks in one of the texts, in both; ``gap_days``
    is None where a date is missing.
    """

    shared: int
    bridged: int
    a_shingles: int
    b_shingles: int
    a_words: int
    b_words: int
    passages: int
    passage_words: int
    same_words: bool
    same_site: bool
    title: float
    numbers: float
    same_numbers: int
    all_numbers: int
    lead: float
    quoted_once: float
    quoted_twice: float
    gap_days: float | None
    same_title: bool
    titles_count_apart: bool

    @property
    def similarity(self) -> float:
        union = self.a_shingles + self.b_shingles - self.shared
        return self.shared / union if union else float(self.same_words)

    @property
    def edited_similarity(self) -> float:
        """Jaccard with small edits forgiven."""
        shared = min(self.shared + self.bridged, self.a_shingles, self.b_shingles)
        union = self.a_shingles + self.b_shingles - shared
        return shared / union if union else float(self.same_words)

    @property
    def a_in_b(self) -> float:
        return self.shared / self.a_shingles if self.a_shingles else float(self.same_words)

    @property
    def b_in_a(self) -> float:
        return self.shared / self.b_shingles if self.b_shingles else float(self.same_words)

    @property
    def containment(self) -> float:
        return max(self.a_in_b, self.b_in_a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of a pair. ``relation`` None: not versions of one story; ``rule`` names what decided.

    ``related``: they share enough material to be linked although they are not versions of one story.
    """

    relation: Literal["exact", "near", "excerpt"] | None
    rule: str
    related: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """One change of one story; ``members`` are the article ids after it, the founder first.

    ``revised``: the members stay, one has a new text; or, with no members, the story's last article was withdrawn.
    """

    story_id: str
    change: Literal["created", "joined", "merged", "split", "revised"]
    members: tuple[str, ...]
    merged_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article stands, as data; already written through the memory when ``Grouper.place`` returns it."""

    story_id: str
    match: Match | None
    fingerprint: Fingerprint
    links: tuple[PairLink, ...]
    changes: tuple[StoryChange, ...]
    related: tuple[Related, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why two articles are, or are not, in one story."""

    together: bool
    channel: Channel | None
    evidence: Evidence | None
    verdict: Verdict
    sentences: tuple[str, ...]


class FingerprintMemory(Protocol):
    """The fingerprints and the graph of verified matches; see ``DESIGN.md``, the store's table ``fingerprints``."""

    def get(self, ids: Collection[str]) -> Mapping[str, Fingerprint]:
        """Those that are known."""
        ...

    def live(self, since: datetime, published_since: datetime | None = None) -> Iterable[Fingerprint]:
        """All that arrived at or after ``since`` (and were published at or after ``published_since``), by arrival."""
        ...

    def between(self, since: datetime, until: datetime) -> Iterable[Fingerprint]:
        """All with an event time at or after ``since`` and before ``until``, by arrival."""
        ...

    def links(self, ids: Collection[str]) -> Sequence[PairLink]:
        """Every link that touches one of ``ids``."""
        ...

    def members(self, story_id: str) -> Sequence[str]:
        """The article ids of a story, in order of arrival."""
        ...

    def last_arrival(self) -> int: ...
    def put(self, fingerprint: Fingerprint) -> None: ...
    def drop(self, article_id: str) -> None: ...
    def put_links(self, links: Sequence[PairLink]) -> None: ...
    def drop_links(self, article_id: str) -> None: ...
    def move(self, ids: Sequence[str], story_id: str) -> None: ...


class BoilerplateMemory(Protocol):
    def get(self, site: str, paragraphs: Collection[int]) -> Mapping[int, Boilerplate]: ...
    def put(self, rows: Sequence[Boilerplate]) -> None: ...


class GroupingMemory(Protocol):
    """What grouping remembers: a transaction of the store, or ``pipeline.stages.group.memory.Offline``."""

    @property
    def fingerprints(self) -> FingerprintMemory: ...
    @property
    def boilerplate(self) -> BoilerplateMemory: ...
