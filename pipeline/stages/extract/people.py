"""Authors without "By", without agencies, without the outlet's own name (pure)."""

import re
from collections.abc import Iterable

from pipeline.stages.extract.structured import Declared, all_texts, types_of
from pipeline.text.agencies import agencies_in, named_agency
from storage.records import Author, Entry

_BY = re.compile(
    r"^\s*(?:(?:posted|published|written|story|reported|edited) by|by|von|par|por|di|da|de|autor(?:a|es)?|author|text|"
    r"tekst|av|af|door|yazan|автор|بقلم|كتب|كتبت|نوشته|نویسنده|نووسەر|نووسینی|作者|記者|记者|文|撰文)(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\s*[,|–—-]\s*(?:.*\b(?:writer|reporter|correspondent|editor|contributor|columnist|staff|producer|"
    r"journalist|bureau|"
    r"redakteur\w*|redacción|redazione|journaliste|muhabir\w*|chief|desk|press|news|service)\b.*)$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:;|\||&|\n|\s/\s|\s(?:and|und|et|y|e|ve|och|og|en|и|و|與|和)\s)\s*", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,、，]\s*")
_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|md|m\.d|phd|ph\.d|mph|rn|esq)\.?$", re.IGNORECASE)
_NO_NAME = re.compile(
    r"https?:|www\.|@|\d{3}|^(?:\w*admin(?:istrator)?|staff|editor(?:s|ial)?(?: (?:team|board|staff|desk))?|news "
    r"?desk|web ?(?:desk|master)|"
    r"(?:the )?newsroom|redaktion|redacción|redazione|rédaction|la rédaction|guest|unknown|anonymous|author|"
    r"none|null|reporter|"
    r".* staff(?: (?:writer|reporter)s?)?|.* (?:online|correspondents?|reporters?)|press release|team|user|root)$",
    re.IGNORECASE,
)
_META = (
    "author", "byl", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "article:author",
    "article.author", "citation_author", "cxenseparse:author", "rnews:author", "article:author_name",
    "og:article:author", "twitter:creator:name",
)  # fmt: skip
_LONGEST = 60
_INITIALS = re.compile(r"[B-DF-HJ-NP-TV-XZ]{1,3}|[A-Z]J")
_SMALL = frozenset(
    (
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ten",
        "el",
        "bin",
        "al",
    )
)
_HOUSE_WORDS = frozenset(
    ("news", "staff", "press", "media", "tv", "radio", "desk", "online", "team", "agency", "network", "magazine")
)
_NAME_PART = re.compile(r"[^\W\d_]+")
_MAC = re.compile(r"^(Mc)([a-z])")


def declared_names(declared: Declared) -> list[str]:
    """What JSON-LD, meta elements and microdata call author, as it stands there."""
    names = [*all_texts(declared.article.get("author")), *all_texts(declared.article.get("creator"))]
    for name in _META:
        names.extend(declared.meta.get(name, ()))
    names.extend(declared.items.get("author", ()) if len(declared.items.get("author", ())) <= 4 else ())
    return names


def authors_of(declared: Declared, byline: str | None, entry: Entry | None, site: str | None) -> tuple[Author, ...]:
    """The first source that yields persons: JSON-LD, meta, microdata, the visible byline, the feed."""
    groups = [
        _persons(all_texts(declared.article.get("author")), site),
        *(_persons(declared.meta.get(name, ()), site) for name in _META),
        _persons(declared.items.get("author", ())[:4], site),
        _persons([byline] if byline else (), site),
        _persons(entry.authors if entry else (), site),
    ]
    return tuple(Author(name=name) for name in next(filter(None, groups), []))


def organisations(declared: Declared, site: str | None) -> list[str]:
    """Authors that JSON-LD itself types as organisations and that are not the site's own."""
    authors = declared.article.get("author")
    nodes = authors if isinstance(authors, list) else [authors]
    typed = (
        node for node in nodes if isinstance(node, dict) and types_of(node) & {"organization", "newsmediaorganization"}
    )
    names = (name for node in typed for name in all_texts(node))
    return [name for name in names if not _same(name, site) and not _NO_NAME.search(name)]


def _persons(texts: Iterable[str], site: str | None) -> list[str]:
    found: dict[str, str] = {}
    for text in texts:
        for name in names_in(text):
            if not _same(name, site):
                found.setdefault(name.casefold(), as_written(name))
    return list(found.values())[:12]


def names_in(text: str) -> list[str]:
    """The persons that a byline names: ``By Jane Doe, AP Sports Writer`` → ``Jane Doe``."""
    bare = _ROLE.sub("", _BY.sub("", " ".join(text.split())))
    parts = (piece for part in _SPLIT.split(bare) for piece in _by_comma(part))
    return [name for part in parts if (name := _BY.sub("", part).strip(" ,.-–—|:")) and _is_person(name)]


def as_written(name: str) -> str:
    """A byline set in capitals as a name: ``JEAN-LUC O'NEILL`` → ``Jean-Luc O'Neill``; initials (``J.R.``, ``AJ``) stay.

    What capitals hide (``McDonald`` or ``Mcdonald``) is guessed by the usual prefixes; particles are small within a name.
    """
    words = name.split()
    if len(words) < 2 or not name.isupper() or not _HOUSE_WORDS.isdisjoint(name.casefold().split()):
        return name
    first, *between, last = (_cased(word) for word in words)
    return " ".join([first, *(word.lower() if word.lower() in _SMALL else word for word in between), last])


def _cased(word: str) -> str:
    if "." in word or _INITIALS.fullmatch(word):
        return word
    named = _NAME_PART.sub(lambda part: part[0][0] + part[0][1:].lower(), word)
    return _MAC.sub(lambda part: part[1] + part[2].upper(), named)


def _by_comma(text: str) -> list[str]:
    """``A B, C D`` are two, ``Doe, Jane`` is one, ``Jane Doe, MD`` is one."""
    pieces = _COMMA.split(text)
    if len(pieces) == 2 and all(len(piece.split()) == 1 for piece in pieces) and text.isascii():
        return [f"{pieces[1]} {pieces[0]}"] if not _SUFFIX.match(pieces[1]) else [pieces[0]]
    return [piece for piece in pieces if piece and not _SUFFIX.match(piece)]


def _is_person(name: str) -> bool:
    if len(name) > _LONGEST or len(name) < 2 or _NO_NAME.search(name) or named_agency(name):
        return False
    return not (agencies_in(name) and len(name.split()) <= 4) and any(char.isalpha() for char in name)


def _same(name: str, site: str | None) -> bool:
    return bool(site) and name.casefold().replace(" ", "") == (site or "").casefold().replace(" ", "")
