"""The Wayback Machine's CDX API: questions as URLs, answers as captures. Pure.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server ; pywb speaks the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec

from pipeline.errors import Reject
from pipeline.text.urls import is_http

FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
PAGE = 1000
"""Captures asked for at a time: about 100 KB of answer."""
FEED_TYPES = ("xml", "rss", "atom", "json")
HTML_TYPES = ("text/html", "application/xhtml+xml", "unk", "warc/revisit", "-", "")
_COPY = re.compile(r"https?://[^/]+(?:/[^/]+)*?/\d{4,14}(?:[a-z]{2}_)?/(?P<url>https?:/.*)", re.IGNORECASE)
_STAMP = re.compile(r"\d{4,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One copy of ``url``, made at ``taken`` (UTC)."""

    timestamp: str
    url: str
    media_type: str
    digest: str

    @property
    def taken(self) -> datetime | None:
        return moment_of(self.timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxPage:
    """``resume``: the key that asks for what follows; None at the end. ``dropped``: rows that name no copy of a page."""

    captures: tuple[Capture, ...]
    resume: str | None = None
    dropped: int = 0


def query_url(
    base_url: str, target: str, *, since: datetime | None = None, resume: str | None = None, limit: int = PAGE
) -> str:
    """Asks for the copies of ``target``: of one address, or, where it ends in ``*`` or ``/``, of all that begin so.

    ``since``: a page that was published then or later was not copied before. Copies made after an upper bound may
    hold pages published before it, so there is none.
    """
    prefix = is_prefix(target)
    asked = {
        "url": target.removesuffix("*"),
        "matchType": "prefix" if prefix else "exact",
        "output": "json",
        "fl": ",".join(FIELDS),
        "filter": "statuscode:200",
        "collapse": "digest",
        "limit": str(limit),
        "showResumeKey": "true",
    }
    if since is not None:
        asked["from"] = since.astimezone(UTC).strftime("%Y%m%d%H%M%S")
    if resume is not None:
        asked["resumeKey"] = resume
    return f"{base_url.rstrip('/')}/cdx/search/cdx?{urlencode(asked)}"


def is_prefix(target: str) -> bool:
    """Whether all addresses that begin so are meant: it ends in ``*`` or ``/``, or is a whole site's."""
    return target.endswith(("*", "/")) or target.count("/") == 2


def copy_url(base_url: str, timestamp: str, url: str) -> str:
    """The body as it was served (``id_``: without the archive's own banner and rewritten links)."""
    return f"{base_url.rstrip('/')}/web/{timestamp}id_/{url}"


def original_of(url: str) -> str | None:
    """Whose copy ``url`` is; None where it is no copy's address."""
    found = _COPY.fullmatch(url)
    if not found:
        return None
    original = re.sub(r"^(https?:/)(?!/)", r"\1/", found["url"])  # proxies fold the double slash
    return original if is_http(original) else None


def moment_of(timestamp: str) -> datetime | None:
    """A CDX time, possibly cut short (``2019``, ``20190304``)."""
    if not _STAMP.fullmatch(timestamp):
        return None
    padded = timestamp + "00000101000000"[len(timestamp) :]
    try:
        return datetime.strptime(padded, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_cdx(body: bytes) -> CdxPage:
    """An answer of the CDX server, in JSON (with or without the line of names) or as text.

    Raises Reject("bad_record") for what is neither.
    """
    text = body.strip()
    if not text:
        return CdxPage(captures=())
    rows = _json_rows(text) if text.startswith((b"[", b"{")) else _text_rows(text)
    return _page(rows)


def _json_rows(text: bytes) -> list[list[str]]:
    try:
        found = msgspec.json.decode(text, type=list[list[str | None]])
    except msgspec.MsgspecError as error:
        raise Reject("bad_record", f"the CDX server answered something else: {error}") from None
    return [[cell or "" for cell in row] for row in found]


def _text_rows(text: bytes) -> list[list[str]]:
    if b"<html" in text[:4096].lower():
        raise Reject("bad_record", "the CDX server answered with a web page")
    return [line.split(" ") if line.strip() else [] for line in text.decode("utf-8", "replace").splitlines()]


def _page(rows: list[list[str]]) -> CdxPage:
    resume = None
    if len(rows) >= 2 and not rows[-2] and len(rows[-1]) == 1:
        resume = rows[-1][0]
        rows = rows[:-2]
    names: Sequence[str] = FIELDS
    if rows and "timestamp" in rows[0]:
        names, rows = rows[0], rows[1:]
    elif rows and len(rows[0]) == 7:
        names = ("urlkey", *FIELDS, "length")
    found = [_capture(dict(zip(names, row, strict=False))) for row in rows if row]
    kept = tuple(capture for capture in found if capture is not None)
    return CdxPage(captures=kept, resume=resume, dropped=len(found) - len(kept))


def _capture(row: dict[str, str]) -> Capture | None:
    url, stamp = row.get("original", ""), row.get("timestamp", "")
    if not is_http(url) or moment_of(stamp) is None or row.get("statuscode", "200") not in {"200", "-", ""}:
        return None
    return Capture(timestamp=stamp, url=url, media_type=row.get("mimetype", "").lower(), digest=row.get("digest", ""))
