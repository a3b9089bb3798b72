"""The commit of a batch: what makes a step done. Runs on the writer's thread, in one transaction.

Everything here is decided from the records and from what the transaction sees, in the order of the batch: the same records in
the same order give the same ids, stories and lines.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pipeline.cadence import duplicate_of, merge, pardon
from pipeline.settings import ScheduleSettings
from pipeline.stages.group import Grouper
from pipeline.stages.identity import look_again_at
from pipeline.steps.articles import keep_article
from pipeline.steps.collect import Collected
from pipeline.steps.known import WAITING, looks_again
from pipeline.steps.poll import Polled
from pipeline.world import Clock
from storage.errors import StoreError
from storage.records import Entry, EntryFate, Feed, Poll
from storage.store import Store, Transaction

log = logging.getLogger(__name__)

SETTLE_S = 2.0
"""How long an announced entry waits before its page is fetched while feeds are being polled: publishers put one article into
several feeds, which are polled together, and its line should name them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Entries that an archive source yielded, and where it goes on after a restart."""

    source: str
    entries: tuple[Entry, ...] = ()
    mark: "Mark | None" = None
    passed: int = 0
    """Entries beside these that lie outside the bounds, as far as the source itself tells."""
    known: int = 0
    """Entries beside these that were known, so that nothing more was read of them."""
    again: bool = False
    """Whether what failed before is to be tried once more."""
    document: bool = False
    """The end of a document that was asked for on the web: the next one is asked for when this is kept."""
    share: float | None = None
    """How much of the source has been read, 0..1, where that can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A source's place, kept in the same transaction as what was read up to there; ``b""``: at its end."""

    name: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """An entry that came with its page or text (WARC, JSONL), so that nothing is fetched.

    ``revision``: the number that the corpus gives this text, 0 where it numbers none: only a higher one than the
    stored article's is a new revision.
    """

    source: str
    collected: Collected
    mark: Mark | None = None
    again: bool = False
    revision: int = 0
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one batch of a source was: ``found`` in all, of these ``known``, ``passed`` (outside the bounds), ``new``."""

    source: str
    found: int = 0
    known: int = 0
    passed: int = 0
    new: int = 0
    share: float | None = None
    ended: bool = False


Record = Polled | Collected | Announced | Supplied


@dataclass(slots=True)
class Kept:
    """What one batch did."""

    polls: list[tuple[Poll, str | None]] = field(default_factory=list)
    fates: list[tuple[EntryFate, Entry]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    announced: int = 0


class Keep:
    """``Keep(...)(batch)`` commits a batch, and tells what it did once that is durable."""

    def __init__(
        self, store: Store, grouper: Grouper, clock: Clock, tell: Callable[[Kept], None], schedule: ScheduleSettings
    ) -> None:
        self._store = store
        self._grouper = grouper
        self._clock = clock
        self._tell = tell
        self._schedule = schedule

    def __call__(self, batch: Sequence[Record]) -> None:
        """Raises StoreError; any other error is a defect of ours, and costs only the record that it stands for."""
        try:
            self._commit(batch)
        except StoreError:
            raise
        except Exception:
            log.exception("a batch of %d could not be kept", len(batch))
            self._one_by_one(batch)

    def _commit(self, batch: Sequence[Record]) -> None:
        kept = Kept()
        with self._store.transaction() as tx:
            for record in batch:
                self._keep(tx, record, kept)
        self._tell(kept)

    def _one_by_one(self, batch: Sequence[Record]) -> None:
        """The batch again, a transaction each; what fails alone is rejected by name, so that no start meets it again."""
        for record in batch:
            self._reload()
            try:
                self._commit([record])
            except StoreError:
                raise
            except Exception as error:
                substitute = _rejected(record, error)
                if substitute is None:
                    raise
                self._reload()
                self._commit([substitute])

    def _reload(self) -> None:
        """The grouper's index may be ahead of what was rolled back."""
        with self._store.transaction() as tx:
            self._grouper.load(tx, self._clock.now())

    def _keep(self, tx: Transaction, record: Record, kept: Kept) -> None:
        match record:
            case Polled():
                self._keep_poll(tx, record, kept)
            case Announced():
                self._keep_announced(tx, record, kept)
            case Supplied():
                self._keep_supplied(tx, record, kept)
            case Collected():
                fate = record.fate or self._keep_article(tx, record, kept)
                tx.frontier.settle(fate)
                kept.fates.append((fate, record.entry))

    def _keep_poll(self, tx: Transaction, polled: Polled, kept: Kept) -> None:
        new = self._announce(tx, polled.entries)
        poll = replace(polled.poll, new=len(new))
        tx.feeds.put(polled.feed)
        tx.history.poll(poll)
        self._forgive(tx, polled.pardoned)
        if polled.moved:
            _merge_duplicate(tx, polled.feed)
        for anomaly in polled.anomalies:
            tx.history.anomaly(anomaly)
        kept.announced += len(new)
        kept.polls.append((poll, polled.feed.name or polled.feed.title))

    def _keep_announced(self, tx: Transaction, record: Announced, kept: Kept) -> None:
        new = len(self._announce(tx, record.entries, again=record.again))
        known = len(record.entries) - new + record.known
        kept.announced += new
        kept.tallies.append(
            Tally(
                source=record.source,
                found=new + known + record.passed,
                known=known,
                passed=record.passed,
                new=new,
                share=record.share,
                ended=_keep_mark(tx, record.mark),
            )
        )

    def _keep_supplied(self, tx: Transaction, record: Supplied, kept: Kept) -> None:
        entry, known = record.collected.entry, 1
        waited = _waits(tx, entry.key)
        if self._announce(tx, [entry], again=record.again) or waited or _is_newer(tx, record):
            known = 0
            fate = record.collected.fate or self._keep_article(tx, record.collected, kept)
            if fate.fate == "done" or not waited:  # else another source's page may still be better
                tx.frontier.settle(fate)
            kept.fates.append((fate, entry))
        tally = Tally(source=record.source, found=1, known=known, new=1 - known, share=record.share)
        kept.announced += tally.new
        kept.tallies.append(replace(tally, ended=_keep_mark(tx, record.mark)))

    def _forgive(self, tx: Transaction, urls: Sequence[str]) -> None:
        for url in urls:
            feed = tx.feeds.get(url)
            if feed is not None:
                tx.feeds.put(pardon(feed, self._schedule, self._clock.now(), random.Random(url)))  # noqa: S311 - jitter

    def _announce(self, tx: Transaction, entries: Sequence[Entry], *, again: bool = False) -> list[Entry]:
        """The entries that are now to be collected; the others were known, and this feed is noted on their article."""
        now = self._clock.now() + timedelta(seconds=SETTLE_S)
        verdicts = tx.frontier.announce(entries, now, look_again_at)
        verdict_of: dict[int, str] = {id(entry): verdict for entry, verdict in zip(entries, verdicts, strict=True)}
        known = [entry for entry in entries if verdict_of[id(entry)] == "known"]
        found = tx.frontier.known([entry.key for entry in known])
        for entry in known:
            before = found.get(entry.key)
            if before is not None and looks_again(before, entry, again=again):
                tx.frontier.reopen(entry, now)
                verdict_of[id(entry)] = "again"
            elif before is not None and before.status in WAITING:
                tx.frontier.take_over(entry)
            elif before is not None and before.article_id is not None and entry.feed_url is not None:
                tx.articles.announced_by(before.article_id, entry.feed_url)
        return [entry for entry in entries if verdict_of[id(entry)] != "known"]

    def _keep_article(self, tx: Transaction, collected: Collected, kept: Kept) -> EntryFate:
        slug, article_id, changes = keep_article(tx, self._grouper, collected, self._clock.now())
        kept.changes += changes
        return EntryFate(key=collected.entry.key, fate="done", slug=slug, article_id=article_id)


def _keep_mark(tx: Transaction, mark: Mark | None) -> bool:
    """Whether the source has reached its end."""
    if mark is None:
        return False
    if mark.payload:
        tx.checkpoints.put(mark.name, mark.payload)
    else:
        tx.checkpoints.drop(mark.name)
    return not mark.payload


def _waits(tx: Transaction, key: str) -> bool:
    known = tx.frontier.known([key]).get(key)
    return known is not None and known.status in WAITING


def _is_newer(tx: Transaction, record: Supplied) -> bool:
    key = record.collected.entry.key
    known = tx.frontier.known([key]).get(key)
    article = tx.articles.get(known.article_id) if record.revision and known and known.article_id else None
    return article is not None and article.status == "usable" and record.revision > article.revision


def _merge_duplicate(tx: Transaction, feed: Feed) -> None:
    """Two feeds that turned out to be one go on as one, under the name that the operator gave the other."""
    kept = duplicate_of(feed, tx.feeds.all())
    if kept is not None:
        for one in merge(kept, feed):
            tx.feeds.put(one)


def _rejected(record: Record, error: Exception) -> Record | None:
    """What is kept instead of a record that cannot be: the entry's end, or the poll without its entries."""
    match record:
        case Collected():
            return Collected(entry=record.entry, url=record.url, fate=_defect(record.entry, error))
        case Supplied():
            entry = record.collected.entry
            return replace(record, collected=Collected(entry=entry, url=entry.url, fate=_defect(entry, error)))
        case Polled():
            return replace(record, entries=(), poll=replace(record.poll, outcome="internal_error", detail=repr(error)))
        case _:
            return None


def _defect(entry: Entry, error: Exception) -> EntryFate:
    return EntryFate(key=entry.key, fate="rejected", slug="internal_error", detail=repr(error)[:300])
