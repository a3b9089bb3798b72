"""The commit of a batch: what makes a step done. Runs on the writer's thread, in one transaction.

Everything here is decided from the records and from what the transaction sees, in the order of the batch: the same records in
the same order give the same ids, stories and lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pipeline.stages.group import Grouper
from pipeline.steps.articles import keep_article
from pipeline.steps.collect import Collected
from pipeline.steps.poll import Polled
from pipeline.world import Clock
from storage.records import Entry, EntryFate, Poll
from storage.store import Store, Transaction

SETTLE_S = 2.0
"""How long an announced entry waits before its page is fetched while feeds are being polled: publishers put one article into
several feeds, which are polled together, and its line should name them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Entries that an archive source yielded, and where it goes on after a restart."""

    source: str
    entries: tuple[Entry, ...]
    checkpoint: bytes | None = None


Record = Polled | Collected | Announced


@dataclass(slots=True)
class Kept:
    """What one batch did."""

    polls: list[tuple[Poll, str | None]] = field(default_factory=list)
    fates: list[tuple[EntryFate, Entry]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    announced: int = 0


class Keep:
    """``Keep(...)(batch)`` commits a batch, and tells what it did once that is durable."""

    def __init__(self, store: Store, grouper: Grouper, clock: Clock, tell: Callable[[Kept], None]) -> None:
        self._store = store
        self._grouper = grouper
        self._clock = clock
        self._tell = tell

    def __call__(self, batch: Sequence[Record]) -> None:
        kept = Kept()
        with self._store.transaction() as tx:
            for record in batch:
                self._keep(tx, record, kept)
        self._tell(kept)

    def _keep(self, tx: Transaction, record: Record, kept: Kept) -> None:
        match record:
            case Polled():
                self._keep_poll(tx, record, kept)
            case Announced():
                kept.announced += len(self._announce(tx, record.entries))
                if record.checkpoint is not None:
                    tx.checkpoints.put(record.source, record.checkpoint)
            case Collected():
                fate = record.fate or self._keep_article(tx, record, kept)
                tx.frontier.settle(fate)
                kept.fates.append((fate, record.entry))

    def _keep_poll(self, tx: Transaction, polled: Polled, kept: Kept) -> None:
        new = self._announce(tx, polled.entries)
        poll = replace(polled.poll, new=len(new))
        tx.feeds.put(polled.feed)
        tx.history.poll(poll)
        for anomaly in polled.anomalies:
            tx.history.anomaly(anomaly)
        kept.announced += len(new)
        kept.polls.append((poll, polled.feed.name or polled.feed.title))

    def _announce(self, tx: Transaction, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that are now to be collected; the others were known, and this feed is noted on their article."""
        verdicts = tx.frontier.announce(entries, self._clock.now() + timedelta(seconds=SETTLE_S))
        known = [entry for entry, verdict in zip(entries, verdicts, strict=True) if verdict == "known"]
        found = tx.frontier.known([entry.key for entry in known])
        for entry in known:
            before = found.get(entry.key)
            if before is not None and before.article_id is not None and entry.feed_url is not None:
                tx.articles.announced_by(before.article_id, entry.feed_url)
        return [entry for entry, verdict in zip(entries, verdicts, strict=True) if verdict != "known"]

    def _keep_article(self, tx: Transaction, collected: Collected, kept: Kept) -> EntryFate:
        slug, article_id, changes = keep_article(tx, self._grouper, collected, self._clock.now())
        kept.changes += changes
        return EntryFate(key=collected.entry.key, fate="done", slug=slug, article_id=article_id)
