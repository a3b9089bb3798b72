"""The state's tables, and how an older state becomes a newer one."""

import sqlite3

from storage.errors import StoreDamaged

BASE = """
-- log: what was promised to the streams, and how far they are known to be durable. The bytes of a promised line are those
-- of its row in articles or stories; what replaces that row first puts them into the outbox (the triggers below).
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE outbox (seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, n INTEGER NOT NULL, line BLOB);
CREATE TABLE positions (stream TEXT PRIMARY KEY, base INTEGER NOT NULL, size INTEGER NOT NULL,
    last_seq INTEGER NOT NULL) WITHOUT ROWID;

-- web: known from the web alone
CREATE TABLE feeds (url TEXT PRIMARY KEY, active INTEGER NOT NULL, next_due REAL NOT NULL, record BLOB NOT NULL)
    WITHOUT ROWID;
CREATE INDEX feeds_by_due ON feeds (next_due) WHERE active;
CREATE TABLE feed_names (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE);
CREATE TABLE hosts (host TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE checkpoints (name TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE polls (id INTEGER PRIMARY KEY, feed_url TEXT NOT NULL, record BLOB NOT NULL);
CREATE INDEX polls_by_feed ON polls (feed_url, id);
CREATE TABLE anomalies (id INTEGER PRIMARY KEY, record BLOB NOT NULL);

-- frontier: status 0 pending, 1 retry, 2 done, 3 dropped, 4 rejected; lane 0 live, 1 backfill
CREATE TABLE entries (id INTEGER PRIMARY KEY, key TEXT NOT NULL, host TEXT NOT NULL, lane INTEGER NOT NULL,
    status INTEGER NOT NULL, next_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    generation INTEGER NOT NULL DEFAULT 0, slug TEXT NOT NULL DEFAULT '', detail TEXT, article_id TEXT,
    first_seen REAL NOT NULL, settled_at REAL, payload BLOB);
CREATE INDEX entries_by_host ON entries (lane, host, next_at) WHERE status < 2;
CREATE INDEX entries_by_due ON entries (lane, next_at, host) WHERE status < 2;
CREATE INDEX entries_by_slug ON entries (slug, settled_at) WHERE status > 2;
CREATE TABLE entry_keys (hash BLOB PRIMARY KEY, entry INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE announcements (entry INTEGER NOT NULL, feed INTEGER NOT NULL, revision_hash TEXT, last_seen REAL NOT NULL,
    PRIMARY KEY (entry, feed)) WITHOUT ROWID;
CREATE TABLE fate_counts (status INTEGER NOT NULL, slug TEXT NOT NULL, entries INTEGER NOT NULL,
    PRIMARY KEY (status, slug)) WITHOUT ROWID;
CREATE TRIGGER entries_counted AFTER INSERT ON entries BEGIN
    INSERT INTO fate_counts VALUES (new.status, new.slug, 1) ON CONFLICT DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER entries_recounted AFTER UPDATE OF status, slug ON entries
    WHEN old.status <> new.status OR old.slug <> new.slug BEGIN
    UPDATE fate_counts SET entries = entries - 1 WHERE status = old.status AND slug = old.slug;
    INSERT INTO fate_counts VALUES (new.status, new.slug, 1) ON CONFLICT DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER entries_uncounted AFTER DELETE ON entries BEGIN
    UPDATE fate_counts SET entries = entries - 1 WHERE status = old.status AND slug = old.slug;
END;

-- published: the current state of what the streams say
CREATE TABLE articles (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, revision INTEGER NOT NULL,
    status TEXT NOT NULL, content_hash TEXT NOT NULL, story_id TEXT NOT NULL, domain TEXT NOT NULL, language TEXT,
    event_time REAL NOT NULL, first_seen REAL NOT NULL, feeds TEXT NOT NULL, line BLOB NOT NULL);
CREATE TABLE article_keys (hash BLOB PRIMARY KEY, article INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stories (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, members INTEGER NOT NULL,
    updated REAL NOT NULL, line BLOB NOT NULL);
CREATE INDEX stories_by_seq ON stories (seq);
CREATE INDEX stories_by_update ON stories (updated);
CREATE TABLE story_redirects (old TEXT PRIMARY KEY, new TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX story_redirects_by_new ON story_redirects (new);
CREATE TRIGGER articles_replaced BEFORE UPDATE OF line ON articles BEGIN
    UPDATE outbox SET line = old.line WHERE seq = old.seq AND line IS NULL;
END;
CREATE TRIGGER stories_replaced BEFORE UPDATE OF line ON stories BEGIN
    UPDATE outbox SET line = old.line WHERE seq = old.seq AND line IS NULL;
END;
CREATE TRIGGER stories_removed BEFORE DELETE ON stories BEGIN
    UPDATE outbox SET line = old.line WHERE seq = old.seq AND line IS NULL;
END;

-- grouping
CREATE TABLE fingerprints (arrival INTEGER PRIMARY KEY, article_id TEXT NOT NULL UNIQUE, profile TEXT NOT NULL,
    site TEXT NOT NULL, story_id TEXT NOT NULL, event_time REAL NOT NULL, words INTEGER NOT NULL, title TEXT NOT NULL,
    text_hash BLOB NOT NULL, aggregate INTEGER NOT NULL, numbers TEXT NOT NULL, signature BLOB NOT NULL,
    shingles BLOB NOT NULL, arrived REAL);
CREATE INDEX fingerprints_by_arrival ON fingerprints (ifnull(arrived, event_time));
CREATE INDEX fingerprints_by_story ON fingerprints (story_id);
CREATE TABLE pair_links (a TEXT NOT NULL, b TEXT NOT NULL, relation TEXT NOT NULL, similarity REAL NOT NULL,
    a_in_b REAL NOT NULL, b_in_a REAL NOT NULL, shared INTEGER NOT NULL, rule TEXT NOT NULL, channel TEXT NOT NULL,
    PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX pair_links_by_b ON pair_links (b);
CREATE TABLE boilerplate (site TEXT NOT NULL, paragraph INTEGER NOT NULL, articles INTEGER NOT NULL,
    first_day TEXT NOT NULL, last_day TEXT NOT NULL, words INTEGER NOT NULL, PRIMARY KEY (site, paragraph)) WITHOUT ROWID;
"""

BY_EVENT = "CREATE INDEX fingerprints_by_event ON fingerprints (event_time);"
"""What was published at a time, whenever it came: a backfill compares history with its neighbours."""

MIGRATIONS: tuple[str, ...] = (BASE, BY_EVENT)
"""``MIGRATIONS[n]`` leads from version n to n + 1. Released ones are never edited."""

VERSION = len(MIGRATIONS)

CARRIED_TABLES = (
    "feeds", "feed_names", "hosts", "checkpoints", "polls", "anomalies", "entries", "entry_keys", "announcements",
    "boilerplate",
)  # fmt: skip
"""What the streams cannot tell: a rebuild carries these over."""


def version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check(db: sqlite3.Connection) -> None:
    """Raises StoreDamaged unless this program can read the state as it is."""
    found = version(db)
    if found > VERSION:
        raise StoreDamaged(f"the state has version {found}, this program knows {VERSION}", "use the newer wirefold")
    if found < VERSION:
        raise StoreDamaged(
            f"the state has version {found}, this program needs {VERSION}", "any writing command upgrades it"
        )


def migrate(db: sqlite3.Connection) -> None:
    """Brings the state to this program's version, one version a transaction."""
    if version(db) > VERSION:
        check(db)
    for number in range(version(db), VERSION):
        try:
            db.executescript(f"BEGIN IMMEDIATE;\n{MIGRATIONS[number]}\nPRAGMA user_version = {number + 1};\nCOMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
