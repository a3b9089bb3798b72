"""What HTTP header fields say, read leniently: dates, Retry-After, freshness, content types. Pure; seconds are floats.

Relative where it can be: a date is compared with the same response's ``Date``, so that a server whose clock is wrong is
still understood (as lemon24/reader does).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Headers = Mapping[str, str]

TRAVELS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since", "user-agent"})
"""Of a subscriber's headers, all that another origin than the one they were meant for may see: nothing that could be a
credential.
"""

_DIRECTIVE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^,;"]*)))?\s*(?:[,;]|$)')
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]")


def http_date(value: str | None) -> datetime | None:
    """Any of the three forms of RFC 9110 §5.6.7, and ISO 8601, which some servers send; aware UTC, None if unreadable."""
    if not value:
        return None
    try:
        parsed = datetime.fromisoformat(value.strip()) if _ISO.match(value.strip()) else parsedate_to_datetime(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def server_now(headers: Headers, now: datetime) -> datetime:
    """The server's own idea of now: its ``Date``, else ours."""
    return http_date(headers.get("date")) or now


def retry_after_s(headers: Headers, now: datetime) -> float | None:
    """``Retry-After`` (RFC 9110 §10.2.3) in seconds, in both forms; None if absent or nonsense (negative, empty, words)."""
    value = (headers.get("retry-after") or "").strip()
    if _NUMBER.fullmatch(value):
        return float(value)
    when = http_date(value)
    if when is None:
        return None
    seconds = (when - server_now(headers, now)).total_seconds()
    return seconds if seconds >= 0 else None


def cache_control(headers: Headers) -> dict[str, str | None]:
    """The directives, lower-case names; the first of a repeated one wins (RFC 9111 §4.2.1)."""
    found: dict[str, str | None] = {}
    for name, quoted, plain in _DIRECTIVE.findall(headers.get("cache-control") or ""):
        found.setdefault(name.lower(), (quoted or plain).strip() or None)
    return found


def _seconds(value: str | None) -> float | None:
    match = _NUMBER.match((value or "").strip())
    return float(match.group()) if match else None


def fresh_for_s(headers: Headers, now: datetime) -> float | None:
    """How long the response says it stays fresh (RFC 9111 §4.2.1, private cache); None if it says nothing.

    ``no-store``, ``no-cache`` and an unreadable ``Expires`` (``0``, ``-1``) say 0. ``Age`` is taken off.
    """
    directives = cache_control(headers)
    if "no-store" in directives or "no-cache" in directives:
        return 0.0
    lifetime = _seconds(directives.get("max-age")) if "max-age" in directives else _expires_in_s(headers, now)
    if lifetime is None:
        return None
    return max(0.0, lifetime - (_seconds(headers.get("age")) or 0.0))


def _expires_in_s(headers: Headers, now: datetime) -> float | None:
    if "expires" not in headers:
        return None
    when = http_date(headers["expires"])
    return 0.0 if when is None else max(0.0, (when - server_now(headers, now)).total_seconds())


def media_type(headers: Headers) -> str:
    """The type without parameters, lower case; empty if the server said none."""
    return (headers.get("content-type") or "").split(";", 1)[0].strip().lower()


def codings(value: str | None) -> tuple[str, ...]:
    """The ``Content-Encoding`` tokens in the order in which they were applied, lower case."""
    return tuple(token for token in re.split(r"[,\s]+", (value or "").lower()) if token)
