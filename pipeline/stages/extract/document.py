"""From bytes to one parsed tree that all the rest reads: decoding, bounds, one parse."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.errors import Drop
from pipeline.records import Page
from pipeline.text.charset import Decoded, decode_html

if TYPE_CHECKING:
    from lxml.etree import HTMLParser

# Beyond these trafilatura takes seconds (measured: 5 MB table 16 s and 660 MB, 50,000 links 11 s, a 5 MB class attribute
# 8 s); of 2,311 real pages the largest had 1.8 MB and 19,437 tags.
MAX_BYTES = 5 * 1024 * 1024
MAX_TAGS = 60_000
MAX_ATTRIBUTE = 50_000
MAX_DEPTH = 500
MANY_TAGS = 6_000
"""One real page in a hundred has more; only these are walked for their depth."""

_LONG_ATTRIBUTES = (re.compile(rb'="[^"]{%d}' % MAX_ATTRIBUTE), re.compile(rb"='[^']{%d}" % MAX_ATTRIBUTE))
# Long values that no extractor runs an expression over: inline pictures, styles, application state.
_HARMLESS = re.compile(rb"[\s\"'](?:src|href|srcset|style|content|poster|d|points|value|data-[\w:-]+)\Z", re.IGNORECASE)
_BINARY = re.compile(rb"^\s*(?:%PDF-|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|RIFF....WEBP|\x1f\x8b|ID3|OggS)", re.DOTALL)
_HTML_TYPES = ("html", "xml", "text/plain", "octet-stream", "unknown")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Document:
    """One page, parsed once. ``tree`` is read by all and changed by none before the body is taken from it."""

    url: str
    tree: Any
    decoded: Decoded
    oversized: str | None
    """Which bound it is beyond, if any: then only the cheap extractor may touch it."""
    deep: bool
    """Nested beyond reason: resiliparse's parser is quadratic in depth (0.9 s at 5,000, a minute at 50,000)."""

    def find(self, path: str) -> Any:
        return self.tree.find(path)

    def iter(self, *tags: str) -> Iterator[Any]:
        found: Iterator[Any] = self.tree.iter(*tags)
        return found


def read(page: Page) -> Document:
    """Raises Drop("not_html") for what is no HTML, by its magic bytes or its declared type."""
    body = page.body
    if _BINARY.match(body):
        raise Drop("not_html", f"starts like a binary file; served as {page.content_type or 'nothing'}")
    if page.content_type and not any(kind in page.content_type for kind in _HTML_TYPES):
        raise Drop("not_html", page.content_type)
    decoded = decode_html(body, page.content_type)
    if "<" not in decoded.text:
        raise Drop("not_html", "no tag in it")
    tree, tags = parse(decoded.text), body.count(b"<")
    return Document(page.url, tree, decoded, beyond_bounds(body, tags), tags > MANY_TAGS and _depth(tree) > MAX_DEPTH)


def beyond_bounds(body: bytes, tags: int) -> str | None:
    if len(body) > MAX_BYTES:
        return f"{len(body) / 2**20:.1f} MiB"
    if tags > MAX_TAGS:
        return f"{tags} tags"
    for pattern in _LONG_ATTRIBUTES:
        for match in pattern.finditer(body):
            if not _HARMLESS.search(body, max(0, match.start() - 40), match.start()):
                return f"an attribute beyond {MAX_ATTRIBUTE // 1000} kB"
    return None


def _depth(tree: Any) -> int:
    from lxml import etree

    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def parse(text: str) -> Any:
    """The one parse. ``huge_tree``: without it libxml2 silently drops what follows a 10 MB node or lies 256 deep."""
    from lxml import etree

    tree = etree.fromstring(text.encode("utf-8", "replace"), parser=_parser())
    return tree if tree is not None else etree.fromstring(b"<html><body></body></html>", parser=_parser())


@lru_cache(maxsize=1)
def _parser() -> "HTMLParser":
    # One element class for all: lxml.html's own lookup calls Python for every element (1 ms of a page's 12).
    from lxml import etree, html

    parser = etree.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    return parser


def text_of(element: Any) -> str:
    """All text below an element, white space collapsed."""
    return collapse("".join(element.itertext())) if element is not None else ""


def collapse(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
