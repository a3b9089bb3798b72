"""The elements of an RSS, RDF or Atom item: one small function for each kind, chosen by the element's name."""

import base64
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from pipeline.stages.discover.raw import RawItem

_RDF_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_IMAGE_FILE = re.compile(r"[^?#]*\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)", re.IGNORECASE)
_HTML_SIGN = re.compile(r"</\w+>|&#?\w+;")
_MAX_AUTHORS = 20
_MAX_TAGS = 50

Element = Any
Setter = Callable[[RawItem, Element], None]


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


def plain(element: Element) -> str | None:
    if len(element):
        return " ".join("".join(element.itertext()).split()) or None
    text = element.text
    return text.strip() or None if text else None


def _set_guid(item: RawItem, element: Element) -> None:
    item.guid = plain(element)
    item.guid_is_link = (element.get("isPermaLink") or element.get("ispermalink") or "true").strip().lower() != "false"


def _set_id(item: RawItem, element: Element) -> None:
    if item.guid is None:
        item.guid = plain(element)


def _set_link(item: RawItem, element: Element) -> None:
    href = element.get("href") or element.get(_RDF_RESOURCE)
    if href is None:
        item.link = plain(element) or item.link  # of several the last, as feedparser and gofeed read it
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
        item.title = _decoded(element) or (plain(element) if len(element) else element.text)


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
            setattr(item, name, plain(element))

    return set_first


def _add_author(item: RawItem, element: Element) -> None:
    text = plain(element)
    if len(element):
        text = next((child.text for child in element if str(child.tag).endswith("name")), None)
    if text and text.strip() and len(item.authors) < _MAX_AUTHORS:
        item.authors.append(text.strip())


def _add_tag(item: RawItem, element: Element) -> None:
    text = element.get("label") or element.get("term") or element.get("text") or plain(element)
    if text and len(item.tags) < _MAX_TAGS:
        item.tags.append(text.strip())


def _set_source(item: RawItem, element: Element) -> None:
    """RSS ``<source url>Name</source>``; Atom's is a whole feed head with title and links."""
    if len(element) == 0:
        item.credit, item.credit_url = plain(element), element.get("url") or item.credit_url
        return
    for child in element:
        local = str(child.tag).rpartition("}")[2]
        if local == "title":
            item.credit = item.credit or plain(child)
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


SETTERS: dict[str, Setter] = {
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
