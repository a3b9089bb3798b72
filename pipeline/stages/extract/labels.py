"""``Source: AFP``, ``Image: ARA News / Article: NRT``: names that a label introduces, in the languages of the press (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.text.agencies import agencies_in, credited_in, named_agency
from pipeline.text.urls import host_of
from storage.records import Credit

_VARIANTS = ("كک", "يیى", "هەةھ", "أإا")


def _tolerant(labels: str) -> str:
    """As old keyboards write them: سه‌رچاوه (heh and a joiner) for سەرچاوە, Arabic kaf and yeh for the Persian ones."""
    for letters in _VARIANTS:
        labels = re.sub(f"[{letters}]", f"[{letters}][\u200c\u200d\u0640]*", labels)
    return labels


_SOURCE_LABEL = _tolerant(
    r"sources?|quellen?|fuentes?|fontes?|fonti|źródł[oa]|kaynak|джерело|источник|المصدر|مصدر|منبع|سەرچاوە|"
    r"çavkanî|çavkani|bron|källa|kilde|lähde|forrás|zdroje?|izvor|sursa|πηγή|источники|джерела|המקור|מקור|स्रोत|ที่มา|nguồn|"
    r"sumber|"
    r"ماخذ|ذرائع|سرچینه|مەنبەع|来源|來源|消息来源|稿源|供稿|转载自|轉載自|出典|提供|配信|転載元|引用元|출처|제공|"
    r"article|text|texte|texto|testo|artikel|agency|agencia|agence|agentur|provided by|via"
)
_IMAGE_LABEL = _tolerant(
    r"images?|photos?|photographs?|pictures?|pics?|fotos?|bild(?:er)?|imagen|imágenes|immagin[ei]|fotoğraf|"
    r"resim|zdjęci[ea]|фото|"
    r"صورة|الصورة|تصویر|عکس|وێنە|وێنەکان|wêne|(?:图片?|圖片?|写真)(?:来源|來源|提供)?|사진(?:제공)?|"
    r"(?:main |featured |lead )?(?:image|photo) (?:credits?|source|courtesy|by)|"
    r"photo courtesy of|image credit|photo credit"
)
_LABELLED = re.compile(
    rf"(?:^|(?<=[\s|/;,•·(]))(?P<label>(?P<source>{_SOURCE_LABEL})|(?P<image>{_IMAGE_LABEL}))\s*[:：]\s*"
    rf"(?P<name>[^:：|;•·\n]{{2,80}}?)(?=\s*(?:$|[|;•·)]|\s/\s|[\s/,]+(?:{_SOURCE_LABEL}|{_IMAGE_LABEL})\s*[:：]))",
    re.IGNORECASE,
)
STARTS_LABELLED = re.compile(rf"^[\s\W]*(?:{_SOURCE_LABEL}|{_IMAGE_LABEL})\s*[:：]", re.IGNORECASE)
SHORT = 160
"""Longer lines are sentences."""
NAME = 60
"""Longer names are none."""


@dataclass(frozen=True, slots=True)
class Found:
    """A credit and the rule that found it."""

    credit: Credit
    evidence: str


def labelled(text: str, *, picture: bool) -> Iterator[Found]:
    for match in _LABELLED.finditer(text):
        name = _tidy(match["name"])
        if not name:
            continue
        if match["image"] or picture:
            yield Found(Credit(role="image", name=_canonical(name), text=match[0].strip()), "label")
            continue
        for agency in credited_in(name):
            yield Found(Credit(role="agency", name=agency, text=match[0].strip()), "label")
        if not agencies_in(name):  # what only its own name calls an agency is a source by its label too
            yield Found(Credit(role="source", name=name, text=match[0].strip()), "label")


def _tidy(name: str) -> str | None:
    """A name, or None: a sentence, a number, a lower-case phrase is none."""
    bare = name.strip(" \t.,-–—/()[]\"'“”")
    if "://" in bare or bare.startswith("www."):
        return host_of(bare if "://" in bare else f"http://{bare}") or None
    if not 1 < len(bare) <= NAME or len(bare.split()) > 7 or bare[0].isdigit():
        return None
    return None if bare[0].isascii() and bare[0].islower() and named_agency(bare) is None else bare


def _canonical(name: str) -> str:
    return named_agency(name) or name


def without_labels(lines: Sequence[str], known: frozenset[str]) -> tuple[list[str], list[str]]:
    """Takes credit lines out of the body: those that were read as labelled, and lines of nothing but label and name."""
    flat = {_flat(text) for text in known}
    gone = [line for line in lines if len(line) <= SHORT and (_flat(line) in flat or _is_label_line(line))]
    return [line for line in lines if line not in gone], gone


def _is_label_line(line: str) -> bool:
    """Nothing but label and name."""
    return bool(STARTS_LABELLED.match(line)) and len(_LABELLED.sub("", line).strip(" \t.,-–—/|()")) == 0


def _flat(text: str) -> str:
    return "".join(text.split())
