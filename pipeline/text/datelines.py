"""Datelines: where, when and by which agency a story was filed, as the first words of its body say (pure).

MAKHMOUR — …          BAGHDAD, Nov 2 (AP) — …        (Reuters) - …        Berlin (dpa) - …
NEW DELHI: …          HANOI, Vietnam (AP) – …        PARIS, 4 mars (AFP) - …     أربيل (رويترز) - …
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.text.agencies import agency_of, credited_in, named_agency
from pipeline.text.agency_names import is_short_for

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|déc|"
    r"ene|abr|ago|dic|gen|mag|giu|lug|set|ott|mär|okt|dez|fev|out|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|"
    r"ağustos|eylül|ekim|"
    r"kasım|aralık|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|квіт|трав|черв|лип|серп|вер|жовт|лист|груд)\w*\.?"
)
_DATE = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?|\d{{1,2}}\.?\s+(?:de\s+)?{_MONTH}(?:\s+\d{{4}})?|"
    r"\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?)"
)
_DASH = r"(?:\s*[—–―]+\s*|\s+-{1,3}\s*|\s*--+\s*|\s*\.-+\s*|\s*\.?\s*_\s+)"
_CAPS = r"[A-ZÀ-ÖØ-ÞŞĞİÇÖÜĄĆĘŁŃÓŚŹŻА-ЯЁІЇЄҐ]"
# Words end where they must (possessive) and hold no hyphen: a hyphen that may be either costs seconds on "Aa-Aa-Aa-…".
_CAPS_WORD = rf"{_CAPS}(?:{_CAPS}|[.'’])++"
# CITY in capitals, perhaps "ST. JOSEPH", then region or country in mixed case: "HAYWARD, Calif.", "HANOI, Vietnam".
_CITY = rf"{_CAPS_WORD}(?:[ /-]{{1,2}}{_CAPS_WORD}){{0,6}}"
_REGION = r"[^\W\d_][\w.'’ -]{1,28}"
_MIXED = r"[^\W\d_][\w.'’]*+(?:[ /-][^\W\d_][\w.'’]*+){0,6}"
_BRACKET = r"[(\[（]\s*(?P<agency>[^()\[\]（）\n]{2,60}?)\s*[)\]）]"

_WITH_AGENCY = re.compile(
    rf"^(?:(?P<place>{_MIXED}(?:,\s*{_REGION}?)?)(?:\s*,\s*(?P<date>{_DATE}))?\s*,?\s*)?{_BRACKET}(?:{_DASH}|"
    rf"\s*[:.]-?\s*|\s*/\s*|\s+)",
    re.IGNORECASE,
)
_CITY_ONLY = re.compile(rf"^(?P<place>{_CITY}(?:,\s+{_REGION}?)?)(?:\s*,\s*(?P<date>(?i:{_DATE})))?\s*(?:{_DASH}|:\s+)")
_MIXED_DASH = re.compile(
    rf"^(?P<place>{_MIXED}(?:,\s+{_REGION}?)?)\s*,\s*(?P<date>{_DATE})\s*(?:{_DASH}|:\s+)", re.IGNORECASE
)
# As in «ANKARA / AA -», «بغداد - رويترز:», «МОСКВА, 20 ноя — РИА Новости.»
_THEN_AGENCY = re.compile(
    rf"^(?P<place>{_MIXED})(?:\s*,\s*(?P<date>{_DATE}))?\s*(?:[—–/-]|--)\s*"
    r"(?P<agency>[^\W\d_][^—–/:\n]{1,30}?)\s*(?:[—–:/-]+|\.)\s+",
    re.IGNORECASE,
)
# As in: «(ANSA) - ROMA, 20 NOV - Il governo …»
_PLACE_BEHIND = re.compile(rf"^(?P<place>{_CITY}),\s*(?P<date>(?i:{_DATE})){_DASH}")
_LEAD_AGENCY = re.compile(rf"^(?P<agency>[^\W\d_][\w. ]{{1,24}}?)(?:{_DASH}|\s*/\s*|:\s+)")
_DATED_PLACE = re.compile(rf"^(?P<place>.+?)\s*,\s*(?P<date>{_DATE})$", re.IGNORECASE)

_NO_PLACE = re.compile(
    r"(?:(?:UPDATE[SD]?|BREAKING(?: NEWS)?|EXCLUSIVE|WATCH|VIDEO|LIVE|NEW|OPINION|ANALYSIS|REVIEW|CORRECTION|FACT[ -]CHECK|"
    r"NASA|PHOTOS?|DEAR|READ(?: MORE)?|LISTEN|NOTE|EDITOR.?S NOTE|SPOILERS?|WARNING|ADVERTISEMENT|EXPLAINER|FACTBOX|TIMELINE|"
    r"QUESTION|ANSWER|NARRATOR|COVID(?:-19)?|ISIS|ISIL|NATO|UNICEF|OPEC|FIFA|UEFA|ASEAN|BREXIT)(?: \d+)?)"
)
_HEAD = 160


@dataclass(frozen=True, slots=True)
class FoundDateline:
    """``end``: how many characters of the text it takes (what shingling skips); ``text`` its words."""

    place: str | None
    date: str | None
    agency: str | None
    end: int
    text: str
    outlet: str | None = None
    """What stood in the bracket where it is no known agency (a call sign, the outlet itself)."""


def read_dateline(text: str, agencies: Sequence[str] = ()) -> FoundDateline | None:
    """The dateline that a body begins with, or None. ``agencies``: named elsewhere on the page, so that ``(MNA)`` is one."""
    head = text[:_HEAD].split("\n", 1)[0]
    return _bracketed(head, agencies) or _then_agency(head) or _with_city(head) or _led_by_agency(head)


def body_start(text: str) -> int:
    """Where the story begins behind its dateline: two copies filed under different datelines share all from here."""
    found = read_dateline(text)
    return found.end if found else 0


def _bracketed(head: str, agencies: Sequence[str]) -> FoundDateline | None:
    match = _WITH_AGENCY.match(head)
    if not match:
        return None
    names = credited_in(match["agency"]) or [name for name in agencies if is_short_for(match["agency"], name)]
    place, date = _place_and_date(match["place"], match["date"])
    if not names and not (place and _city(place).isupper() and _is_outlet(match["agency"])):
        return None
    end = match.end()
    behind = _PLACE_BEHIND.match(head[end:]) if names and not place else None
    if behind:
        place, date, end = behind["place"], behind["date"], end + behind.end()
    outlet = None if names else match["agency"]
    return FoundDateline(place, date, names[0] if names else None, end, head[:end].strip(), outlet)


def _is_outlet(text: str) -> bool:
    """A call sign or a name ("KTRK", "HawaiiNewsNow"), not a party ("R") nor an abbreviation's explanation."""
    return text[:1].isupper() and len(text.split()) <= 3 and len(text) > 2


def _then_agency(head: str) -> FoundDateline | None:
    match = _THEN_AGENCY.match(head)
    agency = named_agency(match["agency"]) if match else None
    if not match or not agency:
        return None
    return FoundDateline(_place(match["place"]), match["date"], agency, match.end(), match[0].strip())


def _with_city(head: str) -> FoundDateline | None:
    match = _CITY_ONLY.match(head) or _MIXED_DASH.match(head)
    if not match or _NO_PLACE.fullmatch(_city(match["place"])) or not _long_enough(match["place"]):
        return None
    place, date = _place_and_date(match["place"], match["date"])
    agency = agency_of(place or "")
    return FoundDateline(None if agency else place, date, agency, match.end(), match[0].strip())


def _led_by_agency(head: str) -> FoundDateline | None:
    """``AFP - …``, ``رويترز - …``."""
    match = _LEAD_AGENCY.match(head)
    agency = named_agency(match["agency"]) if match else None
    if not match or not agency:
        return None
    return FoundDateline(None, None, agency, match.end(), match[0].strip())


def _place_and_date(place: str | None, date: str | None) -> tuple[str | None, str | None]:
    """``BAGHDAD, Nov 2`` is a place and a date: both look like "city, region" to the expression."""
    tidy = _place(place)
    match = _DATED_PLACE.match(tidy) if tidy and date is None else None
    return (match["place"], match["date"]) if match else (tidy, date)


def _place(text: str | None) -> str | None:
    return (text or "").strip(" ,-—–/") or None


def _city(place: str) -> str:
    return place.partition(",")[0].strip()


def _long_enough(place: str) -> bool:
    """Three capitals are initials far more often than a city."""
    return len(_city(place)) > 3 or _city(place) in {"ROM", "FEZ", "ULM"}
