"""Values as a page says them: the filters of the templates."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from markupsafe import Markup

from pipeline.serve.draw.svg import short
from pipeline.stages.provenance import KINDS, RELATIONS, in_words

ROLES = {
    "agency": "agency",
    "source": "source",
    "republished_from": "republished from",
    "image": "picture",
    "author_org": "author of",
}
HEALTH = {"well": "well", "warning": "warning", "failing": "failing", "new": "not polled yet"}
LANGUAGES = {
    "ar": "Arabic", "ckb": "Central Kurdish", "de": "German", "en": "English", "es": "Spanish", "fa": "Persian",
    "fr": "French", "he": "Hebrew", "it": "Italian", "ja": "Japanese", "kmr": "Northern Kurdish", "ko": "Korean",
    "ku": "Kurdish", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %b %Y, %H:%M}".lstrip("0")


def clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M}"


def day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%A, %d %B %Y}".replace(" 0", " ")


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def span(value: timedelta | float) -> str:
    """``2 h 10 min``; negative ones (dates against the tree) bear a minus sign."""
    length = value if isinstance(value, timedelta) else timedelta(seconds=value)
    return ("−" if length < timedelta(0) else "") + in_words(length)


def percent(share: float | None) -> str:
    if share is None:
        return "–"
    return "100 %" if share >= 1 else f"{min(99, round(100 * share))} %"


def number(value: int) -> str:
    """``1 234 567``, with narrow spaces."""
    return f"{value:,}".replace(",", "\u202f")


def lang(given: str | Sequence[str] | None) -> Markup:
    """The attribute, where the language is one and known; a page may say anything."""
    tags = [given] if isinstance(given, str) else list(given or ())
    if len(tags) != 1 or not _TAG.fullmatch(tags[0]):
        return Markup("")
    return Markup(' lang="{}"').format(tags[0])


def language(tag: str) -> str:
    name = LANGUAGES.get(tag.partition("-")[0])
    region = tag.partition("-")[2]
    return tag if name is None else f"{name} ({region})" if region else name


def primary(tags: Sequence[str]) -> list[str]:
    """Each language once, whatever its regions."""
    return list(dict.fromkeys(tag.partition("-")[0] for tag in tags))


def href(url: str) -> str:
    """The address if it leads to the web; anything else (``javascript:``) leads nowhere."""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return "#"
    return url if scheme in {"http", "https"} else "#"


FILTERS = {
    "when": when,
    "clock": clock,
    "day": day,
    "iso": iso,
    "span": span,
    "percent": percent,
    "number": number,
    "lang": lang,
    "language": language,
    "primary": primary,
    "href": href,
    "short": short,
    "role": lambda role: ROLES.get(role, role),
    "relation": lambda relation: RELATIONS.get(relation or "", "–"),
    "kept": lambda kind: KINDS.get(kind, kind.replace("_", " ")),
    "health": lambda health: HEALTH.get(health, health),
    "words": lambda slug: (slug or "").replace("_", " "),
}
