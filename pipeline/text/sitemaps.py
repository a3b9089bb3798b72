"""Sitemaps (sitemaps.org 0.9) with the news and image extensions of Google: pure, streaming, bounded."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

from lxml import etree

from pipeline.text.urls import clean, is_http, join

MAX_LOCATIONS = 50_000
"""The protocol's own limit for one file, of URLs and of child sitemaps."""

MAX_BYTES = 64 * 1024 * 1024
"""The protocol's limit is 50 MiB uncompressed."""

GZIP = b"\x1f\x8b"
_LINE_URL = re.compile(rb"https?://\S+\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One ``<url>``. ``news`` is true for entries of the news extension; the texts are as they stand in the file."""

    url: str
    lastmod: str | None = None
    news: bool = False
    title: str | None = None
    published: str | None = None
    publication: str | None = None
    language: str | None = None
    image: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One ``<sitemap>`` of an index."""

    url: str
    lastmod: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapFile:
    """A parsed file. ``dropped`` counts what carries no http(s) URL and what lies beyond the limits; ``complete`` is False
    where the document ended early or broke (what stood before is kept).
    """

    kind: Literal["urlset", "index", "news", "text"]
    locations: tuple[Location, ...] = ()
    children: tuple[Child, ...] = ()
    dropped: int = 0
    complete: bool = True


def read_sitemap(body: bytes, *, url: str, limit: int = MAX_LOCATIONS) -> SitemapFile | None:
    """The sitemap in ``body`` (XML or plain text, gzipped or not); None if it is none."""
    if body.startswith(GZIP):
        body = gunzipped(body)
    body = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if _LINE_URL.match(body):
        return _from_lines(body, limit)
    return _Reader(url, limit).read(body)


def gunzipped(body: bytes) -> bytes:
    """At most ``MAX_BYTES`` of a gzip body, also of a truncated one; several members are read as one file."""
    parts: list[bytes] = []
    room = MAX_BYTES
    while body.startswith(GZIP) and room > 0:
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(body, room))
        except zlib.error:
            break
        room -= len(parts[-1])
        body = member.unused_data
    return b"".join(parts)


def _from_lines(body: bytes, limit: int) -> SitemapFile | None:
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines() if line.strip()]
    found = [line for line in lines if is_http(line)]
    if len(found) * 2 < len(lines):
        return None
    kept = tuple(Location(url=line) for line in found[:limit])
    return SitemapFile(kind="text", locations=kept, dropped=len(lines) - len(kept))


class _Reader:
    """Reads events as they come and frees each element after use: memory does not grow with the file."""

    def __init__(self, url: str, limit: int) -> None:
        self.url = url
        self.limit = limit
        self.root: str | None = None
        self.locations: list[Location] = []
        self.children: list[Child] = []
        self.dropped = 0
        self.complete = True

    def read(self, body: bytes) -> SitemapFile | None:
        try:
            for element in self._elements(body):
                self._take(element)
        except etree.XMLSyntaxError:
            self.complete = False
        if self.root not in {"urlset", "sitemapindex"}:
            return None
        news = any(location.news for location in self.locations)
        kind: Literal["urlset", "index", "news"] = (
            "index" if self.root == "sitemapindex" else "news" if news else "urlset"
        )
        return SitemapFile(
            kind=kind,
            locations=tuple(self.locations),
            children=tuple(self.children),
            dropped=self.dropped,
            complete=self.complete,
        )

    def _elements(self, body: bytes) -> Iterator[Any]:
        # recover: a stray `&` in one URL must not cost the other 49,999; what is lost shows as dropped.
        events = etree.iterparse(
            BytesIO(body),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            recover=True,
        )
        for event, element in events:
            name = _local(element)
            if event == "start":
                self.root = self.root or name
                if self.root not in {"urlset", "sitemapindex"}:
                    return
            elif name in {"url", "sitemap"} and element.getparent() is not None:
                yield element
                parent = element.getparent()
                element.clear()
                while element.getprevious() is not None:
                    del parent[0]

    def _take(self, element: Any) -> None:
        found: dict[str, str] = {}
        keywords: tuple[str, ...] = ()
        for child in element.iter():
            name, text = _local(child), (child.text or "").strip()
            if name == "keywords":
                keywords = tuple(word.strip() for word in text.split(",") if word.strip())[:50]
            elif name and text:  # no name: a reference that was not expanded
                found.setdefault(_qualified(child, name), text)
        location = join(self.url, clean(found.get("loc", "")))
        if not found.get("loc") or not is_http(location) or len(self.locations) + len(self.children) >= self.limit:
            self.dropped += 1
        elif self.root == "sitemapindex":
            self.children.append(Child(url=location, lastmod=found.get("lastmod")))
        else:
            self.locations.append(_location(location, found, keywords))


def _location(url: str, found: dict[str, str], keywords: tuple[str, ...]) -> Location:
    return Location(
        url=url,
        lastmod=found.get("lastmod"),
        news="news:publication_date" in found or "news:title" in found,
        title=found.get("news:title"),
        published=found.get("news:publication_date"),
        publication=found.get("news:name"),
        language=found.get("news:language"),
        image=found.get("image:loc"),
        keywords=keywords,
    )


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _qualified(element: Any, name: str) -> str:
    if "sitemap-news" in element.tag:
        return "news:" + name
    return "image:" + name if "sitemap-image" in element.tag else name
