"""What a reader of a feed format hands on: the fields as they stand in the document, not yet judged."""

from dataclasses import dataclass, field

MAX_ENTRIES = 2000
"""Twice Google's limit of a news sitemap; Media Cloud's cap. What lies beyond is counted in ``ParsedFeed.dropped``."""


@dataclass(slots=True)
class RawItem:
    """One item. Texts are as the document has them (HTML where the format allows it); links are not yet resolved."""

    guid: str | None = None
    guid_is_link: bool = False
    link: str | None = None
    original_link: str | None = None
    """``feedburner:origLink``: the publisher's own address behind a counting redirect."""
    title: str | None = None
    title_is_text: bool = False
    """True: the format says that the title holds no markup (Atom ``type="text"``, JSON Feed)."""
    summary: str | None = None
    content: str | None = None
    caption: str | None = None
    """``media:description``: of the picture or video; stands in for the summary where there is none."""
    authors: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    image: str | None = None
    language: str | None = None
    credit: str | None = None
    credit_url: str | None = None
    published: str | None = None
    updated: str | None = None
    base: str | None = None
    """``xml:base`` in force, resolved against the feed's own address."""


@dataclass(slots=True)
class RawFeed:
    """A feed document; ``total`` counts its items, of which at most ``MAX_ENTRIES`` are in ``items``."""

    format: str
    parser: str
    title: str | None = None
    link: str | None = None
    language: str | None = None
    items: list[RawItem] = field(default_factory=list)
    total: int = 0
    ttl: str | None = None
    period: str | None = None
    frequency: str | None = None
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    built: str | None = None
    next_archive: str | None = None
    complete: bool = False
    """``fh:complete`` (RFC 5005 §2): there is nothing beyond this document."""
    warnings: list[str] = field(default_factory=list)
