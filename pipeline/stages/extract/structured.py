"""What the page declares about itself, read in one walk: meta elements, links, JSON-LD, microdata.

Sources: ogp.me, schema.org NewsArticle, Dublin Core (DCMI), RFC 6596 (canonical), the ``parsely-*`` and ``sailthru.*``
names that publishers use in place of them.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.stages.extract.document import Document, collapse, text_of

ARTICLE_TYPES = {
    "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "backgroundnewsarticle",
    "reviewnewsarticle", "asknewsarticle", "blogposting", "liveblogposting", "scholarlyarticle", "techarticle", "report",
    "advertisercontentarticle", "satiricalarticle", "socialmediaposting", "medicalscholarlyarticle",
}  # fmt: skip
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*<!\[CDATA\[\*/)|(?:-->|//\s*\]\]>|\]\]>|/\*\]\]>\*/)?[\s;]*$"
)
_CONTROL = re.compile(r"[\x00-\x1f]+")
_MAX_JSON = 2_000_000
_MAX_NODES = 2000

Node = dict[str, Any]


@dataclass(slots=True)
class Declared:
    """``meta``: lower-case name or property → contents, in page order. ``article``: the JSON-LD node of the "
    "article.
    """

    language: str | None = None
    title: str = ""
    base: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    canonical: str | None = None
    nodes: list[Node] = field(default_factory=list)
    article: Node = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    """Microdata and RDFa-lite: property → values."""

    def first(self, *names: str) -> str | None:
        for name in names:
            for content in self.meta.get(name, ()):
                if content:
                    return content
        return None

    def item(self, *names: str) -> str | None:
        return next((value for name in names for value in self.items.get(name, ()) if value), None)

    def of(self, key: str) -> str | None:
        """A plain string of the article's JSON-LD node."""
        return first_text(self.article.get(key))


def declared(document: Document) -> Declared:
    found = Declared(
        language=document.tree.get("lang") or document.tree.get("{http://www.w3.org/XML/1998/namespace}lang")
    )
    for element in document.iter("meta", "link", "script", "title", "base"):
        _READERS[element.tag](element, found)
    _microdata(document, found)
    found.article = _article_node(found.nodes)
    return found


def _read_meta(element: Any, found: Declared) -> None:
    attributes = element.attrib
    name = attributes.get("property") or attributes.get("name") or attributes.get("http-equiv")
    content = attributes.get("content")
    if name and content:
        found.meta.setdefault(name.strip().lower(), []).append(collapse(content))


def _read_link(element: Any, found: Declared) -> None:
    if found.canonical is None and "canonical" in (element.get("rel") or "").lower().split():
        found.canonical = (element.get("href") or "").strip() or None


def _read_title(element: Any, found: Declared) -> None:
    if not found.title:  # later ones belong to <svg>
        found.title = text_of(element)


def _read_base(element: Any, found: Declared) -> None:
    found.base = found.base or element.get("href")


def _read_script(element: Any, found: Declared) -> None:
    if "ld+json" in (element.get("type") or "").lower() and element.text and len(element.text) < _MAX_JSON:
        found.nodes.extend(node for node in _nodes(load_json(element.text)) if len(found.nodes) < _MAX_NODES)


_READERS = {"meta": _read_meta, "link": _read_link, "title": _read_title, "base": _read_base, "script": _read_script}


def load_json(text: str) -> Any:
    """JSON as it stands in pages: wrapped in comments, with raw newlines, with a comma too many. None if "
    "beyond repair.
    """
    for repair in (_as_is, _unwrapped, _uncontrolled):
        try:
            return json.loads(repair(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _as_is(text: str) -> str:
    return text


def _unwrapped(text: str) -> str:
    return _TRAILING_COMMA.sub(r"\1", _WRAPPING.sub("", text))


def _uncontrolled(text: str) -> str:
    return _CONTROL.sub(" ", _unwrapped(text))


def _nodes(value: Any, depth: int = 0) -> Iterator[Node]:
    """All typed nodes, outer ones first."""
    if depth > 12:
        return
    if isinstance(value, dict):
        if "@type" in value:
            yield value
        for child in value.values():
            if isinstance(child, dict | list):
                yield from _nodes(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child, depth + 1)


def types_of(node: Node) -> set[str]:
    kinds = node.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {name.rsplit("/", 1)[-1].lower() for name in names if isinstance(name, str)}


def _article_node(nodes: list[Node]) -> Node:
    """The first article that has a headline; a page's related articles come after its own."""
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    told = [node for node in articles if node.get("headline") or node.get("name")]
    return next(iter(told or articles), {})


_ITEMS = "//*[@itemprop]"
_ITEM_NAMES = {
    "headline", "datepublished", "datemodified", "datecreated", "author", "name", "publisher", "articlesection", "keywords",
    "image", "dateline", "copyrightholder", "sourceorganization", "inlanguage", "description", "provider", "creator",
}  # fmt: skip


def _microdata(document: Document, found: Declared) -> None:
    if "itemprop" not in document.decoded.text:
        return
    for element in document.tree.xpath(_ITEMS):
        for name in (element.get("itemprop") or "").lower().split():
            if name in _ITEM_NAMES and len(found.items.setdefault(name, [])) < 20:
                value = element.get("content") or element.get("datetime") or text_of(element)
                found.items[name].append(value[:500])


def first_text(value: Any) -> str | None:
    """The string in a JSON-LD value: itself, of a list the first, of a node its name, text or url."""
    if isinstance(value, str):
        return collapse(value) or None
    if isinstance(value, list):
        return next(filter(None, map(first_text, value)), None)
    if isinstance(value, dict):
        return first_text(value.get("name") or value.get("@value") or value.get("text") or value.get("url"))
    return None


def all_texts(value: Any) -> Iterable[str]:
    for item in value if isinstance(value, list) else [value]:
        text = first_text(item)
        if text:
            yield text
