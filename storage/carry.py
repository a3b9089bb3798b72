"""What a rebuild takes over from the old state: all that the streams cannot tell, as far as it can be read."""

import sqlite3
from pathlib import Path

from storage import schema

_ARTICLE = "id, seq, revision, status, content_hash, story_id, domain, language, event_time, first_seen, feeds, line"
_STORY = "id, seq, members, updated, line"


def attach(db: sqlite3.Connection, old: Path) -> str | None:
    """Attaches the old state as ``old``; returns why not, if it cannot be used."""
    if not old.exists():
        return "there was no old state"
    try:
        db.execute("ATTACH DATABASE ? AS old", (f"{old.absolute().as_uri()}?mode=ro",))
        found = db.execute("PRAGMA old.user_version").fetchone()[0]
    except sqlite3.DatabaseError as problem:
        return f"the old state cannot be read ({problem})"
    return None if found == schema.VERSION else f"the old state has version {found}"


def web_tables(db: sqlite3.Connection) -> dict[str, int]:
    """Copies what only the web told; rows by table. A table that cannot be read to its end is left out."""
    carried = {}
    for table in schema.CARRIED_TABLES:
        db.execute("BEGIN")
        try:
            copied = db.execute(f"INSERT INTO main.{table} SELECT * FROM old.{table}")  # noqa: S608  constants only
        except sqlite3.DatabaseError:
            db.execute("ROLLBACK")
        else:
            db.execute("COMMIT")
            carried[table] = copied.rowcount
    return carried


def retired(db: sqlite3.Connection, through_seq: int) -> None:
    """Keeps the present state of what retention took out of the streams, and where old story ids lead."""
    db.execute(
        f"INSERT OR IGNORE INTO main.articles ({_ARTICLE}) SELECT {_ARTICLE} FROM old.articles WHERE seq <= ?",  # noqa: S608
        (through_seq,),
    )
    db.execute(
        "INSERT OR IGNORE INTO main.article_keys SELECT k.hash, new.n FROM old.article_keys AS k"
        " JOIN old.articles AS was ON was.n = k.article JOIN main.articles AS new ON new.id = was.id WHERE was.seq <= ?",
        (through_seq,),
    )
    db.execute(
        f"INSERT OR IGNORE INTO main.stories ({_STORY}) SELECT {_STORY} FROM old.stories"  # noqa: S608  constants only
        " WHERE seq <= ? AND id NOT IN (SELECT old FROM main.story_redirects)",
        (through_seq,),
    )
    db.execute(
        "INSERT OR IGNORE INTO main.story_redirects SELECT old, new FROM old.story_redirects"
        " WHERE old NOT IN (SELECT id FROM main.stories)"
    )
