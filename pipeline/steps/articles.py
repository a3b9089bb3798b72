"""An extracted page becomes an article revision, is placed, and its story is told: within the keeper's transaction."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.records import Extracted
from pipeline.stages.group import Grouper, Placement, StoryChange, Subject
from pipeline.stages.provenance import StoryFacts, tell
from pipeline.steps.collect import Collected
from pipeline.text.urls import article_id, site_of, url_key
from storage.records import Article, PairLink, Related, Source, Story
from storage.records.articles import REDACTED
from storage.store import Transaction

MAX_REVISIONS = 24
"""A page whose text changes at every look (a counter, a nonce) must not fill the log: lemon24/reader caps at 24 too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which article a page is. ``known`` is its latest kept revision."""

    id: str
    keys: tuple[str, ...]
    canonical_url: str | None
    known: Article | None


def keep_article(tx: Transaction, grouper: Grouper, collected: Collected, now: datetime) -> tuple[str, str, list[str]]:
    """→ (slug, article id, story changes). The slug is ``stored``, ``revised``, ``unchanged`` or ``duplicate``."""
    extracted = collected.extracted
    assert extracted is not None
    identity = identify(tx, collected, extracted)
    content_hash = hash_of(extracted.content_text)
    feeds = feeds_of(tx, collected, identity)
    if identity.known is not None and not _is_revision(identity.known, extracted, content_hash):
        return _keep_known(tx, collected, identity, feeds)
    subject = Subject(
        article_id=identity.id,
        site=site_of(collected.url),
        title=extracted.title,
        text=extracted.content_text,
        language=extracted.language,
        event_time=event_time(collected, extracted, now),
        revision=identity.known.revision + 1 if identity.known else 1,
        arrived=now,
        past=collected.entry.backfill,
    )
    placement = grouper.place(subject, tx)
    source = source_of(tx, collected, extracted)
    article = _article(collected, extracted, identity, feeds, placement, content_hash, source, now)
    tx.articles.put(article, identity.keys)
    return ("revised" if identity.known else "stored"), identity.id, _keep_changes(tx, placement, now)


def event_time(collected: Collected, extracted: Extracted, now: datetime) -> datetime:
    """When it happened, for grouping: published, else seen. History without a date was there when it was last changed or
    copied, not when it was found.
    """
    entry = collected.entry
    found = extracted.date_published or entry.date_published
    if found is None and entry.backfill:
        found = extracted.date_modified or entry.date_modified
    return found or entry.first_seen or now


def identify(tx: Transaction, collected: Collected, extracted: Extracted) -> Identity:
    """The canonical URL names the article where it stays on the page's own site; another site's canonical is a credit."""
    canonical = extracted.canonical_url
    own = canonical if canonical and site_of(canonical) == site_of(collected.url) else None
    name = url_key(own or collected.url)
    entry = collected.entry
    keys = tuple(dict.fromkeys([name, url_key(collected.url), entry.key, *entry.aliases]))
    resolved = tx.articles.resolve(keys)
    found = next((resolved[key] for key in keys if key in resolved), None)
    known = tx.articles.get(found) if found is not None else None
    return Identity(id=known.id if known else article_id(name), keys=keys, canonical_url=canonical, known=known)


def hash_of(text: str) -> str:
    """SHA-256 of the text in NFC with white space folded: what tells two revisions apart."""
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()


def feeds_of(tx: Transaction, collected: Collected, identity: Identity) -> tuple[str, ...]:
    """Every feed that announced the article, sorted."""
    feeds = set(identity.known.feeds) if identity.known else set()
    feeds.update(tx.frontier.feeds_of(collected.entry.key))
    if collected.entry.feed_url is not None:
        feeds.add(collected.entry.feed_url)
    return tuple(sorted(feeds))


def source_of(tx: Transaction, collected: Collected, extracted: Extracted) -> Source:
    """The publisher as its pages name it, else as the subscriber or the feed does."""
    name = extracted.site_name
    if not name and collected.entry.feed_url is not None:
        feed = tx.feeds.get(collected.entry.feed_url)
        name = (feed.name or feed.title) if feed is not None else None
    return Source(name=name or None, domain=site_of(collected.url))


def _is_revision(known: Article, extracted: Extracted, content_hash: str) -> bool:
    if known.content_hash == REDACTED:
        return False
    changed = content_hash != known.content_hash or (extracted.title or "") != (known.title or "")
    return changed and known.revision < MAX_REVISIONS


def _keep_known(
    tx: Transaction, collected: Collected, identity: Identity, feeds: tuple[str, ...]
) -> tuple[str, str, list[str]]:
    """The article stands as it is; this announcement is noted on it."""
    known = identity.known
    assert known is not None
    before = tx.frontier.known([collected.entry.key]).get(collected.entry.key)
    for feed_url in sorted(set(feeds) - set(known.feeds)):
        tx.articles.announced_by(identity.id, feed_url)
    tx.articles.alias(identity.id, identity.keys)
    again = before is not None and before.article_id == identity.id
    return ("unchanged" if again else "duplicate"), identity.id, []


def _article(
    collected: Collected,
    extracted: Extracted,
    identity: Identity,
    feeds: tuple[str, ...],
    placement: Placement,
    content_hash: str,
    source: Source,
    now: datetime,
) -> Article:
    entry, known = collected.entry, identity.known
    return Article(
        id=identity.id,
        revision=known.revision + 1 if known else 1,
        status="usable",
        url=collected.url,
        canonical_url=identity.canonical_url,
        source=source,
        feeds=feeds,
        entry_id=entry.entry_id,
        via=known.via if known else entry.via,
        backfill=known.backfill if known else entry.backfill,
        kind=extracted.kind,
        title=extracted.title,
        authors=extracted.authors,
        summary=extracted.summary,
        section=extracted.section,
        tags=extracted.tags,
        image=extracted.image,
        language=extracted.language,
        date_published=extracted.date_published,
        date_published_raw=extracted.date_published_raw,
        date_published_from=extracted.date_published_from,
        date_modified=extracted.date_modified,
        date_first_seen=known.date_first_seen if known else entry.first_seen or now,
        date_fetched=collected.fetched_at,
        content_text=extracted.content_text,
        credits=extracted.credits,
        dateline=extracted.dateline,
        extraction=extracted.extraction,
        content_hash=content_hash,
        story_id=placement.story_id,
        match=placement.match,
    )


def _keep_changes(tx: Transaction, placement: Placement, now: datetime) -> list[str]:
    for change in placement.changes:
        tx.stories.put(_story(tx, change, placement, now))
    told = [change.change for change in placement.changes]
    return told + [_relate_back(tx, placement, one, now) for one in placement.related if _is_news(tx, placement, one)]


def _story(tx: Transaction, change: StoryChange, placement: Placement, now: datetime) -> Story:
    before = tx.stories.get(change.story_id)
    found = [article for member in change.members if (article := tx.articles.get(member)) is not None]
    new = placement.related if change.story_id == placement.story_id else ()
    return tell(
        StoryFacts(
            story_id=change.story_id,
            change=change.change,
            articles=tuple(found),
            links=_links_within(tx, change.members),
            merged_from=_merged(tx, change, before),
            related=_related(tx, change, before, new),
            now=now,
            canonical_before=before.canonical if before is not None else None,
        )
    )


def _links_within(tx: Transaction, members: Sequence[str]) -> tuple[PairLink, ...]:
    inside = set(members)
    return tuple(link for link in tx.fingerprints.links(members) if link.a in inside and link.b in inside)


def _merged(tx: Transaction, change: StoryChange, before: Story | None) -> tuple[str, ...]:
    """Every id that resolves to this story after the change, oldest first: the last state of a story tells them all."""
    absorbed = [other for one in change.merged_from if (other := tx.stories.get(one)) is not None]
    earlier = [*(before.merged_from if before else ()), *(old for other in absorbed for old in other.merged_from)]
    here = {change.story_id, *change.merged_from}
    kept = [old for old in earlier if tx.stories.resolve(old) in here]
    return tuple(dict.fromkeys([*kept, *change.merged_from]))


def _related(
    tx: Transaction, change: StoryChange, before: Story | None, new: tuple[Related, ...]
) -> tuple[Related, ...]:
    """What was related stays so, under the ids that stand now; of two findings the one that shares more counts."""
    absorbed = [other for one in change.merged_from if (other := tx.stories.get(one)) is not None]
    earlier = [one for story in (before, *absorbed) if story is not None for one in story.related]
    best: dict[str, Related] = {}
    for one in [*earlier, *new]:
        story_id = tx.stories.resolve(one.story_id)
        if story_id in {change.story_id, *change.merged_from}:
            continue
        if story_id not in best or best[story_id].shared_words < one.shared_words:
            best[story_id] = replace(one, story_id=story_id)
    return tuple(best.values())


def _is_news(tx: Transaction, placement: Placement, one: Related) -> bool:
    other = tx.stories.get(one.story_id)
    return other is not None and placement.story_id not in {other.story_id, *(r.story_id for r in other.related)}


def _relate_back(tx: Transaction, placement: Placement, one: Related, now: datetime) -> str:
    """Being related goes both ways, and a consumer that keeps the last state of every id sees both."""
    other = tx.stories.get(one.story_id)
    assert other is not None
    related = (*other.related, replace(one, story_id=placement.story_id))
    tx.stories.put(replace(other, change="related", related=related, date_updated=now))
    return "related"
