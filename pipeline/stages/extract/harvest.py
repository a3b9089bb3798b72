"""What the whole tree says of the text's origin, read before an extractor prunes it: bylines and labelled lines (pure).

What stands in a caption is a picture's credit; what stands beside a related article's headline is nobody's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from pipeline.stages.extract.document import Document, text_of
from pipeline.stages.extract.labels import NAME, SHORT, STARTS_LABELLED, Found, labelled
from pipeline.text.agencies import credited_in
from storage.records import Credit
from storage.records.articles import CreditRole

_PICTURE = re.compile(
    r"image|img|photo|pict|caption|figure|gallery|media(?!-?body)|thumb|video|slide|licen[cs]e",
    re.IGNORECASE,
)
# Unlabelled, these stand under pictures; with "Source:" before the name they may stand anywhere.
_UNDER_PICTURES = re.compile(r"credit|copyright|attribution", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"teaser|related|recommend|promo|sidebar|aside|widget|comment|footer|nav|menu|most-|trending|\bcard|newsletter|share|"
    r"social|\bnext|more-|latest|popular|headlines|river|list-item",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"byline|author|source|agency|agentur|dateline|credit|provider|signature|firma|autor|attribution|writer|(?<![\w-])by(?![\w-])",
    re.IGNORECASE,
)
_BYLINE_TAGS = (
    "span", "div", "p", "a", "li", "address", "cite", "em", "strong", "b", "i", "footer", "header", "section", "small", "dd",
)  # fmt: skip
_MOST = 100
"""Elements looked at; a page's own byline is among its first ten."""
_LABEL_TEXTS = "//body//text()[(contains(., ':') or contains(., '：')) and string-length(.) < 160]"


@dataclass(frozen=True, slots=True)
class Harvest:
    """What the tree says before pruning: credits, the visible byline, and the words of labelled lines."""

    found: tuple[Found, ...]
    byline: str | None
    labelled: frozenset[str]


def harvest(document: Document) -> Harvest:
    found: list[Found] = []
    byline, lines = None, []
    for element in islice(filter(_is_named_byline, document.iter(*_BYLINE_TAGS)), _MOST):
        text = text_of(element) if len(element) < 8 else ""  # a byline holds few elements
        if not 1 < len(text) <= SHORT:
            continue
        pairs, names = list(labelled(text, picture=False)), credited_in(text)
        named = byline is None and _is_byline(element, text)
        if not (pairs or names or named) or _beside(element, _ELSEWHERE) or _in_teaser(element):
            continue
        picture = _beside(element, _PICTURE)
        byline = text if named and not picture else byline
        pictured = picture or bool(_UNDER_PICTURES.search(element.get("class") or ""))
        found.extend(list(labelled(text, picture=picture)) if pairs else _from_byline(text, names, picture=pictured))
    for block in islice(_label_blocks(document), _MOST):
        text = text_of(block)
        pairs = list(labelled(text, picture=_beside(block, _PICTURE)))
        if pairs:
            lines.append(text)
            found.extend(pairs)
    return Harvest(tuple(found), byline, frozenset(lines))


def _is_named_byline(element: Any) -> bool:
    names = element.get("class")
    return bool(names and _names_byline(names)) or element.get("rel") == "author" or element.get("itemprop") == "author"


@lru_cache(maxsize=8192)
def _names_byline(names: str) -> bool:
    """Class attributes repeat: the 1,500 elements of a page have some 150."""
    return _BYLINE.search(names) is not None


def _is_byline(element: Any, text: str) -> bool:
    names = " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("rel"))))
    return (
        bool(re.search(r"byline|author|autor", names, re.IGNORECASE)) and len(text) < NAME * 2 and ":" not in text[12:]
    )


def _label_blocks(document: Document) -> Iterator[Any]:
    seen: set[Any] = set()
    for node in document.tree.xpath(_LABEL_TEXTS):
        if not STARTS_LABELLED.match(node):
            continue
        block = _block_of(node.getparent())
        if block is not None and block not in seen and not _beside(block, _ELSEWHERE) and len(text_of(block)) <= SHORT:
            seen.add(block)
            yield block


_BLOCKS = {
    "p", "div", "li", "footer", "td", "figcaption", "section", "address", "blockquote", "center", "article", "dd", "body",
}  # fmt: skip


def _block_of(element: Any) -> Any:
    """The block that a text stands in, or the largest inline element that is still short where the block is long."""
    while element is not None and element.tag not in _BLOCKS:
        parent = element.getparent()
        if parent is None or len(text_of(parent)) > SHORT:
            return element
        element = parent
    return element


def _beside(element: Any, pattern: re.Pattern[str]) -> bool:
    """Whether the element or one of its next ancestors is named so (class, id, tag)."""
    for depth, node in enumerate((element, *element.iterancestors())):
        if depth > 5 or node.tag in ("body", "main", "html"):  # further up it is the layout's name
            return False
        if node.tag in ("figure", "figcaption") and pattern is _PICTURE:
            return True
        if node.tag in ("aside", "nav") and pattern is _ELSEWHERE:
            return True
        if pattern.search(f"{node.get('class') or ''} {node.get('id') or ''}"):
            return True
        if node.tag == "article":
            return False
    return False


def _in_teaser(element: Any) -> bool:
    """Beside a headline that is a link: another article's byline. The page's own headline links nowhere, or is its h1."""
    for depth, node in enumerate(element.iterancestors("div", "li", "article", "a", "section", "td")):
        if node.tag == "a":
            return node.find(".//h2") is not None or node.find(".//h3") is not None
        if depth > 2 or node.find(".//h1") is not None:
            return False
        if any(
            node.find(f".//{tag}//a[@href]") is not None or node.find(f".//a/{tag}") is not None
            for tag in ("h2", "h3", "h4")
        ):
            return True
    return False


def _from_byline(text: str, names: list[str], *, picture: bool) -> list[Found]:
    role: CreditRole = "image" if picture else "agency"
    evidence = "caption" if picture else "byline"
    return [Found(Credit(role=role, name=name, text=text), evidence) for name in names]
