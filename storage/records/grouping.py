"""What grouping keeps of an article so that a restart goes on with identical results."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The words of an article, reduced.

    - ``profile``: names normaliser, shingling, permutation scheme, seed and number; never mix two profiles.
    - ``signature``: little-endian uint32 × num_perm, datasketch's ``affine32`` values; empty for texts too short to sign.
    - ``shingles``: distinct little-endian uint64 in the order of the text, what candidates are verified on (boilerplate
      removed); the order tells an edited sentence from a rewritten one. The highest bit marks words in quotation marks.
    - ``numbers``: sorted distinct digit strings of the text: what tells two template stories apart.
    - ``event_time``: date published, else first seen: the axis of the window.
    - ``arrival``: counts placements, 1, 2, 3 …: the order in which a restart re-inserts.
    - ``arrived``: when it was placed, the axis of expiry: ``live(since)`` means ``arrived >= since`` (an article of last
      year that a backfill brought a minute ago is live; one that came a week ago is not).
    """

    article_id: str
    profile: str
    site: str
    story_id: str
    event_time: datetime
    arrival: int
    words: int
    title: str
    text_hash: bytes
    signature: bytes
    shingles: bytes
    numbers: tuple[str, ...]
    aggregate: bool
    arrived: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLink:
    """A verified match between two articles (an edge of the story's graph); ``a`` arrived after ``b``."""

    a: str
    b: str
    relation: str
    similarity: float
    a_in_b: float
    b_in_a: float
    shared: int
    rule: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """A paragraph's history on one site; the rule that calls it boilerplate lives in the pipeline."""

    site: str
    paragraph: int
    articles: int
    first_day: str
    last_day: str
    words: int
