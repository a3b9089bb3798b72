"""Bytes to text, in the order of the HTML standard, distrusting declarations that the bytes refute (pure).

Order (HTML Living Standard §13.2.3 and Encoding Standard §6): byte order mark, HTTP header, ``<meta>`` (looked for in the
first 64 kB: real pages put it behind inline scripts), detection. One rule stands above all declarations but a byte order
mark: bytes that are valid UTF-8 with several multi-byte sequences are UTF-8, whatever was declared.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Literal

Evidence = Literal["bom", "valid-utf8", "http", "meta", "detected", "default"]

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.ASCII | re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w.:+-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:+-]{2,40})", re.IGNORECASE)
_PRESCAN = 65536
_SAMPLE = 32768
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_MULTI_BYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_JAPANESE_ESCAPE = re.compile(rb"\x1b\$[@B]")
_LETTERS_SEEN = re.compile(r"[^\W\d_]")

# WHATWG labels whose Python namesakes are narrower than what browsers decode.
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "hz": "gb18030", "euc_kr": "cp949", "johab": "cp949", "shift_jis": "cp932",
    "big5": "big5hkscs",
}  # fmt: skip
_ALIASES = {
    "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932", "ks_c_5601-1987": "cp949", "windows-949": "cp949",
    "x-gbk": "gb18030", "gb_2312-80": "gb18030", "dos-874": "cp874", "windows-874": "cp874", "x-euc-jp": "euc_jp",
    "x-cp1251": "cp1251", "x-cp1252": "cp1252", "x-mac-cyrillic": "mac_cyrillic", "x-mac-roman": "mac_roman",
    "koi": "koi8_r", "koi8": "koi8_r", "unicode": "utf-16-le", "visual": "iso8859-8", "logical": "iso8859-8",
    "iso-8859-8-i": "iso8859-8", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "none": "", "utf8mb4": "utf-8",
}  # fmt: skip
_WESTERN = {"cp1252", "iso8859-15", "cp1250", "iso8859-2", "cp1254", "mac_roman", "iso8859-4", "cp1257"}
# Tried in turn where the detector says UTF-8 of bytes that are not (resiliparse does so of EUC-KR: 6 of 256 pages).
_EAST_ASIAN = ("cp949", "gb18030", "cp932", "euc_jp", "big5hkscs")

# UTF-8 declared or likely: one broken sequence in fifty still is UTF-8 (cut by the network, or two sources in one page).
_BROKEN_SHARE = 0.02
# Letters beyond ASCII in a text decoded as Western: Vietnamese stays below .30, a wrong single-byte table gives above .6.
_FOREIGN_SHARE = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """``encoding`` is Python's name; ``evidence`` says what decided; ``declared`` what header or meta claimed."""

    text: str
    encoding: str
    evidence: Evidence
    declared: str | None = None


def decode_html(body: bytes, content_type: str = "") -> Decoded:
    """Decodes a document; never fails: what cannot be read becomes U+FFFD. NULs are removed."""
    decoded = _decode(body, content_type)
    if "\0" in decoded.text:
        text = decoded.text.replace("\0", "")
        return Decoded(text=text, encoding=decoded.encoding, evidence=decoded.evidence, declared=decoded.declared)
    return decoded


def codec_of(label: str | None) -> str | None:
    """Python's codec for a charset label as browsers understand it; None for an unknown one."""
    if not label:
        return None
    low = label.strip().lower()
    low = _ALIASES.get(low, low)
    try:
        name = codecs.lookup(low).name if low else ""
    except (LookupError, ValueError):
        return None
    return _SUPERSETS.get(name, name) or None


def _decode(body: bytes, content_type: str) -> Decoded:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return Decoded(text=body[len(mark) :].decode(name, "replace"), encoding=name, evidence="bom")
    header = _HEADER.search(content_type)
    http, meta = codec_of(header[1] if header else None), _meta_charset(body)
    declared = http or meta
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(body, http, meta)
    if declared is None and _JAPANESE_ESCAPE.search(body):
        return Decoded(text=body.decode("iso2022_jp", "replace"), encoding="iso2022_jp", evidence="detected")
    if declared in (None, "utf-8") or not _stateful(body, declared):
        return Decoded(text=text, encoding="utf-8", evidence=_evidence(http, meta, "utf-8"), declared=declared)
    assert declared is not None
    evidence: Evidence = "http" if http else "meta"
    return Decoded(text=body.decode(declared, "replace"), encoding=declared, evidence=evidence, declared=declared)


def _stateful(body: bytes, declared: str | None) -> bool:
    """Valid as UTF-8 and yet something else: ISO-2022-JP and UTF-16 look like ASCII, and a few bytes prove nothing."""
    if declared and declared.startswith("iso2022"):
        return b"\x1b" in body
    if declared and declared.startswith(("utf-16", "utf-32")):
        return body.count(b"\0") > len(body) // 4
    sequences = len(_MULTI_BYTE.findall(body, 0, _SAMPLE * 4))
    return 0 < sequences < 3 and declared not in _WESTERN


def _evidence(http: str | None, meta: str | None, chosen: str) -> Evidence:
    if http == chosen:
        return "http"
    return "meta" if meta == chosen else "valid-utf8"


def _meta_charset(body: bytes) -> str | None:
    head = body[:_PRESCAN]
    match = _META.search(head) or _XML.match(head)
    name = codec_of(match[1].decode("ascii")) if match else None
    # Readable as ASCII up to here, so it cannot be UTF-16 (HTML standard, prescan, step 15).
    return "utf-8" if name and name.startswith("utf-16") else name


def _decode_legacy(body: bytes, http: str | None, meta: str | None) -> Decoded:
    """Not valid UTF-8: the declarations in order, each believed unless the bytes or the outcome refute it."""
    declared = http or meta
    candidates: tuple[tuple[str | None, Evidence], ...] = ((http, "http"), (meta, "meta"))
    if "utf-8" in (http, meta) or declared is None:
        text = _mostly_utf8(body)
        if text is not None:
            return Decoded(text=text, encoding="utf-8", evidence=_evidence(http, meta, "utf-8"), declared=declared)
    for name, evidence in candidates:
        text = _believable(body, name) if name and name != "utf-8" else None
        if name and text is not None:
            return Decoded(text=text, encoding=name, evidence=evidence, declared=declared)
    name = _detect(body)
    return Decoded(text=body.decode(name, "replace"), encoding=name, evidence="detected", declared=declared)


def _mostly_utf8(body: bytes) -> str | None:
    good = len(_MULTI_BYTE.findall(body))
    if not good:
        return None
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return text if bad <= max(1, good * _BROKEN_SHARE) else None


def _believable(body: bytes, name: str) -> str | None:
    """The text, if this charset can be true: a multi-byte one must decode, a Western one must look Western."""
    text = body.decode(name, "replace")
    if text.count("\ufffd") > max(2, len(_NON_ASCII.findall(body)) * _BROKEN_SHARE):
        return None
    if name in _WESTERN and _foreign_share(text) > _FOREIGN_SHARE and _detect(body) not in _WESTERN:
        return None
    return text


def _foreign_share(text: str) -> float:
    """Share of letters beyond ASCII, on the part of the page where they are dense enough to tell (tags are ASCII)."""
    runs = re.findall(r">([^<>]{20,})<", text[: _SAMPLE * 4])
    letters = [char for run in runs for char in _LETTERS_SEEN.findall(run)]
    letters = letters or _LETTERS_SEEN.findall(text[:_SAMPLE])
    return sum(char > "\x7f" for char in letters) / len(letters) if letters else 0.0


def _detect(body: bytes) -> str:
    from resiliparse.parse.encoding import detect_encoding

    sample = _densest(body)
    name = codec_of(detect_encoding(sample)) or "cp1252"
    if name != "utf-8":
        return name
    for candidate in _EAST_ASIAN:
        try:
            body.decode(candidate)
        except UnicodeDecodeError:
            continue
        return candidate
    return "cp1252"


def _densest(body: bytes) -> bytes:
    """Text around the bytes that tell: markup dilutes what a detector counts."""
    runs = re.findall(rb">([^<>]*[\x80-\xff][^<>]*)<", body)
    sample = b"\n".join(runs)[:_SAMPLE]
    return sample if len(_NON_ASCII.findall(sample)) >= 20 else body[: _SAMPLE * 4]
