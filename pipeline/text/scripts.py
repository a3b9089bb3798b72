"""Folding per script: what two spellings of one text must share before they are compared.

One table lookup per character, applied with numpy to a whole text: a folded code point (``fold_table``) and a class
(``class_table``). What is folded, and why:

- case and compatibility forms: NFKC and case folding (Unicode UAX #15, #21) before the table, for what is not one to one;
- diacritics of Latin, Greek, Cyrillic, Arabic and Hebrew: outlets drop and add them (Erdoğan/Erdogan, ё/е, harakat).
  Marks of other scripts (Thai, Devanagari, kana) carry the vowels and stay;
- Arabic script: the letters that keyboards of Arabic, Persian, Urdu and Sorani exchange (kaf, yeh, heh, teh marbuta);
  tatweel, ZWNJ and ZWJ vanish. Sorani's U+06D5 was long typed as heh + ZWNJ: folding every heh to one letter and dropping
  ZWNJ makes the two encodings equal in any order of repairs (measured on re-encoded Sorani: Jaccard .01 before, 1.0 after);
- decimal digits of every script become ASCII digits;
- apostrophes vanish (don't, don’t, dont), other punctuation separates words;
- scripts written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) have one unit per character.
"""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

SEPARATOR, LETTER, DIGIT, UNIT, VANISH = range(5)
"""Character classes: between words; part of a word; part of a word and of a number; a word by itself; nothing at all."""

_SIZE = 0x10000
_APOSTROPHES = "'\u2018\u2019\u201b\u02bc\u02b9\u0060\u00b4\uff07"
_UNIT_RANGES = (
    (0x0E00, 0x0E7F),  # Thai
    (0x0E80, 0x0EFF),  # Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic iteration marks
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),  # kana extensions
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
)
_ARABIC = {
    "\u0643": "\u06a9\u06aa\u06ab\u06ac",  # kaf
    "\u064a": "\u06cc\u0649\u06cd\u06d0\u06d2\u06d3\u06d1\u063d\u063e\u063f\u0620",  # yeh
    "\u0647": "\u06d5\u06be\u06c1\u06c2\u06c0\u06c3\u0629\u06ff",  # heh and teh marbuta
    "\u0627": "\u0671\u0672\u0673\u0675",  # alef
    "\u0648": "\u06cf\u06c4\u06c5",  # waw
}
_LATIN = {"i": "\u0131", "d": "\u0111\u00f0", "l": "\u0142", "o": "\u00f8", "h": "\u0127", "t": "\u0167"}
_MARKS_DROPPED = ((0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
                  (0x06D6, 0x06DC), (0x06DF, 0x06E4), (0x06E7, 0x06E8), (0x06EA, 0x06ED), (0x08D3, 0x08FF))  # fmt: skip
_BASE_SCRIPTS = ((0x0000, 0x024F), (0x0370, 0x052F), (0x0590, 0x06FF), (0x1E00, 0x1FFF))


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= code <= high for low, high in ranges)


def _class_of(code: int, char: str, category: str) -> int:
    if char in _APOSTROPHES or category == "Cf" or char == "\u0640" or _within(code, _MARKS_DROPPED):
        return VANISH
    if 0xFE00 <= code <= 0xFE0F:  # variation selectors
        return VANISH
    if category == "Nd":
        return DIGIT
    if category[0] in "LM" and _within(code, _UNIT_RANGES):
        return UNIT
    return LETTER if category[0] in "LMN" else SEPARATOR


def _fold_of(code: int, char: str, category: str) -> int:
    if category == "Nd":
        return ord("0") + unicodedata.decimal(char)
    if category[0] == "L" and _within(code, _BASE_SCRIPTS):
        return ord(unicodedata.normalize("NFD", char)[0])
    return code


@cache
def tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """``(fold, class)`` over the Basic Multilingual Plane: uint32[65536] and uint8[65536]; built once (about 40 ms)."""
    fold = np.arange(_SIZE, dtype=np.uint32)
    kind = np.zeros(_SIZE, dtype=np.uint8)
    for code in range(_SIZE):
        char = chr(code)
        category = unicodedata.category(char)
        if category in {"Cn", "Co", "Cs"}:
            continue
        kind[code] = _class_of(code, char, category)
        fold[code] = _fold_of(code, char, category)
    for base, variants in (_ARABIC | _LATIN).items():
        for variant in variants:
            fold[ord(variant)] = ord(base)
            kind[ord(variant)] = LETTER
    return fold, kind


def _above_plane(code: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Classes beyond the BMP by block: historic and minority letters, ideographs, tags; pictographs separate."""
    kind = np.where(code < 0x1D000, LETTER, SEPARATOR).astype(np.uint8)
    kind[(code >= 0x1E000) & (code < 0x1F000)] = LETTER
    kind[(code >= 0x20000) & (code < 0x40000)] = UNIT
    kind[code >= 0xE0000] = VANISH
    return kind


@cache
def _ascii_tables() -> tuple[bytes, bytes]:
    """``(class of each byte, bytes that vanish)`` for ``bytes.translate``: Western texts never need the big table."""
    kind = tables()[1][:256].copy()
    vanish = bytes(np.flatnonzero(kind[:128] == VANISH).astype(np.uint8))
    return kind.tobytes(), vanish


_TYPOGRAPHY = (("\u2019", "'"), ("\u2018", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\u2014", "-"), ("\u2013", "-"),
               ("\u2026", "."), ("\u00a0", " "))  # fmt: skip
"""What makes a Western text non-ASCII: each side has the same class, so a replacement changes nothing but the speed."""


def compatible(text: str) -> str:
    """NFKC and case-folded, the part of folding that changes the number of characters."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return text.casefold()


def folded(text: str) -> tuple[NDArray[np.uint32] | NDArray[np.uint8], NDArray[np.uint8]]:
    """The folded code points of ``text`` and their classes, without what vanishes; line breaks stay as U+000A.

    Two equally long arrays: uint32 (uint8 where all is ASCII) and uint8.
    """
    plain = text
    if not text.isascii():
        for typographic, ascii_form in _TYPOGRAPHY:
            plain = plain.replace(typographic, ascii_form)
        if not plain.isascii():
            return _folded_by_table(compatible(text))
    kind_of, vanish = _ascii_tables()
    data = plain.lower().encode("ascii").translate(None, vanish)
    return np.frombuffer(data, np.uint8), np.frombuffer(data.translate(kind_of), np.uint8)


def _folded_by_table(text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    code = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    fold, kind_of = tables()
    if code.size and int(code.max()) >= _SIZE:
        within = np.minimum(code, _SIZE - 1)
        high = code >= _SIZE
        kind = np.where(high, _above_plane(code), kind_of[within])
        code = np.where(high, code, fold[within])
    else:
        kind = kind_of[code]
        code = fold[code]
    keep = kind != VANISH
    return (code, kind) if keep.all() else (code[keep], kind[keep])
