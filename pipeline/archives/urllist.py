"""A list of URLs as a source of entries: a text file, one URL a line, or JSONL with ``url`` (and what else is known)."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pipeline.text.dates import judge_date
from pipeline.text.urls import clean, is_http, normalise, url_key
from storage.records import Entry


def entries_of(
    lines: Iterable[str], *, fetched_at: datetime | None = None, first_line: int = 1
) -> tuple[list[Entry], list[str]]:
    """The entries of a list in its order, each article once; and a sentence for each line that names none.

    Blank lines and ``#`` comments are passed over. A JSON object may carry ``title``, ``date_published`` (or
    ``published``, ``date``) and ``language`` beside ``url``. ``fetched_at``: later dates are not believed.
    """
    entries: dict[str, Entry] = {}
    refused = []
    for number, line in enumerate(lines, start=first_line):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#"):
            continue
        entry = _entry(text, fetched_at)
        if entry is None:
            refused.append(f"line {number}: not an http(s) URL: {text[:120]}")
        else:
            entries.setdefault(entry.key, entry)
    return list(entries.values()), refused


def _entry(text: str, fetched_at: datetime | None) -> Entry | None:
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
        revision_hash="",
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
