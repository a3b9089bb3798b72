"""Dates as feeds and pages write them: RFC 822 and its abuses, ISO 8601 in part, a dozen languages, Solar Hijri.

``read_date`` turns text into an instant and says what it had to assume; ``judge_date`` decides whether an instant can be
believed. Both are pure and linear in the length of the text (of which 200 characters are read).
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from pipeline.text.months import JALALI_MONTHS, MONTHS, TWO_WORD_MONTHS, ZONES, fold

MAX_TEXT = 200
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""The web has no older article; what claims to be older is a default value or a date of the subject."""

SLIGHTLY_AHEAD = timedelta(minutes=10)
"""Clocks differ that much: such a date is kept as it is."""

_ENGLISH = {
    name.capitalize(): number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_RFC822 = re.compile(
    r"\s*(?:[A-Z][a-z]{2}, )?(\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) (GMT|UTC|Z|[+-]\d{4})\s*",
    re.ASCII,
)
_ISO_USUAL = re.compile(
    r"(?:199\d|20\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3}|\.\d{6})?"
    r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)",
    re.ASCII,
)
"""The other usual form, without the last days of a month, which the general reader checks."""

_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})(?=\D|$)"
    r"(?:[t\s,]*(?:at\s+)?(?P<rest>.*))?"
)
_ISO_BASIC = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:t?(?P<time>\d{4}(?:\d\d)?)(?P<rest>.*))?")
_ISO_ORDINAL = re.compile(r"(?P<year>\d{4})-(?P<ordinal>\d{3})(?=\D|$)t?(?P<rest>.*)")
_CJK = re.compile(r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]?(?P<rest>.*)")
_TIME = re.compile(
    r"(?<![\d.+:-])(?P<before>am|pm|오전|오후|上午|下午|午前|午後)?\s*"
    r"(?P<hour>\d{1,2})\s?[:h٫](?P<minute>\d\d)(?:\s?[:.](?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"(?P<after>\s?(?:am|pm|a\.m\.?|p\.m\.?|ص|م)(?![^\W\d_]))?"
)
_OFFSET = re.compile(r"(?:utc|gmt|ut)?\s?(?P<sign>[+\u2212-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d)")
_LEADING_OFFSET = re.compile(r"^[ ,|]*" + _OFFSET.pattern)
_NUMERIC = re.compile(
    r"(?<!\d)(?P<a>\d{1,4})(?P<separator>[./-])\s?(?P<b>\d{1,2})(?P=separator)\s?(?P<c>\d{4}|\d\d)(?!\d)"
)
_COMMENT = re.compile(r"\((?![a-z]{1,5}\))[^()]*\)|[()]")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+")
_SPACES = re.compile(r"[\s\u00a0،]+")
_AFTERNOON = {"pm", "오후", "下午", "午後", "م"}
_FORENOON = {"am", "오전", "上午", "午前", "ص"}
_LONGEST_OFFSET_MIN = 14 * 60
_JALALI_LEAPS = (1, 5, 9, 13, 17, 22, 26, 30)
_JALALI_EPOCH = 226_529
"""Proleptic Gregorian ordinal of the day before 1 Farvardin of year 0 (so that 1400-01-01 is 2021-03-21)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDate:
    """An instant (aware UTC) and what was assumed to get it."""

    value: datetime
    zone_given: bool = True
    time_given: bool = True
    ambiguous: bool = False
    """Day and month could be exchanged; the nearest past reading was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDate:
    """``quality``: None (as stated), or one of ``absent``, ``unparsable``, ``epoch``, ``ancient``, ``future`` (no value
    for these), ``ahead`` (less than a day ahead: set to the time of fetching), ``ambiguous``, ``no_zone``, ``day_only``.
    """

    value: datetime | None
    quality: str | None


def judge_date(raw: str | None, *, fetched_at: datetime | None) -> JudgedDate:
    """The instant that ``raw`` names, if it can be believed of something announced at ``fetched_at`` (aware UTC).

    Without ``fetched_at`` no date is too late.
    """
    if raw is None or not raw.strip():
        return JudgedDate(value=None, quality="absent")
    found = read_date(raw, near=fetched_at)
    if found is None:
        return JudgedDate(value=None, quality="unparsable")
    if found.value < EARLIEST:
        return JudgedDate(value=None, quality="epoch" if found.value.year in {1969, 1970} else "ancient")
    if fetched_at is not None and found.value > fetched_at + SLIGHTLY_AHEAD:
        if found.value > fetched_at + timedelta(days=1):
            return JudgedDate(value=None, quality="future")
        return JudgedDate(value=fetched_at, quality="ahead")
    return JudgedDate(value=found.value, quality=_assumed(found))


def _assumed(found: ReadDate) -> str | None:
    if found.ambiguous:
        return "ambiguous"
    if not found.time_given:
        return "day_only"
    return None if found.zone_given else "no_zone"


def read_date(raw: str, *, near: datetime | None = None) -> ReadDate | None:
    """The instant that ``raw`` names, or None. ``near`` decides between 3/4 and 4/3 (nearest, not after; else day first).

    A date without a zone is read as UTC, a date without a time as its midnight; both are said in the result. Dates that
    name no day (``2026-05``) are none.
    """
    usual = _RFC822.fullmatch(raw)
    if usual:
        return _usual(*usual.groups())
    if _ISO_USUAL.fullmatch(raw):
        return ReadDate(value=datetime.fromisoformat(raw).astimezone(UTC).replace(microsecond=0))
    text = _prepared(raw)
    if text.isdecimal() and len(text) in {10, 13}:  # seconds or milliseconds since 1970
        return ReadDate(value=datetime.fromtimestamp(int(text[:10]), UTC))
    for form in (_ISO, _CJK, _ISO_ORDINAL, _ISO_BASIC):
        match = form.match(text)
        if match:
            found = _from_match(match)
            if found:
                return found
    return _free(text, near)


def _usual(day: str, month: str, year: str, hour: str, minute: str, second: str, zone: str) -> ReadDate | None:
    """The form of nine dates in ten, without the general reader's cost (a tenth of it)."""
    try:
        value = datetime(int(year), _ENGLISH[month], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC)
    except ValueError:
        return None
    hours, minutes = (int(zone[:3]), int(zone[0] + zone[3:])) if len(zone) == 5 else (0, 0)
    if abs(hours) * 60 > _LONGEST_OFFSET_MIN:
        return ReadDate(value=value, zone_given=False)
    return ReadDate(value=value - timedelta(hours=hours, minutes=minutes))


def _prepared(raw: str) -> str:
    text = raw[:MAX_TEXT].strip()
    if not text.isascii():
        text = "".join(_digit(character) for character in text)
    text = _SPACES.sub(" ", fold(text)).strip(" .,;")
    return _COMMENT.sub(" ", text)


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _from_match(match: re.Match[str]) -> ReadDate | None:
    parts = match.groupdict()
    rest = (parts.get("rest") or "").strip()
    if parts.get("time"):
        digits = parts["time"]
        rest = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2)) + rest
    year = int(parts["year"])
    if "ordinal" in parts:
        return _ordinal(year, int(parts["ordinal"]), rest)
    return _assemble(year, int(parts["month"]), int(parts["day"]), rest)


def _ordinal(year: int, ordinal: int, rest: str) -> ReadDate | None:
    try:
        day = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=ordinal - 1)
    except (ValueError, OverflowError):
        return None
    return _assemble(year, day.month, day.day, rest) if ordinal and day.year == year else None


def _free(text: str, near: datetime | None) -> ReadDate | None:
    """Any order of words: the time is cut out first, so that its digits are no candidates for the day."""
    time = _TIME.search(text)
    numbers = f"{text[: time.start()]} | {_LEADING_OFFSET.sub('', text[time.end() :])}" if time else text
    rest = text[time.start() :] if time else text
    numeric = _NUMERIC.search(numbers)
    if numeric:
        return _numeric(numeric, rest, near)
    day = _named_day(numbers)
    return _assemble(*day, rest) if day else None


def _named_day(text: str) -> tuple[int, int, int] | None:
    month = _month(text)
    if month is None:
        return None
    number, start, end, table = month
    before = [int(m.group()) for m in _NUMBER.finditer(text, 0, start)]
    after = [int(m.group()) for m in _NUMBER.finditer(text, end)]
    day, year = _day_and_year(before, after)
    if day is None or year is None:
        return None
    if table is JALALI_MONTHS and 1200 <= year < 1600:
        return _from_jalali(year, number, day)
    return _full_year(year), number, day


def _day_and_year(before: list[int], after: list[int]) -> tuple[int | None, int | None]:
    """The day stands nearest before the month, or first after it; the year is what is left."""
    year_first = bool(before) and before[0] > 31
    if year_first:
        return (before[1] if len(before) > 1 else after[0] if after else None), before[0]
    if before:
        return before[-1], (after[0] if after else None)
    return (after[0], after[1]) if len(after) > 1 else (None, None)


def _month(text: str) -> tuple[int, int, int, dict[str, int]] | None:
    """The month's number and place. ``mar. 3 fév.`` holds two names of months: the last one that follows a digit wins."""
    for name, number in TWO_WORD_MONTHS.items():
        at = text.find(name)
        if at >= 0:
            return number, at, at + len(name), TWO_WORD_MONTHS
    best = None
    for word in _WORD.finditer(text):
        for table in (MONTHS, JALALI_MONTHS):
            number = table.get(word.group()) or table.get(word.group().removesuffix("ی"), 0)  # Sorani: "of March"
            if number and (best is None or _NUMBER.search(text, 0, word.start())):
                best = number, word.start(), word.end(), table
                break
    return best


def _numeric(match: re.Match[str], rest: str, near: datetime | None) -> ReadDate | None:
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    if len(match["a"]) == 4:
        return _assemble(a, b, c, rest)
    year = _full_year(c)
    day_first = _assemble(year, b, a, rest)
    month_first = _assemble(year, a, b, rest)
    if day_first is None or month_first is None or a == b or match["separator"] == ".":
        return day_first or month_first
    first = day_first if near is None else min(day_first, month_first, key=lambda found: _implausibility(found, near))
    return replace(first, ambiguous=True)


def _implausibility(found: ReadDate, near: datetime) -> tuple[bool, timedelta]:
    return found.value > near + timedelta(days=1), abs(near - found.value)


def _full_year(year: int) -> int:
    """RFC 5322 §4.3: two digits below 50 are of this century, other short ones of the last."""
    if year < 50:
        return year + 2000
    return year + 1900 if year < 1000 else year


def _assemble(year: int, month: int, day: int, rest: str) -> ReadDate | None:
    if 1200 <= year < 1600:
        year, month, day = _from_jalali(year, month, day)
    time = _TIME.search(rest)
    clock = _clock(time) if time else (0, 0, 0)
    offset = _offset(rest[time.end() :] if time else rest)
    try:
        midnight = datetime(year, month, day, tzinfo=UTC)
        value = (
            midnight + timedelta(hours=clock[0], minutes=clock[1], seconds=clock[2]) - timedelta(minutes=offset or 0)
        )
    except (ValueError, OverflowError):
        return None
    return ReadDate(value=value, zone_given=offset is not None, time_given=time is not None)


def _clock(time: re.Match[str]) -> tuple[int, int, int]:
    """Hours (24 is the next midnight), minutes, seconds (a leap second is the one before it)."""
    hour, minute, second = int(time["hour"]), int(time["minute"]), min(int(time["second"] or 0), 59)
    half = (time["before"] or (time["after"] or "").strip().replace(".", "")) or ""
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in _FORENOON and hour == 12:
        hour = 0
    return (hour, minute, second) if hour <= 24 and minute < 60 else (0, 0, 0)


def _offset(text: str) -> int | None:
    """Minutes east of Greenwich that the text after a time names; None if none or an impossible one (``+9900``)."""
    numeric = _OFFSET.match(text.lstrip(" ,|"))
    if numeric:
        minutes = int(numeric["hours"]) * 60 + int(numeric["minutes"] or 0)
        return (minutes if numeric["sign"] == "+" else -minutes) if minutes <= _LONGEST_OFFSET_MIN else None
    words = (word.group() for word in islice(_WORD.finditer(text), 2))
    return next((ZONES[word] for word in words if word in ZONES), None)


def _from_jalali(year: int, month: int, day: int) -> tuple[int, int, int]:
    """Solar Hijri to Gregorian by the 33-year cycle of leap years (exact from 1178 to 1633)."""
    leaps = 8 * (year // 33) + bisect_left(_JALALI_LEAPS, year % 33)
    # Six months of 31 days, then of 30.
    months = (month - 1) * 31 if month <= 7 else (month - 7) * 30 + 186
    date = datetime.fromordinal(_JALALI_EPOCH + 365 * year + leaps + months + day)
    return date.year, date.month, date.day
