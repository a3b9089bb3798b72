"""What happened: polls, anomalies, and the entries that did not become articles, with the reason."""

from collections.abc import Iterator

from storage import codec
from storage.records import Anomaly, Poll
from storage.tables.base import View
from storage.tables.frontier import KnownEntry, known_entry

POLLS_KEPT = 30
ANOMALIES_KEPT = 10_000


class HistoryView(View):
    def polls(self, feed_url: str) -> list[Poll]:
        """The last 30 polls of a feed, newest first."""
        found = self._db().execute("SELECT record FROM polls WHERE feed_url = ? ORDER BY id DESC", (feed_url,))
        return [codec.unpack(record, Poll) for (record,) in found]

    def anomalies(self) -> Iterator[Anomaly]:
        """Newest first; the last 10,000 are kept."""
        for (record,) in self._db().execute("SELECT record FROM anomalies ORDER BY id DESC"):
            yield codec.unpack(record, Anomaly)

    def fates(self, slug: str) -> Iterator[KnownEntry]:
        """The dropped and rejected entries of one slug, latest first."""
        found = self._db().execute(
            "SELECT key, status, slug, detail, article_id, attempts, next_at, settled_at FROM entries"
            " WHERE status > 2 AND slug = ? ORDER BY settled_at DESC",
            (slug,),
        )
        return (known_entry(*row) for row in found)


class History(HistoryView):
    def poll(self, poll: Poll) -> None:
        db = self._db()
        db.execute("INSERT INTO polls (feed_url, record) VALUES (?, ?)", (poll.feed_url, codec.pack(poll)))
        db.execute(
            "DELETE FROM polls WHERE feed_url = ? AND id <="
            " (SELECT id FROM polls WHERE feed_url = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (poll.feed_url, poll.feed_url, POLLS_KEPT),
        )

    def anomaly(self, anomaly: Anomaly) -> None:
        db = self._db()
        row = db.execute("INSERT INTO anomalies (record) VALUES (?)", (codec.pack(anomaly),)).lastrowid
        db.execute("DELETE FROM anomalies WHERE id <= ?", ((row or 0) - ANOMALIES_KEPT,))
