"""Datelines: where, when and by which agency a story was filed, as the first words of its body say (pure).

MAKHMOUR — …          BAGHDAD, Nov 2 (AP) — …        (Reuters) - …        Berlin (dpa) - …
NEW DELHI: …          HANOI, Vietnam (AP) – …        PARIS, 4 mars (AFP) - …     أربيل (رويترز) - …
"""

import re
from dataclasses import dataclass

from pipeline.text.agencies import agencies_in, agency_of

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|déc|"
    r"ene|abr|ago|dic|gen|mag|giu|lug|set|ott|mär|okt|dez|fev|out|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|"
    r"ağustos|eylül|ekim|"
    r"kasım|aralık)\w*\.?"
)
_DATE = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?|\d{{1,2}}\.?\s+(?:de\s+)?{_MONTH}(?:\s+\d{{4}})?|"
    r"\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?)"
)
_DASH = r"(?:\s*[—–―]+\s*|\s+-{1,3}\s*|\s*--+\s*|\s*\.-+\s*|\s*\.?\s*_\s+)"
_CAPS = r"[A-ZÀ-ÖØ-ÞŞĞİÇÖÜĄĆĘŁŃÓŚŹŻА-ЯЁІЇЄҐ]"
_CAPS_WORD = rf"{_CAPS}(?:{_CAPS}|[.'’-]){{1,}}"
# CITY in capitals, perhaps "ST. JOSEPH", then region or country in mixed case: "HAYWARD, Calif.", "HANOI, Vietnam".
_CITY = rf"{_CAPS_WORD}(?:[ /-]{{1,2}}{_CAPS_WORD}){{0,4}}"
_REGION = r"[^\W\d_][\w.'’ -]{1,28}"
_MIXED = r"[^\W\d_][\w.'’-]*(?:[ /-][^\W\d_][\w.'’-]*){0,4}"
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
_SLASH = re.compile(
    r"^(?P<place>[^\W\d_][\w ]{1,25})?\s*[/(]\s*(?P<agency>[^\W\d_][\w. -]{1,25}?)\s*[/)]\s*(?:[-—–:]\s*)?"
)
_LEAD_AGENCY = re.compile(rf"^(?P<agency>[^\W\d_][\w. ]{{1,24}}?)(?:{_DASH}|\s*/\s*|:\s+)")

_NO_PLACE = re.compile(
    r"^(?:UPDATE[SD]?|BREAKING|EXCLUSIVE|WATCH|VIDEO|LIVE|NEW|OPINION|ANALYSIS|REVIEW|CORRECTION|FACT CHECK|GPS|"
    r"BMW|NASA|PHOTOS?|DEAR|Q|A|"
    r"READ|LISTEN|NOTE|EDITOR|SPOILER|WARNING|ADVERTISEMENT|[A-Z]{1,2})\b(?!\.)",
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


def read_dateline(text: str) -> FoundDateline | None:
    """The dateline that a body begins with, or None."""
    head = text[:_HEAD].split("\n", 1)[0]
    return _bracketed(head) or _with_city(head) or _led_by_agency(head)


def body_start(text: str) -> int:
    """Where the story begins behind its dateline: two copies filed under different datelines share all from here."""
    found = read_dateline(text)
    return found.end if found else 0


def _bracketed(head: str) -> FoundDateline | None:
    match = _WITH_AGENCY.match(head)
    if not match:
        return None
    names = agencies_in(match["agency"])
    place = _place(match["place"])
    if not names and not (place and place.isupper() and _is_outlet(match["agency"])):
        return None
    return FoundDateline(
        place,
        match["date"],
        names[0] if names else None,
        match.end(),
        match[0].strip(),
        None if names else match["agency"],
    )


def _is_outlet(text: str) -> bool:
    """A call sign or a name: "KTRK", "HawaiiNewsNow", "CNN Business"; not an abbreviation's explanation or a
    party.
    """
    return text[:1].isupper() and len(text.split()) <= 3 and len(text) > 2


def _with_city(head: str) -> FoundDateline | None:
    match = _CITY_ONLY.match(head) or _MIXED_DASH.match(head)
    if not match or _NO_PLACE.match(match["place"]) or not _long_enough(match["place"]):
        return None
    place = match["place"].strip(" ,")
    if agency_of(place):
        return FoundDateline(None, match["date"], agency_of(place), match.end(), match[0].strip())
    return FoundDateline(place, match["date"], None, match.end(), match[0].strip())


def _led_by_agency(head: str) -> FoundDateline | None:
    """``AFP - …``, ``ANKARA / AA``, ``رويترز - …``."""
    match = _SLASH.match(head)
    if match and agency_of(match["agency"]):
        return FoundDateline(_place(match["place"]), None, agency_of(match["agency"]), match.end(), match[0].strip())
    match = _LEAD_AGENCY.match(head)
    if match and agency_of(match["agency"]):
        return FoundDateline(None, None, agency_of(match["agency"]), match.end(), match[0].strip())
    return None


def _place(text: str | None) -> str | None:
    return (text or "").strip(" ,-—–/") or None


def _long_enough(place: str) -> bool:
    city = place.split(",", maxsplit=1)[0]
    return len(city) > 3 or city in {"ROM", "FEZ", "ULM"}
