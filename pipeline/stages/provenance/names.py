"""Whose name is it: organisations as pages write them, brought to one key.

``AP``, ``The Associated Press`` and ``أسوشيتد برس`` are one agency (``pipeline.text.agencies``); ``ARA News`` is the publisher
behind ``aranews.net``. A publisher needs no table: its own name and domain are enough.
"""

from functools import cache, lru_cache

import numpy as np

from pipeline.text.agencies import agency_of
from pipeline.text.scripts import SEPARATOR, folded

_UNNAMED = "agencies"
"""What the table of agencies calls “wire services”, “وكالات” and their like."""

_GENERIC = (
    "the news tv television online english arabic kurdish media network channel agency newspaper website site com net org "
    "وكالة قناة شبكة موقع صحيفة ئاژانسی ئاژانس کەناڵی ماڵپەڕی تۆڕی خبرگزاری شبکه"
)
_AGENCY_WORDS = (
    "agency newswire wire agencia agence agentur agenzia agência ajansı ajans агентство агенція "
    "وكالة خبرگزاری ئاژانسی ئاژانس"
)
_AGENCY_ENDINGS = ("通讯社", "通訊社", "通信社", "통신")
_TAILS = ("television", "network", "english", "agency", "online", "media", "news", "tv")
"""What a domain label hangs behind a name (``aranews``, ``nrttv``)."""

_REMEMBERED = 4096
"""Names are few and come again with every version; folding one anew costs twenty times as much as looking it up."""


@lru_cache(_REMEMBERED)
def squeezed(text: str) -> str:
    """Folded as texts are before they are compared (case, accents, letter variants), words parted by one space."""
    code, kind = folded(text)
    plain = np.where(kind == SEPARATOR, ord(" "), code).astype("<u4").tobytes().decode("utf-32-le", "replace")
    return " ".join(plain.split())


@cache
def _folded_words(words: str) -> frozenset[str]:
    return frozenset(squeezed(word) for word in words.split())


@lru_cache(_REMEMBERED)
def agency(name: str) -> str | None:
    """The usual name of the news agency that ``name`` means, None where it is not one that we know."""
    known = agency_of(name) or agency_of(_core(squeezed(name)))
    return None if known == _UNNAMED else known


def unnamed(name: str) -> bool:
    """True for ``agencies``, ``wire services`` and the like: somebody else, who is not said."""
    return agency_of(name) == _UNNAMED


def sounds_like_agency(name: str) -> bool:
    """True for a news agency that we know, and for a name that says that it is one (``Meridian News Agency``)."""
    if agency(name) is not None:
        return True
    words = squeezed(name).split()
    says_so = len(words) > 1 and not _folded_words(_AGENCY_WORDS).isdisjoint(words)
    return says_so or name.strip().endswith(_AGENCY_ENDINGS)


@lru_cache(_REMEMBERED)
def organisation(name: str) -> str:
    """The key under which all spellings of one organisation meet; empty for an empty name."""
    plain = _core(squeezed(name)).replace(" ", "")
    known = agency(name) or agency(_without_tail(plain))
    return _core(squeezed(known)).replace(" ", "") if known else plain


def _core(plain: str) -> str:
    """Without the words that say only what kind of house it is, as long as something is left."""
    words = [word for word in plain.split() if word not in _folded_words(_GENERIC)]
    return " ".join(words) or plain


@lru_cache(_REMEMBERED)
def site_keys(name: str | None, domain: str) -> frozenset[str]:
    """Every key under which others may name the publisher ``name`` at ``domain``."""
    host = domain.split(":", maxsplit=1)[0].removeprefix("www.")
    label = host.split(".")[0]
    keys = {organisation(name or ""), organisation(host), organisation(label)}
    keys.add(organisation(_without_tail(squeezed(label).replace(" ", ""))))
    return frozenset(key for key in keys if key)


def _without_tail(label: str) -> str:
    for tail in _TAILS:
        if label.endswith(tail) and len(label) > len(tail) + 1:
            return label[: -len(tail)]
    return label
