"""An Atom feed (RFC 4287) of the stories, newest change first: the canonical version as the link, the others as related."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import BinaryIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from storage.errors import StoreError
from storage.export.rows import Kind
from storage.records import Article, Story
from storage.store import Store

NAMESPACE = "http://www.w3.org/2005/Atom"
SUMMARY_CHARACTERS = 500
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_atom(
    store: Store, kind: Kind, out: BinaryIO, progress: Callable[[int], None], limit: int | None = None
) -> int:
    """One entry a story. ``limit``: only so many, the ones that changed last."""
    if kind != "stories":
        raise StoreError("an Atom feed is of stories; articles go as jsonl, csv or parquet")
    newest = next(store.stories.latest(1), None)
    feed = _Feed(out)
    feed.begin(newest.date_updated if newest else datetime.fromtimestamp(0, UTC))
    number = 0
    for number, story in enumerate(store.stories.latest(limit), 1):
        feed.entry(story, store.articles.get(story.canonical))
        progress(number)
    feed.end()
    return number


class _Feed:
    def __init__(self, out: BinaryIO) -> None:
        self._xml = XMLGenerator(out, "utf-8", short_empty_elements=True)

    def begin(self, updated: datetime) -> None:
        self._xml.startDocument()
        self._xml.startElement("feed", AttributesImpl({"xmlns": NAMESPACE}))
        self._element("id", "urn:wirefold:stories")
        self._element("title", "Stories")
        self._element("updated", _rfc3339(updated))
        self._person("wirefold")

    def end(self) -> None:
        self._xml.endElement("feed")
        self._xml.ignorableWhitespace("\n")
        self._xml.endDocument()

    def entry(self, story: Story, canonical: Article | None) -> None:
        self._xml.ignorableWhitespace("\n")
        self._xml.startElement("entry", AttributesImpl({}))
        self._element("id", f"urn:wirefold:story:{story.story_id}")
        self._element("title", story.title or story.story_id)
        self._element("updated", _rfc3339(story.date_updated))
        if story.date_first_published:
            self._element("published", _rfc3339(story.date_first_published))
        self._person(next(iter(_names(story, canonical))))
        if canonical:
            self._empty("link", rel="alternate", href=canonical.url)
            self._element("summary", canonical.summary or canonical.content_text[:SUMMARY_CHARACTERS])
        for version in story.versions:
            if version.article_id != story.canonical:
                self._empty("link", rel="related", href=version.url, title=f"{version.source}: {version.title or ''}")
        self._xml.endElement("entry")

    def _person(self, name: str) -> None:
        self._xml.startElement("author", AttributesImpl({}))
        self._element("name", name)
        self._xml.endElement("author")

    def _element(self, name: str, text: str) -> None:
        self._xml.startElement(name, AttributesImpl({}))
        self._xml.characters(_NOT_XML.sub("\ufffd", text))
        self._xml.endElement(name)

    def _empty(self, name: str, **attributes: str) -> None:
        cleaned = {key: _NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}
        self._xml.startElement(name, AttributesImpl(cleaned))
        self._xml.endElement(name)


def _names(story: Story, canonical: Article | None) -> Iterable[str]:
    if canonical:
        yield canonical.source.name or canonical.source.domain
    yield from story.sources
    yield "unknown"


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
