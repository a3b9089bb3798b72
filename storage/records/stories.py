"""The published story: one JSONL line per change, and the same record in the current view ``stories.jsonl``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.records.articles import Relation

Change = Literal["created", "joined", "merged", "split", "canonical", "revised", "related"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who had the story first, or whom its versions credit; ``evidence`` is a list of short sentences, strongest first.

    ``article_id`` is the member that stands for the origin (None where it is an agency outside the corpus).
    """

    article_id: str | None
    name: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another story that shares material without being the same one. ``kind`` names what is shared."""

    story_id: str
    kind: Literal["shared_material", "quotes", "digest", "follow_up", "template"]
    shared_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A member's place in the version tree: built on ``based_on`` (None for a root) with this evidence."""

    article_id: str
    source: str
    url: str
    title: str | None
    date_published: datetime | None
    date_first_seen: datetime
    words: int
    based_on: str | None
    relation: Relation | None
    similarity: float | None
    containment: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The state of a story after a change, as published (``type: "story"``), without the envelope."""

    story_id: str
    change: Change
    members: tuple[str, ...]
    canonical: str
    origin: Origin
    merged_from: tuple[str, ...]
    related: tuple[Related, ...]
    title: str | None
    date_first_published: datetime | None
    date_updated: datetime
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    versions: tuple[Version, ...]
