"""The frontier: every entry that was ever announced, and the fair queue of those that are still to be collected."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from storage import codec
from storage.records import Entry, EntryFate
from storage.tables.base import Commit, Connect, View, chunks, marks
from storage.tables.claims import Claims, host_of

Status = Literal["pending", "retry", "done", "dropped", "rejected"]
STATUSES: tuple[Status, ...] = ("pending", "retry", "done", "dropped", "rejected")
LAST_SEEN_EVERY_S = 3600.0
"""``last_seen`` is kept to the hour: a poll that brings nothing new should write nothing."""
NO_FEED = ""
"""The announcer of entries that no feed announced (URL lists, archives without one)."""
LookAgain = Callable[[datetime, datetime, datetime], datetime]
RESTLESS = 5
"""Edits of one announcement that are looked at as soon as they are seen; more look like a nonce."""
SCAN = 256
"""Up to so many due entries are looked at directly; beyond that the hosts are walked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is known of an entry; ``slug`` and ``detail`` are its last fate's."""

    key: str
    status: Status
    slug: str
    detail: str | None
    article_id: str | None
    attempts: int
    next_at: datetime
    settled_at: datetime | None


class FrontierView(View):
    def __init__(self, connect: Connect, claims: Claims) -> None:
        super().__init__(connect)
        self._claims = claims

    def claim(self, now: datetime, limit: int, busy_hosts: Collection[str] = (), per_host: int = 2) -> list[Entry]:
        """Up to ``limit`` due entries that nobody holds; live ones before backfill, hosts in turn.

        Of one host at most ``per_host`` entries are in hand at a time (until they are settled or released); hosts in
        ``busy_hosts`` (as ``host_of`` names them) are passed over.
        """
        claimed: list[Entry] = []
        with self._claims.lock:
            for lane in (0, 1):
                for host in self._hosts_due(lane, codec.seconds(now), limit):
                    if len(claimed) >= limit:
                        break
                    if host not in busy_hosts:
                        room = min(per_host - self._claims.on_host(host), limit - len(claimed))
                        claimed += self._take(lane, host, codec.seconds(now), room)
                        self._claims.after[lane] = host
        return claimed

    def _hosts_due(self, lane: int, now_s: float, limit: int) -> Iterator[str]:
        """Hosts with due entries, in turn: from the one after the last that was served, once around."""
        after = self._claims.after.get(lane, "")
        first = self._db().execute(
            "SELECT host FROM entries WHERE status < 2 AND lane = ? AND next_at <= ? ORDER BY next_at LIMIT ?",
            (lane, now_s, SCAN + limit),
        )
        hosts = [host for (host,) in first]
        if len(hosts) < SCAN + limit:
            yield from sorted(set(hosts), key=lambda host: (host <= after, host))
        else:
            yield from self._walk(lane, now_s, after)

    def _walk(self, lane: int, now_s: float, after: str) -> Iterator[str]:
        """One index seek a host instead of one step an entry."""
        next_host = "(SELECT min(host) FROM entries WHERE status < 2 AND lane = :lane AND host > {})"
        walk = (
            f"WITH RECURSIVE walk (host) AS (SELECT {next_host.format(':start')} UNION ALL"  # noqa: S608  constants only
            f" SELECT {next_host.format('walk.host')} FROM walk WHERE walk.host IS NOT NULL)"
            " SELECT host FROM walk WHERE host IS NOT NULL AND (:stop = '' OR host <= :stop) AND EXISTS (SELECT 1 FROM"
            " entries WHERE status < 2 AND lane = :lane AND host = walk.host AND next_at <= :now)"
        )
        for start, stop in ((after, ""), ("", after)) if after else (("", ""),):
            found = self._db().execute(walk, {"lane": lane, "now": now_s, "start": start, "stop": stop})
            yield from (host for (host,) in found)

    def _take(self, lane: int, host: str, now_s: float, room: int) -> list[Entry]:
        if room <= 0:
            return []
        held = self._claims.held  # by entry: a link that moved here while it was in hand is not handed out twice
        rows = self._db().execute(
            "SELECT id, generation, attempts, payload FROM entries"
            " WHERE status < 2 AND lane = ? AND host = ? AND next_at <= ? ORDER BY next_at LIMIT ?",
            (lane, host, now_s, room + len(held)),
        )  # fmt: skip
        taken = list(islice((row for row in rows if row[0] not in held), room))
        for number, generation, _attempts, _payload in taken:
            self._claims.take(host, number, generation)
        return [_entry(payload, attempts) for _number, _generation, attempts, payload in taken]

    def known(self, keys: Collection[str]) -> dict[str, KnownEntry]:
        """What is known of each key (an alias finds its entry); unknown ones are absent."""
        by_hash = {codec.key_hash(key): key for key in keys}
        found: dict[str, KnownEntry] = {}
        for part in chunks(by_hash):
            query = (
                "SELECT hash, key, status, slug, detail, article_id, attempts, next_at, settled_at"  # noqa: S608  marks only
                f" FROM entry_keys JOIN entries ON id = entry WHERE hash IN ({marks(part)})"
            )
            found.update((by_hash[bytes(row[0])], known_entry(*row[1:])) for row in self._db().execute(query, part))
        return found

    def feeds_of(self, key: str) -> list[str]:
        """Every feed that announced the entry, in the order in which the feeds became known."""
        found = self._db().execute(
            "SELECT url FROM entry_keys AS k JOIN announcements AS a ON a.entry = k.entry JOIN feed_names ON id = feed"
            " WHERE hash = ? AND url <> ? ORDER BY feed",
            (codec.key_hash(key), NO_FEED),
        )
        return [url for (url,) in found]

    def counts(self) -> dict[Status, dict[str, int]]:
        """How many entries have which fate, by status and slug (pending ones have the slug ``""``)."""
        counted: dict[Status, dict[str, int]] = {}
        for status, slug, entries in self._db().execute("SELECT * FROM fate_counts WHERE entries > 0 ORDER BY 1, 2"):
            counted.setdefault(STATUSES[status], {})[slug] = entries
        return counted

    def next_due(self) -> datetime | None:
        """When the next entry that nobody holds is due; None if there is none."""
        with self._claims.lock:
            held = set(self._claims.held)
        earliest = [
            due
            for lane in (0, 1)
            for number, due in self._db().execute(
                "SELECT id, next_at FROM entries WHERE status < 2 AND lane = ? ORDER BY next_at LIMIT ?",
                (lane, len(held) + 1),
            )
            if number not in held
        ]
        return codec.moment(min(earliest)) if earliest else None


class Frontier(FrontierView):
    def __init__(self, connect: Connect, claims: Claims, commit: Commit) -> None:
        super().__init__(connect, claims)
        self._commit = commit

    def announce(
        self, entries: Iterable[Entry], now: datetime, look_again_at: LookAgain | None = None
    ) -> list[Literal["new", "edited", "known"]]:
        """Takes over what a feed or archive announces; answers for each entry, in order, what it was.

        A new entry, or one whose ``revision_hash`` changed in the same feed, becomes due at once; after ``RESTLESS`` edits
        when ``look_again_at(first_seen, last_looked, now)`` says. One that is known through another feed or under an alias
        is ``known``, and the feed is remembered (``feeds_of``).
        """
        return [self._announce(entry, codec.seconds(now), look_again_at) for entry in entries]

    def _announce(
        self, entry: Entry, now_s: float, look_again_at: LookAgain | None
    ) -> Literal["new", "edited", "known"]:
        number = self._find(entry)
        if number is None:
            number = self._insert(entry, now_s)
            self._remember(number, entry, now_s)
            return "new"
        self._learn_keys(number, entry)
        if self._remember(number, entry, now_s) != "edited":
            return "known"
        updated = self._db().execute(
            "UPDATE entries SET status = 0, slug = '', detail = NULL, next_at = ?, attempts = 0, payload = ?, host = ?,"
            " lane = ?, generation = generation + 1 WHERE id = ? AND slug <> 'redacted'",
            (
                self._again_s(number, now_s, look_again_at),
                codec.pack(entry),
                host_of(entry.fetch_url),
                int(entry.backfill),
                number,
            ),
        )
        return "edited" if updated.rowcount else "known"

    def _again_s(self, number: int, now_s: float, look_again_at: LookAgain | None) -> float:
        generation, first_s, looked_s = self._db().execute(
            "SELECT generation, first_seen, settled_at FROM entries WHERE id = ?", (number,)
        ).fetchone()  # fmt: skip
        if look_again_at is None or generation < RESTLESS or looked_s is None:
            return now_s
        return codec.seconds(look_again_at(codec.moment(first_s), codec.moment(looked_s), codec.moment(now_s)))

    def _find(self, entry: Entry) -> int | None:
        for key in (entry.key, *entry.aliases):
            row = self._db().execute("SELECT entry FROM entry_keys WHERE hash = ?", (codec.key_hash(key),)).fetchone()
            if row:
                return int(row[0])
        return None

    def _insert(self, entry: Entry, now_s: float) -> int:
        seen_s = codec.seconds(entry.first_seen) if entry.first_seen else now_s
        row = (
            self._db()
            .execute(
                "INSERT INTO entries (key, host, lane, status, next_at, first_seen, payload) VALUES (?, ?, ?, 0, ?, ?, ?)",
                (entry.key, host_of(entry.fetch_url), int(entry.backfill), now_s, seen_s, codec.pack(entry)),
            )
            .lastrowid
        )
        assert row is not None
        self._learn_keys(row, entry)
        return row

    def _learn_keys(self, number: int, entry: Entry) -> None:
        keys = [(codec.key_hash(key), number) for key in (entry.key, *entry.aliases)]
        self._db().executemany("INSERT OR IGNORE INTO entry_keys VALUES (?, ?)", keys)

    def _remember(self, number: int, entry: Entry, now_s: float) -> Literal["first", "edited", "same"]:
        """The announcement itself: who, which revision, when last."""
        db, feed = self._db(), self._commit.feed_number(entry.feed_url or NO_FEED)
        row = db.execute(
            "SELECT revision_hash, last_seen FROM announcements WHERE entry = ? AND feed = ?", (number, feed)
        ).fetchone()
        announced = entry.revision_hash or None
        if row is None:
            db.execute("INSERT INTO announcements VALUES (?, ?, ?, ?)", (number, feed, announced, now_s))
            return "first"
        revision_hash, last_seen = row
        if announced in {None, revision_hash} and now_s - last_seen < LAST_SEEN_EVERY_S:
            return "same"
        db.execute(
            "UPDATE announcements SET revision_hash = ifnull(?, revision_hash), last_seen = ? WHERE entry = ? AND feed = ?",
            (announced, now_s, number, feed),
        )
        # A rebuilt frontier does not know the revision (NULL), nor does an archive tell one: the first that comes is it.
        return "edited" if announced and revision_hash not in {None, announced} else "same"

    def settle(self, fate: EntryFate) -> None:
        """Records what became of an entry. An edit that arrived while it was in hand keeps it due.

        Raises LookupError for a key that was never announced.
        """
        row = self._db().execute(
            "SELECT id, generation, lane FROM entry_keys JOIN entries ON id = entry WHERE hash = ?",
            (codec.key_hash(fate.key),),
        ).fetchone()  # fmt: skip
        if row is None:
            raise LookupError(f"no entry was announced under {fate.key!r}")
        number, generation, lane = row
        stored_history = lane == 1 and fate.fate == "done"
        overtaken = self._claims.overtaken(number, generation) and not stored_history
        self._settle(number, fate, overtaken=overtaken)
        self._commit.afterwards(lambda: self._claims.settle(number))

    def _settle(self, number: int, fate: EntryFate, *, overtaken: bool) -> None:
        now_s = codec.seconds(self._commit.now)
        if overtaken:
            self._db().execute(
                "UPDATE entries SET article_id = ifnull(?, article_id) WHERE id = ?", (fate.article_id, number)
            )
        elif fate.fate == "retry":
            self._db().execute(
                "UPDATE entries SET status = 1, slug = ?, detail = ?, next_at = ?, attempts = attempts + ?, settled_at = ?"
                " WHERE id = ?",
                (fate.slug, fate.detail, codec.seconds(fate.retry_at or self._commit.now), fate.counted, now_s, number),
            )
        else:
            self._db().execute(
                "UPDATE entries SET status = ?, slug = ?, detail = ?, article_id = ifnull(?, article_id), settled_at = ?,"
                " payload = NULL WHERE id = ?",
                (STATUSES.index(fate.fate), fate.slug, fate.detail, fate.article_id, now_s, number),
            )

    def reopen(self, entry: Entry, now: datetime) -> None:
        """Makes an entry that was settled, or waits for another try, due again, as ``entry`` announces it now."""
        self._db().execute(
            "UPDATE entries SET status = 0, slug = '', detail = NULL, next_at = ?, attempts = 0, payload = ?, host = ?,"
            " lane = ?, generation = generation + 1 WHERE id = ? AND slug <> 'redacted'",
            (codec.seconds(now), codec.pack(entry), host_of(entry.fetch_url), int(entry.backfill), self._find(entry)),
        )

    def take_over(self, entry: Entry) -> None:
        """Replaces what a waiting *backfill* entry carries: live news go first, new bounds count from now on.

        If it is in hand, that fetch settles it only by storing an archive's page: nobody need ask for that twice. A live
        announcement starts afresh, due at once.
        """
        number, payload = self._find(entry), codec.pack(entry)
        replaced = self._db().execute(
            "UPDATE entries SET payload = ?, host = ?, generation = generation + 1"
            " WHERE id = ? AND status < 2 AND lane = 1 AND payload <> ?",
            (payload, host_of(entry.fetch_url), number, payload),
        )
        if replaced.rowcount and not entry.backfill:
            self._db().execute(
                "UPDATE entries SET lane = 0, status = 0, slug = '', detail = NULL, attempts = 0, next_at = min(next_at, ?)"
                " WHERE id = ?",
                (codec.seconds(self._commit.now), number),
            )

    def forget(self, article_id: str) -> None:
        """Drops what announced the article, content included; its keys stay known, so that it is not fetched again."""
        self._db().execute(
            "UPDATE entries SET status = 3, slug = 'redacted', detail = NULL, payload = NULL WHERE article_id = ?"
            " OR id IN (SELECT k.entry FROM article_keys AS a JOIN entry_keys AS k USING (hash) JOIN articles ON n = article"
            " WHERE articles.id = ?)",
            (article_id, article_id),
        )

    def release(self) -> None:
        """Opens every claim again: nothing is in hand any more."""
        self._commit.afterwards(self._claims.clear)


def _entry(payload: bytes, attempts: int) -> Entry:
    entry = codec.unpack(payload, Entry)
    return dataclasses.replace(entry, attempts=attempts) if attempts else entry


def known_entry(
    key: str,
    status: int,
    slug: str,
    detail: str | None,
    article_id: str | None,
    attempts: int,
    next_at: float,
    settled_at: float | None,
) -> KnownEntry:
    return KnownEntry(
        key=key, status=STATUSES[status], slug=slug, detail=detail, article_id=article_id, attempts=attempts,
        next_at=codec.moment(next_at), settled_at=None if settled_at is None else codec.moment(settled_at),
    )  # fmt: skip
