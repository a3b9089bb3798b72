"""Bytes of a feed to text: which encoding, and what to do where it lies.

The order is not RFC 7303's: a document that decodes as UTF-8 and is not plain ASCII *is* UTF-8, whatever header and
declaration say (mislabelled ISO-8859-1 is the commonest error of feeds, and a text of another 8-bit encoding that happens
to be valid UTF-8 does not occur).
"""

import codecs
import re
from collections.abc import Mapping

_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_HIGH_BYTES = bytes(range(0x80, 0x100))
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SNIFFED = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"Lo\xa7\x94", "cp037"),
)
# As browsers read these labels (WHATWG Encoding §4.2): the superset in place of the standard that nobody means.
_SUPERSETS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-32": "utf-8",
    "unicode": "utf-8",
}
"""``utf-16`` without a byte order mark and without zero bytes is a label left over by a transcoding server."""


def decode(body: bytes, headers: Mapping[str, str]) -> tuple[str, str, bool]:
    """The text, the encoding it was read in, and whether bytes had to be guessed one by one."""
    for mark, encoding in _BOMS:
        if body.startswith(mark) and encoding == "utf-8":
            return _marked_utf8(body[len(mark) :])
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace").removeprefix("\ufeff"), encoding, False
    body = body.lstrip(b"\r\n\t ") if b"\0" not in body[:4] else body
    for start, encoding in _SNIFFED:
        if body.startswith(start):
            return body.decode(encoding, "replace"), encoding, False
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_8bit(body, headers)
    labelled = _label(body, headers)
    if labelled.startswith(("iso-2022", "hz")):
        return _with(body, labelled) or (text, "utf-8", False)
    return text, "utf-8", False


def _marked_utf8(body: bytes) -> tuple[str, str, bool]:
    try:
        return body.decode("utf-8").removeprefix("\ufeff"), "utf-8", False
    except UnicodeDecodeError:
        return _mostly_utf8(body)


def _decode_8bit(body: bytes, headers: Mapping[str, str]) -> tuple[str, str, bool]:
    declared = [_header_label(headers), _declared(body)]
    for label in declared:
        if label and not label.startswith("utf-8") and (found := _with(body, label)):
            return found
    if any(label and label.startswith("utf") for label in declared) or not any(declared):
        return _mostly_utf8(body)
    return body.decode("cp1252", "replace"), "cp1252", True


def _mostly_utf8(body: bytes) -> tuple[str, str, bool]:
    """UTF-8 with stray bytes of Windows editors; or, where these are the greater part, Windows-1252 called UTF-8."""
    foreign = len(body) - len(body.translate(None, _HIGH_BYTES))
    understood = len(body.decode("utf-8", "ignore").encode("utf-8")) - (len(body) - foreign)
    if understood * 2 < foreign:
        return body.decode("cp1252", "replace"), "cp1252", True
    return body.decode("utf-8", "wirefold-cp1252"), "utf-8", True


def _with(body: bytes, label: str) -> tuple[str, str, bool] | None:
    encoding = _SUPERSETS.get(label, label)
    try:
        return body.decode(encoding), encoding, False
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _label(body: bytes, headers: Mapping[str, str]) -> str:
    return _header_label(headers) or _declared(body) or ""


def _header_label(headers: Mapping[str, str]) -> str | None:
    found = _CHARSET.search(headers.get("content-type", ""))
    return found.group(1).lower() if found else None


def _declared(body: bytes) -> str | None:
    found = _DECLARATION.search(body[:4096]) or _META.search(body[:4096])
    return found.group(1).decode("ascii").lower() if found else None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Stray bytes of Windows editors inside UTF-8 (``’`` as 0x92): each read as what it would be in cp1252."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("wirefold-cp1252", _as_cp1252)
