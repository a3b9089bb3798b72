"""What a backfill is asked to read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """Sources of announcements and their bounds; the same request again goes on where it stopped.

    ``urls`` are page addresses (the lines of ``--urls FILE``); ``since`` inclusive and ``until`` exclusive bound
    the date of publication, aware UTC; ``limit`` bounds the entries that this run looks at.
    """

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
