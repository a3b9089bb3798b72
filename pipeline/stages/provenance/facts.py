"""What provenance looks at: the members of a story, reduced to who, when, how long and whom they credit."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from pipeline.text.words import read_words
from storage.records import Article, Change, Credit, Dateline, PairLink, Related
from storage.records.articles import Kind

SAME_TIME = timedelta(minutes=10)
"""Two dates closer than this do not say who was first: clocks differ and feeds round."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFacts:
    """A member of a story without its text. ``words`` counts the body; ``name`` is the publisher's name or its domain."""

    id: str
    name: str
    domain: str
    url: str
    canonical_url: str | None = None
    title: str | None
    words: int
    kind: Kind = "article"
    language: str | None
    authors: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    dateline: Dateline | None = None
    date_published: datetime | None
    date_published_raw: str | None = None
    date_published_from: Literal["feed", "page", "url", "none"]
    date_first_seen: datetime
    date_fetched: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryFacts:
    """A story to be told: its members after the change, and the verified links between any two of them.

    ``canonical_before`` is the member that was shown until now: it stays unless another one is clearly better.
    """

    story_id: str
    change: Change
    articles: tuple[Article | MemberFacts, ...]
    links: tuple[PairLink, ...]
    merged_from: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    now: datetime
    canonical_before: str | None = None


@dataclass(frozen=True, slots=True)
class Appeared:
    """When a text came out, as far as it is known: not after ``by``, and not before ``not_before`` where that is known."""

    by: datetime
    not_before: datetime | None

    @property
    def order(self) -> tuple[datetime, datetime]:
        """Sorts by what is known: the earliest proof of existence first."""
        return (self.by, self.not_before or self.by)

    def surely_before(self, other: "Appeared") -> bool:
        return other.not_before is not None and self.by + SAME_TIME <= other.not_before


_CLOCK = re.compile(r"\d{1,2}[:h]\d{2}|T\d{4}|^\d{9,}$")


def member_facts(article: Article) -> MemberFacts:
    """``article`` without its text."""
    return MemberFacts(
        id=article.id,
        name=article.source.name or article.source.domain,
        domain=article.source.domain,
        url=article.url,
        canonical_url=article.canonical_url,
        title=article.title,
        words=read_words(article.content_text).count,
        kind=article.kind,
        language=article.language,
        authors=tuple(author.name for author in article.authors),
        credits=article.credits,
        dateline=article.dateline,
        date_published=article.date_published,
        date_published_raw=article.date_published_raw,
        date_published_from=article.date_published_from,
        date_first_seen=article.date_first_seen,
        date_fetched=article.date_fetched,
    )


def appeared(member: MemberFacts) -> Appeared:
    """What was seen was out by then; a published date says more, to the minute or (from a URL, or without a clock) to the day.

    A published date after the article was first seen is the date of a later edit, or wrong: it is not used.
    """
    published, seen = member.date_published, member.date_first_seen
    if published is None or published > seen + SAME_TIME:
        return Appeared(seen, None)
    if published > seen:
        return Appeared(seen, seen)
    if to_the_day(member):
        return Appeared(min(published + DAY, seen), published)
    return Appeared(published, published)


def to_the_day(member: MemberFacts) -> bool:
    """True where the published date names a day and no time."""
    if member.date_published_from == "url":
        return True
    if member.date_published_raw is not None:
        return _CLOCK.search(member.date_published_raw.strip()) is None
    published = member.date_published
    return published is not None and published.astimezone(UTC).strftime("%H%M%S") == "000000"


def host_of(url: str | None) -> str | None:
    """The host of ``url`` in lower case without ``www.``, with its port where it has one."""
    try:
        return urlsplit(url or "").netloc.rsplit("@", 1)[-1].lower().removeprefix("www.") or None
    except ValueError:
        return None
