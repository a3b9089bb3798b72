"""What the web told us and only the state knows: feeds, hosts, and the checkpoints of resumable jobs."""

import sqlite3
from collections.abc import Collection
from datetime import datetime

from storage import codec
from storage.records import Feed, HostState
from storage.tables.base import View


class FeedsView(View):
    def all(self) -> list[Feed]:
        """Every feed, by URL."""
        return _feeds(self._db().execute("SELECT record FROM feeds ORDER BY url"))

    def get(self, url: str) -> Feed | None:
        return next(iter(_feeds(self._db().execute("SELECT record FROM feeds WHERE url = ?", (url,)))), None)

    def due(self, now: datetime, limit: int, besides: Collection[str] = ()) -> list[Feed]:
        """Active feeds whose ``next_due`` has come (or was never set), longest due first; none of those ``besides``."""
        found = self._db().execute(
            "SELECT url, record FROM feeds WHERE active AND next_due <= ? ORDER BY next_due LIMIT ?",
            (codec.seconds(now), limit + len(besides)),
        )
        due = [record for url, record in found if url not in besides][:limit]  # unpacking is what costs
        return [codec.unpack(record, Feed) for record in due]

    def next_due(self) -> datetime | None:
        """When the next active feed is due; None if there is none."""
        (due,) = self._db().execute("SELECT min(next_due) FROM feeds WHERE active").fetchone()
        return None if due is None else codec.moment(due)


class Feeds(FeedsView):
    def put(self, feed: Feed) -> None:
        due = 0.0 if feed.next_due is None else codec.seconds(feed.next_due)
        self._db().execute(
            "INSERT INTO feeds VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
            " active = excluded.active, next_due = excluded.next_due, record = excluded.record",
            (feed.url, feed.active, due, codec.pack(feed)),
        )

    def remove(self, url: str) -> None:
        """Forgets the feed and its history; its articles stay."""
        self._db().execute("DELETE FROM feeds WHERE url = ?", (url,))
        self._db().execute("DELETE FROM polls WHERE feed_url = ?", (url,))


def _feeds(rows: sqlite3.Cursor) -> list[Feed]:
    return [codec.unpack(record, Feed) for (record,) in rows]


class HostsView(View):
    def get(self, host: str) -> HostState | None:
        row = self._db().execute("SELECT record FROM hosts WHERE host = ?", (host,)).fetchone()
        return codec.unpack(row[0], HostState) if row else None

    def all(self) -> list[HostState]:
        return [
            codec.unpack(record, HostState)
            for (record,) in self._db().execute("SELECT record FROM hosts ORDER BY host")
        ]


class Hosts(HostsView):
    def put(self, state: HostState) -> None:
        self._db().execute("REPLACE INTO hosts VALUES (?, ?)", (state.host, codec.pack(state)))


class CheckpointsView(View):
    """Small named payloads by which a resumable job finds its place; the bytes are the owner's business."""

    def get(self, name: str) -> bytes | None:
        row = self._db().execute("SELECT payload FROM checkpoints WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def all(self, prefix: str = "") -> dict[str, bytes]:
        """Those whose name starts with ``prefix``, by name."""
        prefix = codec.text(prefix)
        found = self._db().execute(
            "SELECT name, payload FROM checkpoints WHERE name >= ? AND substr(name, 1, ?) = ? ORDER BY name",
            (prefix, len(prefix), prefix),
        )
        return {name: bytes(payload) for name, payload in found}


class Checkpoints(CheckpointsView):
    def put(self, name: str, payload: bytes) -> None:
        self._db().execute("REPLACE INTO checkpoints VALUES (?, ?)", (name, payload))

    def drop(self, name: str) -> None:
        self._db().execute("DELETE FROM checkpoints WHERE name = ?", (name,))
