"""A list of URLs as a source of entries: a text file, one URL a line, or JSONL with ``url`` (and what else is known)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.text.dates import judge_date
from pipeline.text.urls import clean, is_http, normalise, url_key
from storage.records import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that names no http(s) URL: its number (from 1) and what was wrong with it."""

    number: int
    reason: str


def read_urls(lines: Iterable[str], *, fetched_at: datetime) -> Iterator[Entry | BadLine]:
    """The entries of a list, lazily and in order, each URL once; blank lines and ``#`` comments are skipped.

    A JSON object may carry ``title``, ``date_published`` (or ``published``, ``date``) and ``language`` beside ``url``.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#"):
            continue
        entry = _entry(text, fetched_at)
        if entry is None:
            yield BadLine(number=number, reason=f"no http(s) URL: {text[:120]}")
        elif entry.key not in seen:
            seen.add(entry.key)
            yield entry


def _entry(text: str, fetched_at: datetime) -> Entry | None:
    fields = _fields(text)
    url = clean(str(fields.get("url") or ""))
    if not is_http(url):
        return None
    raw = next((str(fields[name]) for name in ("date_published", "published", "date") if fields.get(name)), None)
    judged = judge_date(raw, fetched_at=fetched_at)
    return Entry(
        key=url_key(url),
        url=normalise(url),
        feed_url=None,
        entry_id=None,
        via="urls",
        revision_hash="urls",
        title=str(fields["title"]) if fields.get("title") else None,
        language=str(fields["language"]) if fields.get("language") else None,
        date_published=judged.value,
        date_published_raw=raw,
        date_quality=judged.quality,
        backfill=True,
    )


def _fields(text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return {"url": text.split(maxsplit=1)[0]}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
