"""RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, strictly: one pass over an lxml tree (no entities, no network, bounded depth).

Only well-formed documents come here; this is the path that almost every poll takes.
"""

import re
from itertools import islice

from lxml import etree

from pipeline.stages.discover.names import Names
from pipeline.stages.discover.raw import MAX_ENTRIES, RawFeed, RawItem
from pipeline.stages.discover.xml_item import SETTERS, Element, plain
from pipeline.text.urls import join

XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_VERSION = re.compile(r"\s*(\d+)\.?(\d*)")


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
        setter = SETTERS.get(names[child.tag])
        if setter is not None:
            setter(item, child)
    if item.caption and not (item.summary or item.content):
        item.summary = item.caption  # YouTube says what a video is about only here
    feed.items.append(item)


_NO_PARENTS = {"item", "entry", "content"}


def _read_channel(feed: RawFeed, channel: Element, names: Names, base: str) -> None:
    for child in channel:
        name = names[child.tag]
        if name == "link":
            _channel_link(feed, child, base)
        elif name in {"skiphours", "skipdays"}:
            into = feed.skip_hours if name == "skiphours" else feed.skip_days
            into += [text for grandchild in islice(child, 31) if (text := plain(grandchild))]
        elif name == "fh:complete":
            feed.complete = True
        elif name in _CHANNEL and getattr(feed, _CHANNEL[name]) is None:
            setattr(feed, _CHANNEL[name], plain(child))


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
        feed.link = plain(element) or feed.link
        return
    rel = element.get("rel", "alternate").lower()
    if rel == "alternate" and element.get("type", "html").lower().find("html") >= 0:
        feed.link = feed.link or join(base, href)
    elif rel == "prev-archive" or (rel == "next" and feed.next_archive is None):
        feed.next_archive = join(base, href)
