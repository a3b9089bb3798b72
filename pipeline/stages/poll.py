"""From a feed to the request that polls it, and from the response to what must be done with it (pure).

Validators are opaque: what a server said goes back byte for byte (RFC 9110 §8.8). They are lies often enough that a server
which answers 304 without ever having been seen to notice a change is asked once without them (a *probe*).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from pipeline.records import Request, Response
from pipeline.text.headers import TRAVELS
from storage.records import Feed, Validators

PROBE_AFTER_POLLS = 20
PROBE_AFTER = timedelta(hours=24)
PROBE_AT_LEAST_EVERY = timedelta(days=7)
TRUSTED_FOR = timedelta(days=14)
"""A server that once noticed a change is not probed again for this long: it may have been replaced meanwhile."""
IGNORED_LIMIT = 3
"""Same body this often in spite of the ETag: offer it without the suffix that a compressing proxy glued on."""
_GLUED = ("-gzip", ";gzip", "--gzip", "-br", ";br", "-df")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a response to a poll means.

    - ``unchanged``: 304, or the body already known (``same_body``).
    - ``parse``: hand ``Response.body`` to the parser; ``partial`` if it was cut short (keep what parses, keep no validators).
    - ``failed``: ``slug`` from ``pipeline.errors``.

    ``conditional``: validators had been sent. ``probe``: they were withheld on purpose.
    """

    kind: Literal["unchanged", "parse", "failed"]
    slug: str | None = None
    detail: str | None = None
    body_hash: str | None = None
    same_body: bool = False
    partial: bool = False
    conditional: bool = False
    probe: bool = False


def request_for(feed: Feed, now: datetime) -> Request:
    """The request of the next poll: the subscriber's headers, and the validators unless a probe is due.

    Where the feed has moved to another origin, headers that could be credentials stay behind.
    """
    headers = dict(feed.headers)
    if feed.fetch_url and origin_of(feed.fetch_url) != origin_of(feed.url):
        headers = {name: value for name, value in headers.items() if name.lower() in TRAVELS}
    if feed.validators.conditional and not probe_due(feed.validators, now):
        headers.update(_conditions(feed.validators))
    return Request(url=feed.fetch_url or feed.url, kind="feed", headers=headers, http2=feed.http2)


def origin_of(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port (RFC 6454); None for what is not said."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    return parts.scheme, parts.hostname, port


def probe_due(validators: Validators, now: datetime) -> bool:
    """Whether 304 has been heard for so long that it should be checked.

    20 polls or a day after the last full body; each probe that finds nothing doubles the wait, up to a week. A server that
    has been seen to notice a change (``honest_at``) is believed for two weeks.
    """
    at = probe_at(validators)
    if at is None or (validators.honest_at is not None and now - validators.honest_at < TRUSTED_FOR):
        return False
    return now >= at or validators.unchanged_since_full >= PROBE_AFTER_POLLS * _patience(validators)


def probe_at(validators: Validators) -> datetime | None:
    """When time alone calls for a probe; None while nothing but full bodies came, or no validator is held."""
    if not validators.unchanged_since_full or not (validators.etag or validators.last_modified):
        return None
    if validators.full_at is None:
        return None
    by_time = validators.full_at + min(PROBE_AFTER * _patience(validators), PROBE_AT_LEAST_EVERY)
    return by_time if validators.honest_at is None else max(by_time, validators.honest_at + TRUSTED_FOR)


def _patience(validators: Validators) -> int:
    patience: int = 2 ** min(validators.probes, 12)
    return patience


def _conditions(validators: Validators) -> dict[str, str]:
    """Both fields, as RFC 9111 §4.3.1 asks; servers that know the first ignore the second."""
    headers = {}
    if validators.etag:
        headers["If-None-Match"] = _offer(validators.etag, validators.ignored)
    if validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def _offer(etag: str, ignored: int) -> str:
    """Apache's mod_deflate answers ``"x-gzip"`` and then knows only ``"x"`` (httpd bug 45023): after three misses, both."""
    if ignored < IGNORED_LIMIT:
        return etag
    bare = etag.removesuffix('"')
    for suffix in _GLUED:
        if bare.endswith(suffix):
            return f'{etag}, {bare.removesuffix(suffix)}"'
    return etag


def judge(request: Request, response: Response, feed: Feed) -> Verdict:
    """What ``response`` to ``request`` means for ``feed``."""
    conditional = _is_conditional(request)
    if response.status == 304:
        if conditional:
            return Verdict(kind="unchanged", conditional=True)
        return _failed("protocol_error", "304 to a request without validators")
    if response.status not in {200, 203}:
        return _failed(*_slug_of(response))
    if not response.body.strip():
        return _failed("truncated" if response.truncated else "empty_document", f"HTTP {response.status}")
    body_hash = hashlib.sha256(response.body).hexdigest()
    same = body_hash == feed.validators.body_hash
    return Verdict(
        kind="unchanged" if same else "parse",
        body_hash=body_hash,
        same_body=same,
        partial=response.truncated,
        conditional=conditional,
        probe=not conditional and feed.validators.conditional and feed.validators.unchanged_since_full > 0,
    )


def _is_conditional(request: Request) -> bool:
    return any(name.lower() in {"if-none-match", "if-modified-since"} for name in request.headers)


def _failed(slug: str, detail: str) -> Verdict:
    return Verdict(kind="failed", slug=slug, detail=detail)


_BY_STATUS = {
    401: "forbidden",
    402: "forbidden",
    403: "forbidden",
    404: "not_found",
    407: "forbidden",
    408: "timeout",
    410: "gone",
    421: "protocol_error",
    425: "server_error",
    429: "rate_limited",
    451: "forbidden",
}


def _slug_of(response: Response) -> tuple[str, str]:
    """Status classes: RFC 9110 §15."""
    status, detail = response.status, f"HTTP {response.status}"
    if status in _BY_STATUS:
        return _BY_STATUS[status], detail
    if status >= 500:
        return "server_error", detail
    if status >= 400:
        return "client_error", detail
    if status >= 300:
        return "bad_redirect", detail
    if status == 204:
        return "empty_document", detail
    return "protocol_error", f"{detail} to a plain GET"
