"""Taking an article's content back: for a publisher's or a court's demand.

Every line that carries its content, in every segment, is replaced by a tombstone of the same seq; a new line tells
consumers that have read it already. The state, its free pages and the view forget it too. What stays: the id, the URLs, the
dates, the story, and that there was something. Copies that others made (exports, consumers' own stores, backups) are theirs to
clean; the new line is how they learn of it.
"""

from dataclasses import dataclass, replace

from storage import codec
from storage.errors import StoreError
from storage.layout import STREAMS
from storage.records import Article, Story
from storage.records.articles import REDACTED, Extraction
from storage.rewrite import Change, rewrite
from storage.segments import stream_lines
from storage.store import Store, Transaction
from storage.views import StoriesFile


@dataclass(slots=True, kw_only=True)
class RedactReport:
    article_id: str
    segments: int = 0
    lines: int = 0
    """Lines that were replaced by tombstones."""


def redact(store: Store, article_id: str) -> RedactReport:
    """Removes the article's content everywhere. Safe to repeat: an interrupted redaction is finished by the next.

    Raises StoreError if no such article is known.
    """
    article = store.articles.get(article_id)
    if article is None:
        raise StoreError(f"there is no article {article_id}")
    titles = _titles(store, article_id)
    with store.transaction() as tx:
        _withdraw(tx, article, titles)
    store.maintain(rotate=True, seal_all=True)
    report = RedactReport(article_id=article_id)
    with store.rewriting() as disk:
        # Stories first: an interrupted redaction must still find the article's titles when it is repeated.
        for stream in reversed(STREAMS):
            for segment in store.layout.segments(stream):
                if segment.sealed:
                    change = _without(article_id, titles)
                    lines = rewrite(segment, change, store.layout, store.options, disk)
                    report.segments += bool(lines)
                    report.lines += lines
    StoriesFile(store).refresh(force=True)
    store.vacuum()
    return report


def _titles(store: Store, article_id: str) -> set[str]:
    """Every title that the article ever had: a story's title may be one of them."""
    mark = f'"id":"{article_id}"'.encode()
    lines = (codec.article(line.raw) for line in stream_lines(store.layout, "articles") if mark in line.raw)
    return {article.title for article in lines if article.id == article_id and article.title}


def _withdraw(tx: Transaction, article: Article, titles: set[str]) -> None:
    """Tells consumers, and empties what the state holds."""
    if article.content_hash != REDACTED:
        tx.articles.put(replace(tombstone(article), revision=article.revision + 1), [])
    story = tx.stories.of(article.id)
    if story is not None:
        emptied = tombstone_in(story, article.id, titles)
        if emptied != story:
            tx.stories.put(replace(emptied, change="revised"))
    tx.fingerprints.drop(article.id)
    tx.frontier.forget(article.id)


def _without(article_id: str, titles: set[str]) -> Change:
    mark = article_id.encode()

    def change(seq: int, raw: bytes) -> bytes | None:
        if mark not in raw:
            return raw
        if raw.startswith(b'{"seq":%d,"type":"article"' % seq):
            article = codec.article(raw)
            if article.id != article_id or article.content_hash == REDACTED:
                return raw
            return codec.line(seq, "article", codec.time_of(raw), tombstone(article))
        story = codec.story(raw)
        emptied = tombstone_in(story, article_id, titles)
        return raw if emptied == story else codec.line(seq, "story", codec.time_of(raw), emptied)

    return change


def tombstone(article: Article) -> Article:
    """The article without anything that its publisher wrote."""
    return replace(
        article, status="withdrawn", title=None, authors=(), summary=None, section=None, tags=(), image=None,
        date_published_raw=None, content_text="", credits=(), dateline=None, content_hash=REDACTED,
        extraction=Extraction(method="redacted", recipe="redacted"),
    )  # fmt: skip


def tombstone_in(story: Story, article_id: str, titles: set[str]) -> Story:
    """The story without the article's titles and without evidence that may quote it."""
    versions = tuple(replace(v, title=None) if v.article_id == article_id else v for v in story.versions)
    origin = replace(story.origin, evidence=()) if article_id in story.members else story.origin
    return replace(story, title=None if story.title in titles else story.title, versions=versions, origin=origin)
