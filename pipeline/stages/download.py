"""From a response to a page, or to the fate of the entry (pure)."""

from datetime import datetime, timedelta
from typing import Literal

from pipeline.errors import Drop, Fate, Reject, Retry
from pipeline.records import Page, Response
from storage.records import Entry, EntryFate

HTML_TYPES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain")
KEPT_HEADERS = ("content-language", "content-location", "last-modified", "link")
FIRST_RETRY = timedelta(minutes=15)
LONGEST_RETRY = timedelta(days=1)
NO_TRY = frozenset({"host_closed", "rate_limited", "interrupted", "robots_unreachable"})
"""The host's wish or our own doing: the entry was not asked for, and is asked for again for as long as it takes."""
NETWORK = frozenset({"dns_failure", "connect_failure", "timeout"})
OUTAGE = timedelta(days=2)
"""For so long after it was announced an entry outlives our own network."""
BINARY_MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
}


def to_page(response: Response, entry: Entry) -> Page:
    """The page that a final response holds.

    Raises ``Retry`` (forbidden, server_error, truncated on the first try), ``Drop`` (not_found, gone, not_html) or
    ``Reject`` (client_error, empty_document). Status classes: RFC 9110 §15.
    """
    _judge_status(response)
    if not response.body.strip():
        raise Reject("empty_document", f"{response.status} with an empty body")
    content_type = _content_type(response)
    if response.truncated and entry.attempts == 0:
        raise Retry("truncated", f"{len(response.body)} bytes came")
    return Page(
        requested_url=response.request_url,
        url=response.url,
        content_type=content_type,
        body=response.body,
        fetched_at=response.fetched_at,
        headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
    )


def feed_page(entry: Entry, now: datetime) -> Page:
    """The feed's own full text as a page: for feeds that are trusted with it, and where the page cannot be had."""
    html = f"<html><body><article>{entry.content_html or entry.summary or ''}</article></body></html>"
    return Page(
        requested_url=entry.url,
        url=entry.url,
        content_type="text/html; charset=utf-8",
        body=html.encode("utf-8", "replace"),
        fetched_at=now,
    )


def settle(entry: Entry, fate: Fate, now: datetime, max_attempts: int) -> EntryFate:
    """What becomes of an entry whose page could not be had: later (15 min, doubling, at most a day), or never.

    What is nobody's fault (a closed gate, our own stop) is no try; a network that fails for a night is not the end of an
    entry either.
    """
    if not isinstance(fate, Retry):
        name: Literal["dropped", "rejected"] = "dropped" if isinstance(fate, Drop) else "rejected"
        return EntryFate(key=entry.key, fate=name, slug=fate.slug, detail=fate.detail or None)
    if is_last_try(entry, fate, now, max_attempts):
        detail = f"given up after {entry.attempts + 1} tries; last: {fate.detail or fate.slug}"
        return EntryFate(key=entry.key, fate="rejected", slug=fate.slug, detail=detail)
    wait = min(FIRST_RETRY * 2 ** min(entry.attempts, 7), LONGEST_RETRY)
    wait = max(wait, timedelta(seconds=fate.retry_after_s or 0.0))
    counted = fate.slug not in NO_TRY
    return EntryFate(
        key=entry.key, fate="retry", slug=fate.slug, detail=fate.detail or None, retry_at=now + wait, counted=counted
    )


def is_last_try(entry: Entry, fate: Retry, now: datetime, max_attempts: int) -> bool:
    """Whether ``fate`` would be the end of the entry."""
    if fate.slug in NO_TRY or entry.attempts + 1 < max_attempts:
        return False
    patient = fate.slug in NETWORK and entry.first_seen is not None and max_attempts > 1
    return not (patient and entry.first_seen is not None and now - entry.first_seen < OUTAGE)


TRANSIENT = frozenset({304, 408, 421, 425})


def _judge_status(response: Response) -> None:
    status = response.status
    if 200 <= status < 300:
        return
    if status in {404, 410}:
        raise Drop("not_found" if status == 404 else "gone", f"HTTP {status}")
    if status in {401, 402, 403, 407, 451}:
        raise Retry("forbidden", f"HTTP {status}")
    if status == 429:
        raise Retry("rate_limited", "HTTP 429")
    if status >= 500 or status in TRANSIENT:
        raise Retry("server_error", f"HTTP {status}")
    raise Reject("client_error", f"HTTP {status}")


def _content_type(response: Response) -> str:
    declared = response.headers.get("content-type", "").strip().lower()
    for magic, kind in BINARY_MAGIC.items():
        if response.body.startswith(magic):
            raise Drop("not_html", kind)
    essence = declared.partition(";")[0].strip()
    if (
        essence
        and essence not in HTML_TYPES
        and not essence.endswith("+xml")
        and b"<html" not in response.body[:2048].lower()
    ):
        raise Drop("not_html", essence)
    return declared or "text/html"
