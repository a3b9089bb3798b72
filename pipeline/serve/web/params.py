"""What a request asks for. Whatever cannot be understood is a BadRequest that says what was expected."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast
from urllib.parse import urlencode

from starlette.requests import Request

from pipeline.serve.index import StoryQuery
from pipeline.serve.index.listing import MAX_PAGE, PAGE
from storage.records import Article

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
LONGEST = 200
LONGEST_URL = 2000
MAX_NUMBER = 2**53
PERIODS = {"7d": 7, "30d": 30, "365d": 365, "all": None}


class BadRequest(ValueError):
    """The message names the parameter and what was expected."""


class NotHere(LookupError):
    """There is no such thing in the store."""


def story_query(given: Mapping[str, str]) -> StoryQuery:
    """From the query string; empty values are as good as none, for a form sends them all."""
    backfill = _one_of(given, "backfill", ("with", "without", "only"))
    order = _one_of(given, "order", ("newest", "changed"))
    return StoryQuery(
        q=_text(given, "q"),
        source=_text(given, "source"),
        language=_language(given),
        agency=_text(given, "agency"),
        versions=number(given, "versions", least=1, most=100_000, default=1),
        backfill=cast("Literal['with', 'without', 'only']", backfill),
        since=_moment(given, "since", end=False),
        until=_moment(given, "until", end=True),
        changed_after=number(given, "changed_after", least=0, most=MAX_NUMBER, default=0),
        order=cast("Literal['newest', 'changed']", order),
    )


def page_limit(given: Mapping[str, str]) -> int:
    return number(given, "limit", least=1, most=MAX_PAGE, default=PAGE)


def _text(given: Mapping[str, str], name: str) -> str:
    text = given.get(name, "").strip()
    if len(text) > LONGEST or "\x00" in text:
        raise BadRequest(f"{name}: expected at most {LONGEST} characters of text")
    return text


def _language(given: Mapping[str, str]) -> str:
    tag = given.get("language", "").strip()
    if tag and (not LANGUAGE.fullmatch(tag) or len(tag) > 35):
        raise BadRequest("language: expected a language tag like en, ckb or en-GB")
    return tag


def _one_of(given: Mapping[str, str], name: str, values: tuple[str, ...]) -> str:
    value = given.get(name, "") or values[0]
    if value not in values:
        raise BadRequest(f"{name}: expected one of {', '.join(values)}")
    return value


def number(given: Mapping[str, str], name: str, *, least: int, most: int, default: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,16}", text) or not least <= int(text) <= most:
        raise BadRequest(f"{name}: expected a whole number from {least} to {most}")
    return int(text)


def _moment(given: Mapping[str, str], name: str, *, end: bool) -> datetime | None:
    """A day, or a time; the whole of a day counts as before its ``end``."""
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return day + timedelta(days=1) if end else day
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest(f"{name}: expected a day or a time like 2026-05-01 or 2026-05-01T12:00:00Z") from None


def period(given: Mapping[str, str], now: datetime) -> tuple[str, float]:
    """The name of the period, and its beginning in epoch seconds."""
    name = _one_of(given, "period", ("30d", *(name for name in PERIODS if name != "30d")))
    days = PERIODS[name]
    return name, 0.0 if days is None else (now - timedelta(days=days)).timestamp()


def wanted_id(given: Mapping[str, str], name: str) -> str:
    """An id that must be given."""
    value = given.get(name, "")
    if not ID.fullmatch(value):
        raise BadRequest(f"{name}: expected an article's id")
    return value


NEVER_EMPTY = (
    "language", "versions", "backfill", "since", "until", "changed_after", "order", "limit", "period", "ra", "rb",
)  # fmt: skip


def strict(request: Request) -> Mapping[str, str]:
    """The query of a program: unlike a form it says each thing once, and nothing with nothing."""
    given = request.query_params
    for name in given:
        if len(given.getlist(name)) > 1:
            raise BadRequest(f"{name}: expected once")
    for name in NEVER_EMPTY:
        if given.get(name) == "":
            raise BadRequest(f"{name}: expected a value")
    return given


def slug(given: Mapping[str, str]) -> str:
    """The reason asked for, "" for none."""
    text = given.get("slug", "")
    if not re.fullmatch(r"[a-z0-9_]{0,64}", text):
        raise BadRequest("slug: expected a reason like not_found")
    return text


def feed_url(given: Mapping[str, str]) -> str:
    text = given.get("url", "")
    if len(text) > LONGEST_URL:
        raise BadRequest(f"url: expected at most {LONGEST_URL} characters")
    return text


def two_articles(article: Callable[[str, int], Article], given: Mapping[str, str]) -> tuple[Article, Article]:
    """The articles ``a`` and ``b``, in the revisions ``ra`` and ``rb`` where these are given."""
    a, b = wanted_id(given, "a"), wanted_id(given, "b")
    ra, rb = (number(given, name, least=1, most=10**6, default=0) for name in ("ra", "rb"))
    return article(a, ra), article(b, rb)


FILTERS = ("q", "source", "language", "agency", "versions", "backfill", "since", "until", "order")


def query_string(given: Mapping[str, str], **changed: str | None) -> str:
    """The filters of this request again, with some of them changed (None or empty: left out), for links."""
    kept: dict[str, str | None] = {name: given.get(name, "") for name in FILTERS}
    kept |= changed
    defaults = {"order": "newest", "backfill": "with", "versions": "1"}
    said = {name: value for name, value in kept.items() if value and defaults.get(name) != value}
    return f"?{urlencode(said)}" if said else ""
