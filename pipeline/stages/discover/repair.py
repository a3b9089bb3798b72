"""Text that wants to be XML: each repair is certain of what it does, and a strict parser judges the result.

What strict parsing refuses and no repair here mends is read by feedparser.
"""

import html
import re
from collections.abc import Iterator

_ROOT = re.compile(
    r"<(?:\?xml|rss|feed|rdf:rdf|channel|urlset|sitemapindex|opml|[a-z0-9]+:(?:feed|rss|RDF))\b", re.IGNORECASE
)
_ROOT_NAME = re.compile(r"<((?:[A-Za-z0-9]+:)?(?:rss|feed|rdf|urlset))(?=[\s>])", re.IGNORECASE)
_HTML_START = re.compile(r"<(?:html|head|body|pre)\b", re.IGNORECASE)
_PROLOGUE = re.compile(r"\s*(?:<\?[^>]*>|<!--|<!doctype\s+(?P<doctype>[\w:]+)[^>]*>)?", re.IGNORECASE)
_EMBEDDED = re.compile(r"<(rss|feed|rdf:RDF)\b[^<>]*?(?:version|xmlns)[^<>]*>", re.IGNORECASE)
_ESCAPED = re.compile(r"&lt;(?:\?xml|rss|feed|rdf:RDF)\b", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml\b[^>]*>", re.IGNORECASE)
_MOST_DECLARATIONS = 3
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[>]*(?:\[(?P<subset>[^\]]*)\][^>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+(\w{2,40})\s+(?:\"([^\"&%<]{0,20})\"|'([^'&%<]{0,20})')\s*>")
"""Characters and short names, as DTDs of RSS 0.91 declare them; no document grows more than fivefold by them."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BARE_AMPERSAND = re.compile(r"&(?!#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});|[A-Za-z][A-Za-z0-9]{1,31};)")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([#A-Za-z][A-Za-z0-9]{1,31});")
_PREFIX = re.compile(r"[<\s/]([A-Za-z_][\w.-]{0,30}):[A-Za-z_]")
_DECLARED_PREFIX = re.compile(r"\bxmlns:([\w.-]+)\s*=")
_ROOT_TAG = re.compile(r"<(?:[A-Za-z0-9]+:)?(?:rss|feed|rdf|channel|urlset)(?=[\s>/])", re.IGNORECASE)
_LAST_ITEM = re.compile(r"</((?:[A-Za-z0-9]+:)?(?:item|entry|url))\s*>", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[A-Za-z0-9]+:)?(?:item|entry|url)\s*>", re.IGNORECASE)
_OPEN_PARENT = re.compile(r"<((?:[A-Za-z0-9]+:)?(?:rss|feed|rdf|channel|items|urlset))(?=[\s>])", re.IGNORECASE)

_LEAVES = frozenset({"title", "link", "guid", "pubdate", "author", "category", "dc:creator", "dc:date", "comments"})
_ITEM_LEVEL = re.compile(
    r"<(/?)(title|link|guid|pubDate|author|category|dc:creator|dc:date|comments|description|content:encoded|item|channel)"
    r"(?=[\s>/])[^<>]*>",
    re.IGNORECASE,
)
"""Elements of an RSS item; none of them can stand inside another but in ``item`` and ``channel``."""

KNOWN_PREFIXES = {
    "a10": "http://www.w3.org/2005/Atom",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "fh": "http://purl.org/syndication/history/1.0",
    "georss": "http://www.georss.org/georss",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}


def looks_like_html(text: str) -> bool:
    """Whether the document is a web page: its first element says so, or its DOCTYPE and no feed follows."""
    head = text[:8192]
    position = 0
    doctype = ""
    while (step := _PROLOGUE.match(head, position)) and step.end() > position:
        position = step.end()
        if step.group().endswith("<!--"):
            end = head.find("-->", position)
            position = end + 3 if end >= 0 else len(head)
        doctype = doctype or step.group("doctype") or ""
    if _HTML_START.match(head, position):
        return True
    return doctype.lower() == "html" and not _ROOT_TAG.match(head, position)


def embedded_feed(page: str) -> str | None:
    """A feed that a page carries (served through a template, or shown inside ``<pre>``), cut out; None if there is none."""
    found = _EMBEDDED.search(page)
    if found:
        end = page.rfind(f"</{found.group(1)}")
        close = page.find(">", end) if end > found.start() else -1
        return page[found.start() : close + 1] if close > 0 else None
    escaped = _ESCAPED.search(page)
    if escaped is None:
        return None
    end = page.find("</pre", escaped.start())
    return html.unescape(page[escaped.start() : end if end > 0 else None])


def without_junk(text: str) -> str:
    """What stands before the document (PHP warnings, blank lines) and after its end (statistics, scripts) cut away."""
    start = _ROOT.search(text[:65536])
    if start is None:
        return text
    text = text[start.start() :]
    root = _ROOT_NAME.search(text[:65536])
    if root:
        end = text.rfind(f"</{root.group(1)}")
        close = text.find(">", end) if end > 0 else -1
        if close > 0:
            text = text[: close + 1]
    return text


def as_bytes(text: str) -> tuple[bytes, dict[str, str]]:
    """UTF-8 without XML declaration and DOCTYPE; and the harmless entities that the DOCTYPE had declared.

    Without a DOCTYPE no entity can expand into others: bombs and external entities end here.
    """
    for _ in range(_MOST_DECLARATIONS):
        text = text.lstrip()
        declaration = _DECLARATION.match(text)
        if declaration is None:
            break
        text = text[declaration.end() :]
    head = text[:65536]
    doctype = _DOCTYPE.search(head)
    root = _ROOT_TAG.search(head)
    entities: dict[str, str] = {}
    if doctype and (root is None or doctype.start() < root.start()):
        entities = {name: one or other for name, one, other in _ENTITY.findall(doctype.group("subset") or "")}
        text = text[: doctype.start()] + text[doctype.end() :]
    return text.lstrip().encode("utf-8", "replace"), entities


def shortened(document: bytes, most: int) -> tuple[bytes, int]:
    """A document with more than ``most`` items, cut after that many; and the number of items left out.

    A tree of 50,000 items takes 300 MiB, and nobody reads more than ``most`` of them.
    """
    ends = [match.end() for match in _ITEM_END.finditer(document)]
    if len(ends) <= most:
        return document, 0
    kept = completed(document[: ends[most - 1]].decode("utf-8", "replace"))
    return (kept.encode(), len(ends) - most) if kept else (document, 0)


def repaired(text: str, entities: dict[str, str]) -> str:
    """Forbidden characters dropped, references unknown to XML resolved, bare ``&`` escaped, prefixes declared."""
    text = _CONTROL.sub("", text)
    text = _outside_cdata(text, entities)
    return _with_prefixes(text)


def completed(text: str) -> str | None:
    """A document that was cut off, up to its last whole item and closed again; None if no item is whole."""
    ends = [match.end() for match in _LAST_ITEM.finditer(text)]
    if not ends:
        return None
    kept = text[: ends[-1]]
    bare = _without_cdata(kept)
    opened = [name for name in _OPEN_PARENT.findall(bare) if f"</{name}" not in bare]
    return kept + "".join(f"</{name}>" for name in reversed(opened))


def with_closed_leaves(text: str) -> str:
    """``<title>Rain<link>`` → ``<title>Rain</title><link>``: an element that holds only text ends where the next begins."""
    parts = []
    position = 0
    opened: str | None = None
    for tag in _ITEM_LEVEL.finditer(text):
        close, name = tag.group(1), tag.group(2)
        if opened and not (close and name == opened):
            parts += [text[position : tag.start()], f"</{opened}>"]
            position = tag.start()
        opened = name if not close and name.lower() in _LEAVES and not tag.group().endswith("/>") else None
    return "".join([*parts, text[position:]])


def _cdata_sections(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0 and (end := text.find("]]>", start)) >= 0:
        position = end + 3
        yield start, position


def _without_cdata(text: str) -> str:
    parts = []
    position = 0
    for start, end in _cdata_sections(text):
        parts.append(text[position:start])
        position = end
    return "".join([*parts, text[position:]])


def _outside_cdata(text: str, entities: dict[str, str]) -> str:
    parts = []
    position = 0
    for start, end in _cdata_sections(text):
        parts += [_references(text[position:start], entities), text[start:end]]
        position = end
    return "".join([*parts, _references(text[position:], entities)])


def _references(text: str, entities: dict[str, str]) -> str:
    if "&" not in text:
        return text

    def resolved(match: re.Match[str]) -> str:
        value = entities.get(match.group(1)) or html.unescape(match.group())
        if value == match.group():
            return "&amp;" + match.group()[1:]
        return html.escape(_CONTROL.sub("", value), quote=False)

    return _REFERENCE.sub(resolved, _BARE_AMPERSAND.sub("&amp;", text))


def _with_prefixes(text: str) -> str:
    used = set(_PREFIX.findall(_without_cdata(text)))
    missing = sorted(used - set(_DECLARED_PREFIX.findall(text)) - {"xml", "xmlns"})
    root = _ROOT_TAG.search(text)
    if not missing or root is None:
        return text
    uris = {prefix: KNOWN_PREFIXES.get(prefix.lower(), f"urn:wirefold:unknown:{prefix}") for prefix in missing[:50]}
    declarations = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in uris.items())
    return text[: root.end()] + declarations + text[root.end() :]
