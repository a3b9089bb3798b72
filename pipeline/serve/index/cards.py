"""A story as lists show it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pipeline.serve.index.folding import folded_words
from storage.records import Article, Story, Version

LEAD_CHARACTERS = 280
OWN_WORDS = frozenset({"agency", "source", "republished_from"})
"""The roles of credits that say whose text it is; pictures and authors' employers do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One story in a list. ``first`` is who had it first, ``first_article`` the member that stands for it (None: an agency
    without an article of its own); ``backfill`` says how many of the versions were brought by a backfill.
    """

    story_id: str
    seq: int
    title: str | None
    lead: str
    canonical: str
    first: str | None
    first_article: str | None
    first_out: datetime
    last_out: datetime
    updated: datetime
    versions: int
    sources: tuple[str, ...]
    languages: tuple[str, ...]
    agencies: tuple[str, ...]
    backfill: Literal["none", "some", "all"]


def out_at(version: Version) -> datetime:
    """When the version was out, as far as can be told: published, but never later than it was seen."""
    published = version.date_published
    return min(published, version.date_first_seen) if published else version.date_first_seen


def article_out(article: Article) -> datetime:
    """The same of an article."""
    published = article.date_published
    return min(published, article.date_first_seen) if published else article.date_first_seen


def card_of(story: Story, seq: int, canonical: Article | None, agencies: Sequence[str], backfilled: int) -> Card:
    """``backfilled``: how many of the members came through a backfill."""
    times = [out_at(version) for version in story.versions] or [story.date_first_published or story.date_updated]
    return Card(
        story_id=story.story_id,
        seq=seq,
        title=story.title,
        lead=lead_of(canonical) if canonical else "",
        canonical=story.canonical,
        first=story.origin.name,
        first_article=story.origin.article_id,
        first_out=min(times),
        last_out=max(times),
        updated=story.date_updated,
        versions=len(story.members),
        sources=story.sources,
        languages=story.languages,
        agencies=tuple(agencies),
        backfill="none" if not backfilled else "all" if backfilled == len(story.members) else "some",
    )


def lead_of(article: Article) -> str:
    """The summary, or what the text begins with, on one line."""
    text = " ".join((article.summary or article.content_text[: 4 * LEAD_CHARACTERS]).split())
    if len(text) <= LEAD_CHARACTERS:
        return text
    return text[:LEAD_CHARACTERS].rsplit(" ", 1)[0].rstrip(",;:–— ") + "…"


def agencies_of(article: Article) -> list[str]:
    """The agencies that the article credits, each once."""
    return list(dict.fromkeys(credit.name for credit in article.credits if credit.role == "agency"))


def credits_another(article: Article) -> bool:
    """Says of itself that its text is another's."""
    own = {(article.source.name or "").casefold(), article.source.domain}
    return any(credit.role in OWN_WORDS and credit.name.casefold() not in own for credit in article.credits)


def agency_key(name: str) -> str:
    """Equal for all spellings of a name: Arabic and Persian keyboards write one agency in two ways."""
    return folded_words(name)


VERSION_STEPS = (2, 3, 5, 10, 20, 50)
"""Numbers of versions that a list can be narrowed to at the cost of an index."""


def facets_of(card: Card, domains: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(kind, value, name) of everything by which the story can be found; ``domains``: its sources' names by domain."""
    for domain, name in domains.items():
        yield "source", domain, name
    for language in card.languages:
        yield "language", language, language
        if "-" in language:
            yield "language", language.partition("-")[0], language.partition("-")[0]
    for agency in card.agencies:
        yield "agency", agency_key(agency), agency
    for step in VERSION_STEPS:
        if card.versions >= step:
            yield "versions", str(step), str(step)
    yield "lane", "backfill" if card.backfill == "all" else "live", ""
