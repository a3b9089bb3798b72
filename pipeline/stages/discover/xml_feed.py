"""RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, strictly: one pass over an lxml tree (no entities, no network, bounded depth).

Only well-formed documents come here; this is the path that almost every poll takes.
"""

import base64
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from lxml import etree

from pipeline.stages.discover.names import Names
from pipeline.stages.discover.raw import MAX_ENTRIES, RawFeed, RawItem
from pipeline.text.urls import join

XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_RDF_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_VERSION = re.compile(r"\s*(\d+)\.?(\d*)")
_IMAGE_FILE = re.compile(r"[^?#]*\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", re.IGNORECASE)
_HTML_SIGN = re.compile(r"</\w+>|&#?\w+;")
_MAX_AUTHORS = 20
_MAX_TAGS = 50

Element = Any
Setter = Callable[[RawItem, Element], None]


def parse_tree(document: bytes) -> Element:
    """The root of a well-formed document. Raises lxml's XMLSyntaxError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    return etree.fromstring(document, parser)


def feed_format(root: Element, names: Names) -> str | None:
    """``rss20``, ``rss092``, ``rss10``, ``atom10``, ... ; None if the root element is of no feed."""
    name = names[root.tag].partition(":")[2] or names[root.tag]
    if name == "rss":
        found = _VERSION.match(root.get("version", ""))
        if found is None:
            return "rss"
        return "rss20" if found.group(1) == "2" else f"rss{found.group(1)}{found.group(2)[:2]}"
    if name == "rdf":
        return "rss090" if any("netscape" in uri for uri in _namespaces(root)) else "rss10"
    if name == "feed":
        old = "purl.org/atom/ns" in root.tag or root.get("version") in {"0.1", "0.2", "0.3"}
        return "atom03" if old else "atom10"
    return None


def _namespaces(root: Element) -> list[str]:
    return [str(uri) for uri in root.nsmap.values()] + [str(child.tag) for child in islice(root, 1)]


def read_feed(root: Element, url: str) -> RawFeed | None:
    """The feed under ``root``, or None if it is no feed. ``url``: where the document was found."""
    names = Names()
    kind = feed_format(root, names)
    if kind is None:
        return None
    feed = RawFeed(format=kind, parser="lxml")
    base = join(url, root.get(XML_BASE) or "")
    channel = next((child for child in root if names[child.tag] == "channel"), root)
    channel_base = join(base, channel.get(XML_BASE) or "")
    _read_channel(feed, channel, names, channel_base)
    feed.language = feed.language or channel.get(XML_LANG) or root.get(XML_LANG)
    item_base = channel_base
    if not kind.startswith("atom") and feed.link and channel_base == url:
        # RSS knows no xml:base: a relative link is meant against the site, not against where the feed is hosted.
        item_base = join(url, feed.link)
    for element in root.iter("{*}item", "{*}entry"):
        _read_item(feed, element, names, item_base)
    if not feed.total:
        for element in root.iter():  # <ITEM>
            _read_item(feed, element, names, item_base)
    return feed


def _read_item(feed: RawFeed, element: Element, names: Names, base: str) -> None:
    parent = element.getparent()
    if names[element.tag] not in {"item", "entry"} or parent is None or names[parent.tag] in _NO_PARENTS:
        return
    feed.total += 1
    if feed.total > MAX_ENTRIES:
        return
    own = element.get(XML_BASE)
    item = RawItem(base=join(base, own) if own else base, language=element.get(XML_LANG))
    about = element.get(RDF_ABOUT)
    if about:
        item.guid, item.guid_is_link = about, True
    for child in element:
        setter = _ITEM.get(names[child.tag])
        if setter is not None:
            setter(item, child)
    if item.caption and not (item.summary or item.content):
        item.summary = item.caption  # YouTube says what a video is about only here
    feed.items.append(item)


_NO_PARENTS = {"item", "entry", "content"}


def text_of(element: Element) -> str | None:
    """The element's content: text, or the inner markup where children stand in it; None if there is nothing."""
    text = element.text
    if len(element):
        text = _inner(element)
    return text.strip() or None if text else None


def _decoded(element: Element) -> str | None:
    """Atom 0.3's ``mode="base64"`` and Atom 1.0's other media types; None for the usual kinds of text."""
    kind = element.get("type", "").lower()
    textual = kind in {"", "text", "html", "xhtml"} or "/" not in kind or kind.startswith("text/") or "xml" in kind
    if (textual and element.get("mode") != "base64") or not element.text:
        return None
    try:
        return base64.b64decode(element.text, validate=False).decode("utf-8")
    except ValueError:
        return None


def _inner(element: Element) -> str:
    parts = [element.text or ""]
    parts += [etree.tostring(child, encoding="unicode", method="html", with_tail=True) for child in element]
    return re.sub(r' xmlns(?::\w+)?="[^"]*"|(?<=<)/?\w+:(?=\w)', _without_prefix, "".join(parts))


def _without_prefix(match: re.Match[str]) -> str:
    return "/" if match.group().startswith("/") else ""


def _plain(element: Element) -> str | None:
    if len(element):
        return " ".join("".join(element.itertext()).split()) or None
    text = element.text
    return text.strip() or None if text else None


def _set_guid(item: RawItem, element: Element) -> None:
    item.guid = _plain(element)
    item.guid_is_link = (element.get("isPermaLink") or element.get("ispermalink") or "true").strip().lower() != "false"


def _set_id(item: RawItem, element: Element) -> None:
    if item.guid is None:
        item.guid = _plain(element)


def _set_link(item: RawItem, element: Element) -> None:
    href = element.get("href") or element.get(_RDF_RESOURCE)
    if href is None:
        item.link = _plain(element) or item.link  # of several the last, as feedparser and gofeed read it
        return
    rel = element.get("rel", "alternate").lower()
    kind = element.get("type", "").lower()
    if rel == "alternate" and (not kind or "html" in kind):
        item.link = item.link or href.strip()
    elif rel == "enclosure" and kind.startswith("image/"):
        item.image = item.image or href
    elif rel == "via":
        item.credit_url = item.credit_url or href


def _set_title(item: RawItem, element: Element) -> None:
    if item.title is None:
        kind = element.get("type", "").lower()
        item.title_is_text = kind in {"text", "xhtml", "text/plain"} or len(element) > 0
        item.title = _decoded(element) or (_plain(element) if len(element) else element.text)


def _set_atom_text(name: str) -> Setter:
    def set_text(item: RawItem, element: Element) -> None:
        if element.get("src") and not element.text:
            return
        text = _decoded(element) or text_of(element)
        # Declared plain, but "&nbsp;" or "</p>" in it after unescaping: HTML escaped once too often (feedparser agrees).
        if text and element.get("type", "").lower() in {"text", "text/plain"} and not _HTML_SIGN.search(text):
            text = text.replace("&", "&amp;").replace("<", "&lt;")
        if text and len(text) > len(getattr(item, name) or ""):
            setattr(item, name, text)

    return set_text


def _first(name: str) -> Setter:
    def set_first(item: RawItem, element: Element) -> None:
        if getattr(item, name) is None:
            setattr(item, name, _plain(element))

    return set_first


def _add_author(item: RawItem, element: Element) -> None:
    text = _plain(element)
    if len(element):
        text = next((child.text for child in element if str(child.tag).endswith("name")), None)
    if text and text.strip() and len(item.authors) < _MAX_AUTHORS:
        item.authors.append(text.strip())


def _add_tag(item: RawItem, element: Element) -> None:
    text = element.get("label") or element.get("term") or element.get("text") or _plain(element)
    if text and len(item.tags) < _MAX_TAGS:
        item.tags.append(text.strip())


def _set_source(item: RawItem, element: Element) -> None:
    """RSS ``<source url>Name</source>``; Atom's is a whole feed head with title and links."""
    if len(element) == 0:
        item.credit, item.credit_url = _plain(element), element.get("url") or item.credit_url
        return
    for child in element:
        local = str(child.tag).rpartition("}")[2]
        if local == "title":
            item.credit = item.credit or _plain(child)
        elif local == "link" and child.get("rel", "alternate") == "alternate":
            item.credit_url = item.credit_url or child.get("href")


def _set_image(item: RawItem, element: Element) -> None:
    address = element.get("url") or element.get("href")
    kind = (element.get("type") or element.get("medium") or "").lower()
    if address and item.image is None and (kind.startswith("image") or (not kind and _IMAGE_FILE.match(address))):
        item.image = address.strip()


def _set_thumbnail(item: RawItem, element: Element) -> None:
    item.image = item.image or element.get("url") or element.get("href")


def _set_media_group(item: RawItem, element: Element) -> None:
    for child in element.iter("{*}content", "{*}thumbnail", "{*}description"):
        local = child.tag.rpartition("}")[2]
        _MEDIA[local](item, child)


_MEDIA: dict[str, Setter] = {"content": _set_image, "thumbnail": _set_thumbnail, "description": _first("caption")}


_ITEM: dict[str, Setter] = {
    "guid": _set_guid,
    "id": _set_id,
    "link": _set_link,
    "feedburner:origlink": _first("original_link"),
    "title": _set_title,
    "dc:title": _set_title,
    "description": _set_atom_text("summary"),
    "dc:description": _set_atom_text("summary"),
    "summary": _set_atom_text("summary"),
    "tagline": _set_atom_text("summary"),
    "itunes:summary": _set_atom_text("summary"),
    "content:encoded": _set_atom_text("content"),
    "content": _set_atom_text("content"),
    "xhtml:body": _set_atom_text("content"),
    "body": _set_atom_text("content"),
    "fullitem": _set_atom_text("content"),
    "author": _add_author,
    "dc:creator": _add_author,
    "dc:author": _add_author,
    "itunes:author": _add_author,
    "category": _add_tag,
    "dc:subject": _add_tag,
    "itunes:category": _add_tag,
    "media:category": _add_tag,
    "source": _set_source,
    "dc:source": _first("credit"),
    "dc:language": _first("language"),
    "pubdate": _first("published"),
    "published": _first("published"),
    "issued": _first("published"),
    "dc:date": _first("published"),
    "dcterms:issued": _first("published"),
    "dcterms:created": _first("published"),
    "prism:publicationdate": _first("published"),
    "created": _first("published"),
    "date": _first("published"),
    "updated": _first("updated"),
    "modified": _first("updated"),
    "dcterms:modified": _first("updated"),
    "prism:modificationdate": _first("updated"),
    "enclosure": _set_image,
    "media:content": _set_image,
    "media:group": _set_media_group,
    "media:thumbnail": _set_thumbnail,
    "media:description": _first("caption"),
    "itunes:image": _set_thumbnail,
}


def _read_channel(feed: RawFeed, channel: Element, names: Names, base: str) -> None:
    for child in channel:
        name = names[child.tag]
        if name == "link":
            _channel_link(feed, child, base)
        elif name in {"skiphours", "skipdays"}:
            into = feed.skip_hours if name == "skiphours" else feed.skip_days
            into += [text for grandchild in islice(child, 31) if (text := _plain(grandchild))]
        elif name == "fh:complete":
            feed.complete = True
        elif name in _CHANNEL and getattr(feed, _CHANNEL[name]) is None:
            setattr(feed, _CHANNEL[name], _plain(child))


_CHANNEL = {
    "title": "title",
    "dc:title": "title",
    "language": "language",
    "dc:language": "language",
    "ttl": "ttl",
    "sy:updateperiod": "period",
    "sy:updatefrequency": "frequency",
    "lastbuilddate": "built",
    "updated": "built",
    "modified": "built",
}


def _channel_link(feed: RawFeed, element: Element, base: str) -> None:
    href = element.get("href")
    if href is None:
        feed.link = _plain(element) or feed.link
        return
    rel = element.get("rel", "alternate").lower()
    if rel == "alternate" and element.get("type", "html").lower().find("html") >= 0:
        feed.link = feed.link or join(base, href)
    elif rel == "prev-archive" or (rel == "next" and feed.next_archive is None):
        feed.next_archive = join(base, href)
