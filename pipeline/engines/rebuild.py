"""``store rebuild``: the state again, from the streams alone.

What grouping knew of an article is not in the streams; it is found again by placing the articles once more, in the order
in which they arrived, in a memory of its own. The stories stay those of the streams: a story id, once published, stands.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.engines.session import store_options
from pipeline.settings import GroupSettings, Settings
from pipeline.stages.group import Grouper, Offline, Subject
from pipeline.text.urls import site_of, url_key
from pipeline.world import SystemClock
from storage import rebuild
from storage.records import Article, Fingerprint, PairLink

FORGET_AFTER_WINDOWS = 2.0
"""What arrived this many windows before the newest can no longer be a candidate: it leaves the memory."""


def run(settings: Settings, data: Path, *, progress: Callable[[int], None] | None = None) -> rebuild.RebuildReport:
    """Replaces the state. ``progress`` gets the lines read so far. Raises StoreInUse, and StoreError for a bad line."""
    clock = SystemClock()
    return rebuild.rebuild(data, Replay(settings.group), store_options(settings), clock=clock.now, progress=progress)


class Replay:
    """Implements ``storage.rebuild.Derive``."""

    def __init__(self, settings: GroupSettings) -> None:
        self._grouper = Grouper(settings)
        self._memory = Offline()
        self._window = timedelta(days=settings.window_days * FORGET_AFTER_WINDOWS)
        self._order: list[tuple[datetime, str]] = []

    def keys(self, article: Article) -> Iterable[str]:
        """The page's address, and its canonical one where that is the site's own (as ``steps.articles`` names it)."""
        canonical = article.canonical_url
        own = canonical if canonical and site_of(canonical) == site_of(article.url) else article.url
        return dict.fromkeys((url_key(article.url), url_key(own)))

    def fingerprints(self, placements: Sequence[rebuild.Placement]) -> Iterator[Fingerprint | None]:
        """Placed again in order; number, time and story are those of the streams."""
        for placed in placements:
            found = self._grouper.place(_subject(placed), self._memory).fingerprint
            self._order.append((placed.arrived, placed.article.id))
            yield replace(found, arrival=placed.arrival, story_id=placed.article.story_id)
        self._forget()

    def links(self, members: Sequence[Fingerprint]) -> Iterable[PairLink]:
        """The pairs within one story that were verified on the way."""
        inside = {member.article_id for member in members}
        return [link for link in self._memory.fingerprints.links(inside) if link.a in inside and link.b in inside]

    def _forget(self) -> None:
        newest = max((arrived for arrived, _ in self._order), default=datetime.min.replace(tzinfo=UTC))
        for arrived, article_id in self._order:
            if arrived < newest - self._window:
                self._memory.fingerprints.drop(article_id)
        self._order = [one for one in self._order if one[0] >= newest - self._window]


def _subject(placed: rebuild.Placement) -> Subject:
    article = placed.article
    return Subject(
        article_id=article.id,
        site=site_of(article.url),
        title=article.title,
        text=article.content_text,
        language=article.language,
        event_time=article.date_published or article.date_first_seen,
        revision=article.revision,
        arrived=placed.arrived,
    )
