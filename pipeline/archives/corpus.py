"""Corpora in JSONL as a source of articles: our own streams, news-please's and fundus's files, or fields a person names.

One record a line. Nothing is fetched and, where the record has a text, nothing extracted; one with only HTML goes through the
extractor like a page.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from pipeline.errors import Drop, Reject
from pipeline.records import Extracted, Page
from pipeline.text import language
from pipeline.text.dates import judge_date
from pipeline.text.urls import clean, is_http, normalise, url_key
from storage.records import Article, Author, Entry, Extraction

RECIPE = "jsonl/1"
PLACES: dict[str, tuple[str, ...]] = {
    "url": ("url", "link", "html.responded_url", "html.requested_url", "uri", "canonical_url"),
    "text": ("content_text", "maintext", "plaintext", "text", "content", "article", "body"),
    "html": ("html.content", "html", "raw_html", "content_html"),
    "title": ("title", "headline", "title_page"),
    "authors": ("authors", "author", "byline"),
    "published": ("date_published", "date_publish", "publishing_date", "published", "pub_date", "date"),
    "modified": ("date_modified", "date_modify", "modified"),
    "taken": ("date_fetched", "date_download", "html.crawl_date", "crawl_date"),
    "summary": ("summary", "description"),
    "section": ("section",),
    "tags": ("tags", "topics", "keywords"),
    "image": ("image", "image_url"),
    "language": ("language", "lang"),
    "source": ("source.name", "source", "publisher", "html.source_info.publisher", "source_domain"),
}
"""Where each field stands in records of ours, news-please, fundus and most others; dots lead into objects. First come, first
served."""
_BREAKS = re.compile(r"\s*\n\s*")
_NOTHING = frozenset({"", "None", "null", "NaT", "nan"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusRecord:
    """An article as a corpus has it: with ``extracted``, with a ``page`` that still is to be, or why it is none.

    ``revision`` is our own streams' number of it, 0 elsewhere.
    """

    entry: Entry
    extracted: Extracted | None = None
    page: Page | None = None
    fate: Drop | None = None
    fetched_at: datetime | None = None
    revision: int = 0


def read_record(line: bytes, places: Mapping[str, str], *, now: datetime, min_words: int = 0) -> CorpusRecord | None:
    """The article in a line; None for lines of our streams that are none (stories, articles that were taken back).

    ``places``: field → path, before the usual ones. Raises Reject("bad_record").
    """
    try:
        row = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Reject("bad_record", f"no JSON: {error}") from None
    if not isinstance(row, dict):
        raise Reject("bad_record", "a line must be a JSON object")
    if _is_ours(row):
        own = _own(row)
        return None if own is None else _of_article(own)
    return _Reader(row, places, now).read(min_words)


def _is_ours(row: dict[str, Any]) -> bool:
    return isinstance(row.get("schema"), str) and row["schema"].startswith("wirefold/")


def _own(row: dict[str, Any]) -> Article | None:
    if row.get("type") != "article" or row.get("status") != "usable":
        return None
    try:
        return msgspec.convert(row, Article)
    except msgspec.ValidationError as error:
        raise Reject("bad_record", str(error)) from None


def _of_article(article: Article) -> CorpusRecord:
    entry = Entry(
        key=url_key(article.url),
        url=article.url,
        feed_url=None,
        entry_id=article.entry_id,
        via="jsonl",
        revision_hash="",
        title=article.title,
        date_published=article.date_published,
        date_published_raw=article.date_published_raw,
        first_seen=article.date_first_seen,
        aliases=tuple(url_key(url) for url in (article.canonical_url,) if url),
    )
    names = (
        "kind", "canonical_url", "title", "authors", "summary", "section", "tags", "image", "language", "date_published",
        "date_published_raw", "date_published_from", "date_modified", "content_text", "credits", "dateline", "extraction",
    )  # fmt: skip
    extracted = Extracted(site_name=article.source.name, **{name: getattr(article, name) for name in names})
    return CorpusRecord(entry=entry, extracted=extracted, fetched_at=article.date_fetched, revision=article.revision)


class _Reader:
    """One record of somebody else's."""

    def __init__(self, row: dict[str, Any], places: Mapping[str, str], now: datetime) -> None:
        self._row = row
        self._places = places
        self._now = now

    def read(self, min_words: int) -> CorpusRecord:
        url = clean(self._text("url") or "")
        if not is_http(url):
            raise Reject("bad_record", "it has no http(s) URL" + ("" if not url else f": {url[:120]}"))
        entry = self._entry(url)
        text = _lines(self._body())
        taken = judge_date(self._text("taken"), fetched_at=self._now).value
        if text:
            if len(text.split()) < min_words:
                return CorpusRecord(entry=entry, fate=Drop("no_article", f"{len(text.split())} words"))
            return CorpusRecord(entry=entry, extracted=self._extracted(entry, text), fetched_at=taken)
        html = self._text("html")
        if not html:
            return CorpusRecord(entry=entry, fate=Drop("no_article", "it has neither text nor HTML"))
        page = Page(
            requested_url=url,
            url=url,
            content_type="text/html; charset=utf-8",
            body=html.encode("utf-8", "replace"),
            fetched_at=taken or self._now,
        )
        return CorpusRecord(entry=entry, page=page, fetched_at=taken)

    def _entry(self, url: str) -> Entry:
        raw = self._text("published")
        judged = judge_date(raw, fetched_at=self._now)
        return Entry(
            key=url_key(url),
            url=normalise(url),
            feed_url=None,
            entry_id=None,
            via="jsonl",
            revision_hash="",
            title=self._text("title"),
            authors=tuple(self._names("authors")),
            summary=self._text("summary"),
            tags=tuple(self._names("tags")),
            image=self._text("image"),
            language=language.normalise_tag(self._text("language")),
            date_published=judged.value,
            date_published_raw=raw,
            date_quality=judged.quality,
            date_modified=judge_date(self._text("modified"), fetched_at=self._now).value,
        )

    def _extracted(self, entry: Entry, text: str) -> Extracted:
        return Extracted(
            kind="article",
            canonical_url=None,
            site_name=self._text("source"),
            title=entry.title,
            authors=tuple(Author(name=name) for name in entry.authors),
            summary=entry.summary,
            section=self._text("section"),
            tags=entry.tags,
            image=entry.image,
            language=entry.language or language.detect(text),
            date_published=entry.date_published,
            date_published_raw=entry.date_published_raw,
            date_published_from="page" if entry.date_published else "none",
            date_modified=entry.date_modified,
            content_text=text,
            credits=(),
            dateline=None,
            extraction=Extraction(method="jsonl", recipe=RECIPE),
        )

    def _find(self, name: str) -> Any:
        own = (self._places[name],) if name in self._places else PLACES[name]
        return next((found for path in own if (found := _at(self._row, path)) not in (None, "", [], {})), None)

    def _text(self, name: str) -> str | None:
        found = self._find(name)
        text = str(found).strip() if isinstance(found, str | int | float) else ""
        return None if text in _NOTHING else text

    def _names(self, name: str) -> list[str]:
        found = self._find(name)
        listed = found if isinstance(found, list) else [found]
        named = [one.get("name") if isinstance(one, dict) else one for one in listed]
        return [one.strip() for one in named if isinstance(one, str) and one.strip() not in _NOTHING]

    def _body(self) -> str:
        found = self._find("text")
        if isinstance(found, str):
            return found
        return "\n".join(_strings(found))


def _at(row: dict[str, Any], path: str) -> Any:
    if path in row:
        return row[path]
    found: Any = row
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _strings(value: Any) -> list[str]:
    """Every text in nested lists and objects, in order (fundus's bodies: summary, sections of headline and paragraphs)."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _strings(one)]


def _lines(text: str) -> str:
    return _BREAKS.sub("\n", text.strip())
