"""Whether an entry that is already known is looked at again when an archive names it once more (pure)."""

from datetime import datetime

from storage.records import Entry
from storage.tables.frontier import KnownEntry

OUT_OF_RANGE = "out_of_range"
FAILED = frozenset({"rejected", "retry"})
WAITING = frozenset({"pending", "retry"})


def within(published: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """At or after ``since`` and before ``until``; what has no date is within."""
    if published is None:
        return True
    return not ((since and published < since) or (until and published >= until))


def out_of_range(published: datetime | None) -> str:
    """The detail of an ``out_of_range`` fate: it tells the next run whether its own bounds hold the page."""
    return f"published {published.isoformat()}" if published else "published elsewhere"


def looks_again(known: KnownEntry, entry: Entry, *, again: bool) -> bool:
    """What other bounds dropped is looked at again where these hold it; ``again``: what failed is tried once more."""
    if known.slug == OUT_OF_RANGE:
        return within(_published(known.detail), entry.since, entry.until)
    return again and known.status in FAILED


def _published(detail: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((detail or "").removeprefix("published "))
    except ValueError:
        return None
