"""One story: its versions in the order of the tree and what each changed, its origin, the version to read, what is related."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pipeline.serve.index import out_at
from pipeline.serve.index.cards import lead_of
from pipeline.stages.diff import VersionDiff, compare, in_short, shared_passages
from storage.records import Article, Credit, Dateline, Story, Version
from storage.store import Store

COMPARED = 60
"""Versions of a story whose changes are told; of the others only the place in the tree."""
RELATED = 12
PASSAGES = 3
SAME_TIME_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One version. ``depth``: how far below a root; ``delay_s``: after what it is built on, ``after_s``: after the first.

    ``changes``: what it made of the version it is built on, in a few words (None: a root, or a text is missing).
    """

    article_id: str
    source: str
    domain: str | None
    url: str
    title: str | None
    language: str | None
    words: int
    out: datetime
    after_s: float
    depth: int
    based_on: str | None
    based_on_source: str | None
    delay_s: float | None
    relation: str | None
    similarity: float | None
    containment: float | None
    changes: str | None
    credits: tuple[Credit, ...]
    dateline: Dateline | None
    revision: int
    backfill: bool
    is_origin: bool
    is_canonical: bool
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageView:
    text: str
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedView:
    """Another story that shares material. ``canonical``: the version of it to compare with."""

    story_id: str
    kind: str
    shared_words: int
    title: str | None
    sources: tuple[str, ...]
    canonical: str | None
    passages: tuple[PassageView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingView:
    """The version to read. ``paragraphs`` are plain text."""

    article_id: str
    title: str | None
    lead: str
    source: str
    url: str
    authors: tuple[str, ...]
    language: str | None
    published: datetime | None
    words: int
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """Everything about one story. Times UTC, durations in seconds."""

    story_id: str
    seq: int | None
    title: str | None
    change: str
    updated: datetime
    first_out: datetime
    last_out: datetime
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    merged_from: tuple[str, ...]
    origin: str | None
    origin_article: str | None
    evidence: tuple[str, ...]
    versions: tuple[VersionView, ...]
    reading: ReadingView | None
    related: tuple[RelatedView, ...]

    @property
    def spread_s(self) -> float:
        return (self.last_out - self.first_out).total_seconds()


def story_view(store: Store, story: Story) -> StoryView:
    """Reads the members and their neighbours; withdrawn ones stay in the tree, without a text."""
    articles = {member: article for member in story.members if (article := store.articles.get(member))}
    outs = [out_at(version) for version in story.versions] or [story.date_first_published or story.date_updated]
    canonical = articles.get(story.canonical)
    return StoryView(
        story_id=story.story_id,
        seq=store.stories.seq_of(story.story_id),
        title=story.title,
        change=story.change,
        updated=story.date_updated,
        first_out=min(outs),
        last_out=max(outs),
        languages=story.languages,
        sources=story.sources,
        merged_from=story.merged_from,
        origin=story.origin.name,
        origin_article=story.origin.article_id,
        evidence=story.origin.evidence,
        versions=tuple(_versions(story, articles, min(outs))),
        reading=reading_view(canonical) if canonical and canonical.content_text else None,
        related=tuple(_related(store, story, canonical)),
    )


def _versions(story: Story, articles: dict[str, Article], first: datetime) -> Iterator[VersionView]:
    """In the order of the tree: each right below what it is built on."""
    by_id = {version.article_id: version for version in story.versions}
    for number, (version, depth) in enumerate(_in_tree(story.versions)):
        parent = by_id.get(version.based_on or "")
        compared = articles if number < COMPARED else {}
        yield _version(version, parent, depth, story, articles.get(version.article_id), compared, first)


def _in_tree(versions: Sequence[Version]) -> Iterator[tuple[Version, int]]:
    known = {version.article_id for version in versions}
    below: dict[str | None, list[Version]] = {}
    for version in versions:
        below.setdefault(version.based_on if version.based_on in known else None, []).append(version)
    todo = [(version, 0) for version in reversed(below.get(None, []))]
    while todo:
        version, depth = todo.pop()
        yield version, depth
        todo += [(child, depth + 1) for child in reversed(below.get(version.article_id, []))]


def _version(
    version: Version,
    parent: Version | None,
    depth: int,
    story: Story,
    article: Article | None,
    compared: dict[str, Article],
    first: datetime,
) -> VersionView:
    out = out_at(version)
    theirs = compared.get(parent.article_id) if parent else None
    told = bool(article and theirs and article.content_text and theirs.content_text)
    return VersionView(
        article_id=version.article_id,
        source=version.source,
        domain=article.source.domain if article else None,
        url=version.url,
        title=version.title,
        language=article.language if article else None,
        words=version.words,
        out=out,
        after_s=(out - first).total_seconds(),
        depth=depth,
        based_on=parent.article_id if parent else None,
        based_on_source=parent.source if parent else None,
        delay_s=(out - out_at(parent)).total_seconds() if parent else None,
        relation=version.relation,
        similarity=version.similarity,
        containment=version.containment,
        changes=in_short(compared_pair(theirs, article)) if told and article and theirs else None,
        credits=article.credits if article else (),
        dateline=article.dateline if article else None,
        revision=article.revision if article else 1,
        backfill=article.backfill if article else False,
        is_origin=version.article_id == story.origin.article_id,
        is_canonical=version.article_id == story.canonical,
        withdrawn=article is None or article.status == "withdrawn",
    )


@lru_cache(maxsize=512)
def _compared(_key: tuple[str, ...], pair: "_Pair") -> VersionDiff:
    return compare(pair.a, pair.b)


class _Pair:
    """Two articles as a cache's argument: all are equal, the key beside tells them apart."""

    def __init__(self, a: Article, b: Article) -> None:
        self.a, self.b = a, b

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pair)

    def __hash__(self) -> int:
        return 0


def compared_pair(a: Article, b: Article) -> VersionDiff:
    """``compare``, remembered: the same pair is asked for by every look at a story."""
    key = tuple(str(part) for one in (a, b) for part in (one.id, one.revision, one.content_hash, one.title))
    return _compared(key, _Pair(a, b))


def reading_view(article: Article) -> ReadingView:
    return ReadingView(
        article_id=article.id,
        title=article.title,
        lead=lead_of(article) if article.summary else "",
        source=article.source.name or article.source.domain,
        url=article.url,
        authors=tuple(author.name for author in article.authors),
        language=article.language,
        published=article.date_published,
        words=len(article.content_text.split()),
        paragraphs=tuple(line for line in article.content_text.split("\n") if line.strip()),
    )


def _related(store: Store, story: Story, ours: Article | None) -> Iterator[RelatedView]:
    for related in story.related[:RELATED]:
        other = store.stories.get(related.story_id)
        theirs = store.articles.get(other.canonical) if other else None
        passages = shared_passages(ours.content_text, theirs.content_text) if ours and theirs else ()
        longest = sorted(passages, key=lambda passage: -passage.words)[:PASSAGES]
        yield RelatedView(
            story_id=other.story_id if other else related.story_id,
            kind=related.kind,
            shared_words=related.shared_words,
            title=other.title if other else None,
            sources=other.sources if other else (),
            canonical=other.canonical if other else None,
            passages=tuple(PassageView(text=passage.text, words=passage.words) for passage in longest),
        )
