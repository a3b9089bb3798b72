"""What a backfill is asked to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRequest:
    """Sources and their bounds; the same request again goes on where it stopped.

    ``urls`` are page addresses, ``url_files`` files of them; ``wayback`` addresses whose copies are wanted; ``warcs`` paths or
    addresses; ``corpora`` JSONL files, whose ``fields`` lie where they say. ``sites`` (registrable domains) narrows
    archives of many publishers. ``since`` inclusive and ``until`` exclusive bound the date of publication, aware UTC;
    ``limit`` bounds the entries that are new to the store. ``retry_failed``: what failed before is tried once more.
    """

    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    url_files: tuple[Path, ...] = ()
    wayback: tuple[str, ...] = ()
    warcs: tuple[str, ...] = ()
    corpora: tuple[Path, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    sites: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    retry_failed: bool = False

    @property
    def empty(self) -> bool:
        """No source is named."""
        named = (self.feeds, self.sitemaps, self.urls, self.url_files, self.wayback, self.warcs, self.corpora)
        return not any(named)
