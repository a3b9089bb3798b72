"""Feeds of stories: Atom (RFC 4287) and JSON Feed 1.1, one entry a story, its versions as links; the feed list as OPML.

A story is one entry for ever: its id stays, ``updated`` moves. The order is that of the last change, so that readers see
changes. Every filter of the list makes a feed of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from starlette.requests import Request
from starlette.responses import Response

from pipeline.opml import write_opml
from pipeline.serve.index import Card, StoryQuery, stories
from pipeline.serve.web import params
from pipeline.serve.web.answers import answer, json_answer
from pipeline.serve.web.site import Site
from pipeline.serve.web.wording import iso
from pipeline.settings import FeedSettings
from storage.records import Article, Story, Version

ENTRIES = 50
MAX_AGE_S = 60
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HTTP = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+", re.IGNORECASE)


class Syndication:
    def __init__(self, site: Site) -> None:
        self._site = site

    def atom(self, request: Request) -> Response:
        query, entries = self._entries(request)
        body = _atom(_Head.of(self._site.base(request), request, query), entries)
        return answer(request, body, "application/atom+xml; charset=utf-8", max_age_s=MAX_AGE_S)

    def json_feed(self, request: Request) -> Response:
        query, entries = self._entries(request)
        head = _Head.of(self._site.base(request), request, query)
        found = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": head.title,
            "home_page_url": head.home,
            "feed_url": head.self_url,
            "items": [_item(card, story, canonical, head.base) for card, story, canonical in entries],
        }
        response = json_answer(request, found, max_age_s=MAX_AGE_S)
        if response.status_code == 200:
            response.headers["Content-Type"] = "application/feed+json"
        return response

    def opml(self, request: Request) -> Response:
        feeds = (
            FeedSettings(
                url=feed.url, name=feed.name or feed.title, interval_minutes=feed.interval_minutes, http2=feed.http2,
                full_text=feed.full_text,
            )
            for feed in self._site.library.store().feeds.all()
            if feed.active
        )  # fmt: skip
        body = write_opml(feeds).encode()
        disposition = {"Content-Disposition": 'inline; filename="wirefold.opml"'}
        return answer(request, body, "text/x-opml; charset=utf-8", headers=disposition)

    def _entries(self, request: Request) -> "tuple[StoryQuery, list[_Entry]]":
        query = replace(params.story_query(request.query_params), order="changed")
        page = stories(self._site.library.index.reader(), query, limit=ENTRIES)
        store = self._site.library.store()
        found: list[_Entry] = []
        for card in page.cards:
            story = store.stories.get(card.story_id)
            if story is not None and story.story_id == card.story_id:
                found.append((card, story, store.articles.get(story.canonical)))
        return query, found


_Entry = tuple[Card, Story, Article | None]


class _Head:
    """What a feed says of itself. ``id`` is the same on every host: readers must not see the entries twice."""

    def __init__(self, base: str, path: str, filters: str, title: str) -> None:
        self.base = base
        self.home = f"{base}/{filters}"
        self.self_url = f"{base}{path}{filters}"
        self.title = title
        self.id = f"urn:wirefold:stories{filters}"

    @classmethod
    def of(cls, base: str, request: Request, query: StoryQuery) -> "_Head":
        filters = params.query_string(request.query_params, order=None)
        said = [f"“{query.q}”" if query.q else "", query.source, query.agency, query.language]
        named = ", ".join(part for part in said if part)
        return cls(base, request.url.path, filters, f"Stories: {named}" if named else "Stories")


def _item(card: Card, story: Story, canonical: Article | None, base: str) -> dict[str, Any]:
    """JSON Feed has no links to related things: the versions stand in an extension, as its specification asks."""
    page = f"{base}/stories/{story.story_id}"
    item = {
        "id": f"urn:wirefold:story:{story.story_id}",
        "url": canonical.url if canonical and _HTTP.fullmatch(canonical.url) else page,
        "title": story.title or story.story_id,
        "content_text": card.lead or story.title or story.story_id,
        "date_published": iso(card.first_out),
        "date_modified": iso(story.date_updated),
        "authors": [{"name": name} for name in _names(story, canonical)[:1]],
        "tags": list(card.agencies),
        "_wirefold": {
            "page": page,
            "versions": [
                {"url": version.url, "source": version.source, "title": version.title} for version in story.versions
            ],
        },
    }
    if canonical and canonical.language:
        item["language"] = canonical.language
    return item


def _names(story: Story, canonical: Article | None) -> list[str]:
    first = [canonical.source.name or canonical.source.domain] if canonical else []
    return [*first, *story.sources, "unknown"]


def _atom(head: _Head, entries: list[_Entry]) -> bytes:
    out = BytesIO()
    xml = _Xml(out)
    xml.document.startDocument()
    with xml.inside("feed", xmlns="http://www.w3.org/2005/Atom"):
        xml.text("id", head.id)
        xml.text("title", head.title)
        updated = max((story.date_updated for _, story, _ in entries), default=datetime.fromtimestamp(0, UTC))
        xml.text("updated", iso(updated))
        xml.empty("link", rel="self", type="application/atom+xml", href=head.self_url)
        xml.empty("link", rel="alternate", type="text/html", href=head.home)
        with xml.inside("author"):
            xml.text("name", "wirefold")
        xml.text("generator", "wirefold")
        for card, story, canonical in entries:
            _entry(xml, card, story, canonical, head.base)
    xml.document.endDocument()
    return out.getvalue()


def _entry(xml: "_Xml", card: Card, story: Story, canonical: Article | None, base: str) -> None:
    page = f"{base}/stories/{story.story_id}"
    with xml.inside("entry"):
        xml.text("id", f"urn:wirefold:story:{story.story_id}")
        xml.text("title", story.title or story.story_id)
        xml.text("updated", iso(story.date_updated))
        xml.text("published", iso(card.first_out))
        with xml.inside("author"):
            xml.text("name", _names(story, canonical)[0])
        xml.empty("link", rel="alternate", type="text/html", href=page)
        for version in _linked(story):
            title = f"{version.source}: {version.title}" if version.title else version.source
            rel = "via" if version.article_id == story.canonical else "related"
            xml.empty("link", rel=rel, href=version.url, title=title)
        for agency in card.agencies:
            xml.empty("category", term=agency)
        xml.text("summary", card.lead or story.title or story.story_id)


def _linked(story: Story) -> Iterator[Version]:
    """The versions whose addresses can stand in a link, each address once."""
    seen: set[str] = set()
    for version in story.versions:
        if version.url not in seen and _HTTP.fullmatch(version.url):
            seen.add(version.url)
            yield version


class _Xml:
    """XML 1.0: characters that it cannot carry become U+FFFD."""

    def __init__(self, out: BytesIO) -> None:
        self.document = XMLGenerator(out, "utf-8", short_empty_elements=True)

    def inside(self, name: str, **attributes: str) -> "_Element":
        return _Element(self.document, name, attributes)

    def text(self, name: str, text: str) -> None:
        with self.inside(name):
            self.document.characters(_NOT_XML.sub("\ufffd", text))

    def empty(self, name: str, **attributes: str) -> None:
        with self.inside(name, **attributes):
            pass


class _Element:
    def __init__(self, document: XMLGenerator, name: str, attributes: dict[str, str]) -> None:
        self._document, self._name = document, name
        self._attributes = {key: _NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}

    def __enter__(self) -> None:
        self._document.startElement(self._name, AttributesImpl(self._attributes))

    def __exit__(self, *_: object) -> None:
        self._document.endElement(self._name)
        self._document.ignorableWhitespace("\n")
