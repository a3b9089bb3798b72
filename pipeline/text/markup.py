"""HTML fragments of feeds as plain text. Linear in the length of the input, whatever it holds."""

import html
import re

_HIDDEN = re.compile(r"<(script|style|template|noscript|svg|iframe)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_HIDDEN_START = re.compile(r"<(?:script|style|template|noscript|svg|iframe)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|br|div|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|table|blockquote|pre|hr|figure|figcaption|section|article|aside|"
    r"header|footer|option|img)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<![A-Za-z][^<>]*>")
_C1 = re.compile("[\x80-\x9f]")
_INLINE_MARKUP = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|br|cite|code|div|em|font|h[1-6]|i|img|mark|p|q|s|small|span|strike|strong|sub|sup|tt|u|"
    r"wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)


def plain_text(markup: str) -> str:
    """The visible text of an HTML fragment on one line: tags, scripts and comments gone, references resolved."""
    if "<" in markup:
        markup = _without_hidden(markup)
        markup = _TAG.sub("", _BLOCK.sub(" ", markup))
    if "&" in markup:
        markup = html.unescape(markup)
    return " ".join(_C1.sub(_as_cp1252, markup).split())


def plain_title(text: str) -> str:
    """A title that may or may not be HTML (RSS does not say): only tags that titles carry are taken for tags."""
    if "<" in text:
        text = _INLINE_MARKUP.sub("", text)
    if "&" in text:
        text = html.unescape(text)
        if "<" in text:
            text = _INLINE_MARKUP.sub("", text)
    return " ".join(_C1.sub(_as_cp1252, text).split())


def _as_cp1252(match: re.Match[str]) -> str:
    """U+0092 is a curly apostrophe of Windows that was taken for Latin-1 on its way (as HTML reads ``&#146;``)."""
    return match.group().encode("latin-1").decode("cp1252", "replace")


def _without_hidden(markup: str) -> str:
    if "<!" in markup:
        markup = _bounded(_COMMENT, markup, "-->", "<!--")
    starts = len(_HIDDEN_START.findall(markup))
    return _HIDDEN.sub(" ", markup) if starts and starts <= _MOST_HIDDEN else markup


_MOST_HIDDEN = 200
"""``<script>`` without an end costs a scan to the end of the text each: more than these are left to the tag remover."""


def _bounded(pattern: re.Pattern[str], markup: str, end: str, start: str) -> str:
    # An opener without its closer makes each search run to the end: close the last one instead.
    if markup.rfind(start) > markup.rfind(end):
        markup = markup[: markup.find(start, markup.rfind(end) + 1 if end in markup else 0)]
    return pattern.sub(" ", markup)
