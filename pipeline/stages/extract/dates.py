"""When an article was published: the feed's word where the page agrees, else the page's, else its URL's (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

from pipeline.records import Page
from pipeline.stages.extract import visible_date
from pipeline.stages.extract.document import Document
from pipeline.stages.extract.structured import Declared
from storage.records import Entry

From = Literal["feed", "page", "url", "none"]

AGREE = timedelta(hours=36)
"""A feed's date this close to the page's is the better one: it has a zone and a time more often (a page's day in
another zone is up to 26 h off)."""

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "parsely-pub-date",
    "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "date_published",
    "cxenseparse:recs:publishtime", "article.published", "article_date_original", "originalpublicationdate", "ptime",
    "citation_publication_date", "date", "rnews:datepublished", "displaydate", "article:post_date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "utime",
)
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2]|[1-9])(?:[/-]?(0[1-9]|[12]\d|3[01]|[1-9]))?(?=[/_.-]|$)")
_COMPACT_ZONE = re.compile(r"\s*(?:GMT|UTC)?\s*([+-])(\d\d):?(\d\d)$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:[.,]\d+)?)?\s*(.*)$")
_DIGITS = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?$")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
# Abbreviations that one zone owns (RFC 5322 §4.3 and CET/CEST/MSK); the others (IST, CST in China) are ambiguous.
_ZONES = {
    "": None, "z": 0, "utc": 0, "gmt": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "cet": 60, "cest": 120, "msk": 180, "bst": 60, "eet": 120, "eest": 180, "jst": 540, "et": -300,
}  # fmt: skip
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_FUTURE = timedelta(days=1)
_HALF_WAY = 500_000_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """``zoned``: the text said which zone; ``timed``: it said a time of day. ``at`` is aware UTC all the same."""

    at: datetime
    raw: str
    zoned: bool
    timed: bool


@dataclass(frozen=True, slots=True)
class Dates:
    published: datetime | None
    raw: str | None
    source: From
    modified: datetime | None
    note: str


def choose(document: Document, declared: Declared, page: Page, entry: Entry | None, title: str | None = None) -> Dates:
    """``title``: the headline, under which an undeclared date is looked for."""
    latest = page.fetched_at + _FUTURE
    on_page = next(_published(declared, latest), None) or _time_element(document, latest)
    modified = _modified(declared, latest)
    if entry and entry.date_published and _EARLIEST < entry.date_published <= latest:
        chosen = _with_feed(entry, on_page, modified)
        if chosen:
            return chosen
    if on_page:
        return Dates(on_page.at, on_page.raw, "page", modified, f"date: the page's {on_page.raw}")
    found = _shown(document, title, latest) or _by_htmldate(document, latest) or _from_url(page.url, latest)
    if found:
        moment, source = found
        return Dates(moment.at, moment.raw, source, modified, f"date: {moment.raw}, read from the {source}")
    return Dates(None, None, "none", modified, "date: none found")


def _with_feed(entry: Entry, on_page: Moment | None, modified: datetime | None) -> Dates | None:
    feed_time, raw = entry.date_published, entry.date_published_raw
    assert feed_time is not None
    if on_page is None:
        return Dates(
            feed_time, raw, "feed", modified or entry.date_modified, f"date: the feed's {raw}; the page has none"
        )
    if abs(feed_time - on_page.at) <= AGREE:
        return Dates(feed_time, raw, "feed", modified, f"date: the feed's {raw}; the page's {on_page.raw} agrees")
    note = f"date: the page's {on_page.raw}; the feed's {raw} is further than 36 h from it"
    return Dates(on_page.at, on_page.raw, "page", modified, note)


def _published(declared: Declared, latest: datetime) -> Iterator[Moment]:
    texts = (
        declared.of("datePublished"), *(declared.first(name) for name in _PUBLISHED), declared.item("datepublished"),
        declared.of("dateCreated"), declared.item("datecreated"), declared.of("uploadDate"),
    )  # fmt: skip
    return filter(None, (moment_of(text, latest) for text in texts if text))


def _modified(declared: Declared, latest: datetime) -> datetime | None:
    texts = (declared.of("dateModified"), *(declared.first(name) for name in _MODIFIED), declared.item("datemodified"))
    found = next(filter(None, (moment_of(text, latest) for text in texts if text)), None)
    return found.at if found else None


def _time_element(document: Document, latest: datetime) -> Moment | None:
    """``<time datetime>`` within the article, or the page's only one; among several outside they date teasers."""
    elements = [element for element in document.iter("time") if element.get("datetime")]
    inside = [element for element in elements if element.get("pubdate") is not None or _in_article(element)]
    for element in inside or (elements if len(elements) == 1 else ()):
        moment = moment_of(element.get("datetime"), latest)
        if moment:
            return moment
    return None


def _in_article(element: object) -> bool:
    names = [ancestor.tag for ancestor in element.iterancestors("article", "aside", "nav", "footer", "li")]  # type: ignore[attr-defined]
    return names[:1] == ["article"] and names.count("article") == 1


def _shown(document: Document, title: str | None, latest: datetime) -> tuple[Moment, From] | None:
    found = visible_date.shown(document, title, latest)
    if not found or not _EARLIEST < found[1].value <= latest:
        return None
    raw, read = found
    return Moment(read.value, raw, read.zone_given, read.time_given), "page"


def _by_htmldate(document: Document, latest: datetime) -> tuple[Moment, From] | None:
    """Last resort before the URL, in its cautious mode: its extensive one answers on 99 % of pages without "
    "any date.
    """
    from htmldate import find_date

    try:
        text = find_date(
            document.tree, extensive_search=False, original_date=True, url=None, deferred_url_extractor=True
        )
    except Exception:  # noqa: BLE001 - it raises whatever its regular expressions run into; then it has no opinion
        return None
    moment = moment_of(text, latest) if text else None
    return (moment, "page") if moment else None


def _from_url(url: str, latest: datetime) -> tuple[Moment, From] | None:
    match = _URL_DATE.search(urlsplit(url).path)
    if not match or not match[3]:
        return None
    moment = moment_of(f"{match[1]}-{match[2]}-{match[3]}", latest)
    return (moment, "url") if moment else None


def moment_of(text: str, latest: datetime) -> Moment | None:
    """A date as pages write it: ISO 8601 in all its accents, RFC 5322, digits, epoch; None if it cannot be true."""
    raw = text.strip()[:80]
    found = _iso(raw) or _digits(raw) or _rfc(raw)
    if not found or not _EARLIEST < found.at <= latest:
        return None
    return found


def _iso(raw: str) -> Moment | None:
    match = _ISO.match(raw)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups()[:6])
    zone = _zone(match[7])
    return _moment((year, month, day, hour, minute, second), zone, raw, timed=match[4] is not None)


def _digits(raw: str) -> Moment | None:
    if _EPOCH.match(raw):
        seconds = int(raw) / (1000 if int(raw) > _HALF_WAY else 1)
        return Moment(datetime.fromtimestamp(seconds, UTC), raw, True, True)
    match = _DIGITS.match(raw)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups())
    return _moment((year, month, day, hour, minute, second), None, raw, timed=match[4] is not None)


def _rfc(raw: str) -> Moment | None:
    try:
        at = parsedate_to_datetime(raw)
    except (ValueError, TypeError, IndexError):
        return None
    zoned = at.tzinfo is not None
    return Moment(at.astimezone(UTC) if zoned else at.replace(tzinfo=UTC), raw, zoned, ":" in raw)


def _zone(text: str) -> int | None:
    """Minutes east of UTC, or None where nothing (or nothing unambiguous) is said."""
    match = _COMPACT_ZONE.search(text)
    if match:
        minutes = int(match[2]) * 60 + int(match[3])
        return minutes if match[1] == "+" else -minutes
    return _ZONES.get(text.strip().lower())


def _moment(parts: tuple[int, int, int, int, int, int], zone: int | None, raw: str, *, timed: bool) -> Moment | None:
    try:
        naive = datetime(*parts, tzinfo=UTC)
    except ValueError:
        return None
    return Moment(naive - timedelta(minutes=zone or 0), raw, zone is not None, timed)


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
