"""The published article: one JSONL line per revision. Names follow JSON Feed 1.1 where it has one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Relation = Literal["exact", "near", "excerpt"]
"""``exact``: the same words; ``near``: a lightly edited copy; ``excerpt``: one contains most of the other."""

Via = Literal["feed", "sitemap", "archive", "wayback", "warc", "urls", "jsonl"]

CreditRole = Literal["agency", "source", "republished_from", "image", "author_org"]

REDACTED = "redacted"
"""The ``content_hash`` of an article whose content was taken back (``store redact``): it is never published again."""

Kind = Literal["article", "live_blog", "gallery", "video", "index"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The publisher. ``domain`` is the registrable domain (host, or host:port, where there is none)."""

    name: str | None
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a page says of its own origin; ``text`` holds the words that it was read from."""

    role: CreditRole
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    place: str | None
    date: str | None
    agency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """``method`` names who supplied the body (``trafilatura``, ``feed``, ...), ``recipe`` all that made it, with versions."""

    method: str
    recipe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The strongest evidence for a placement.

    ``similarity`` is Jaccard over word-5 shingles, ``containment`` the overlap coefficient (shared / smaller); ``covers``
    is the share of the *other* article's shingles that stand in this one, ``covered`` the share of this one's that stand in
    the other. All in 0..1.
    """

    article_id: str
    relation: Relation
    similarity: float
    containment: float
    covers: float
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One revision of one article, as published (``type: "article"``), without the envelope (seq, type, schema, time)."""

    id: str
    revision: int
    status: Literal["usable", "withdrawn"]
    url: str
    canonical_url: str | None
    source: Source
    feeds: tuple[str, ...]
    entry_id: str | None
    via: Via
    backfill: bool
    kind: Kind
    title: str | None
    authors: tuple[Author, ...]
    summary: str | None
    section: str | None
    tags: tuple[str, ...]
    image: str | None
    language: str | None
    date_published: datetime | None
    date_published_raw: str | None
    date_published_from: Literal["feed", "page", "url", "none"]
    date_modified: datetime | None
    date_first_seen: datetime
    date_fetched: datetime | None
    content_text: str
    credits: tuple[Credit, ...]
    dateline: Dateline | None
    extraction: Extraction
    content_hash: str
    story_id: str
    match: Match | None
