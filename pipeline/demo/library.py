"""Reads the bundled texts: publishers (TOML) and articles (Markdown with TOML front matter), dated from a given moment."""

import tomllib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Literal

import msgspec

FeedFormat = Literal["rss20", "rss10", "atom10", "json11"]


class FeedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed of a publisher. ``sections`` empty: all of them; ``tracking`` is hung on the links as a query."""

    path: str
    format: FeedFormat
    title: str
    sections: tuple[str, ...] = ()
    full_text: bool = False
    tracking: str = ""


class Extra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a feed announces and that is no article. Without ``file`` the server answers 404."""

    path: str
    title: str
    hours_ago: float
    file: str | None = None
    content_type: str = ""


class Publisher(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A site. ``paragraph``, ``interrupt`` and ``closing`` are the HTML around what the texts hold."""

    id: str
    name: str
    domain: str
    language: str
    utc_offset_minutes: int
    article_path: str
    feeds: tuple[FeedFile, ...]
    extras: tuple[Extra, ...] = ()
    direction: str = "ltr"
    charset: str = "utf-8"
    metadata: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    disallow: tuple[str, ...] = ()
    boilerplate: tuple[str, ...] = ()
    paragraph: str = "<p>$text</p>"
    interrupt_after: int = 0
    interrupt: str = ""
    closing: str = '<p class="source">$text</p>'

    @property
    def origin(self) -> str:
        return f"http://{self.domain}"

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(minutes=self.utc_offset_minutes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One revision of one article. ``key`` is ``publisher-id/slug``; ``paragraphs`` are the true body, in plain text."""

    key: str
    slug: str
    number: int
    publisher: Publisher
    title: str
    summary: str
    section: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    paragraphs: tuple[str, ...]
    published: datetime
    updated: datetime
    dateline: str = ""
    closing: tuple[str, ...] = ()
    correction: str = ""
    image_caption: str = ""
    late: bool = False

    @property
    def url(self) -> str:
        local = self.published.astimezone(self.publisher.zone)
        return self.publisher.origin + self.publisher.article_path.format(
            year=local.year,
            month=local.month,
            day=local.day,
            number=self.number,
            slug=self.slug,
            section=self.section.lower(),
        )

    @property
    def text(self) -> str:
        """The true body: paragraphs separated by a newline, without dateline, credits, corrections and boilerplate."""
        return "\n".join(self.paragraphs)


def content_folder() -> Traversable:
    """Where the texts lie, in a checkout and in an installed wheel alike."""
    return files("pipeline.demo") / "content"


def load_publishers() -> tuple[Publisher, ...]:
    """All publishers, by id."""
    folders = [f for f in content_folder().iterdir() if (f / "publisher.toml").is_file()]
    return tuple(_publisher(folder) for folder in sorted(folders, key=lambda f: f.name))


def load_articles(publisher: Publisher, *, start: datetime, corrected_at: datetime | None) -> tuple[Article, ...]:
    """The articles of a publisher as they stand at ``start`` or, with ``corrected_at``, after the corrections: revision 2
    replaces revision 1, and late articles are out, both dated ``corrected_at``. Newest first.
    """
    folder = content_folder() / publisher.id
    stems = {f.name.removesuffix(".md") for f in folder.iterdir() if f.name.endswith(".md")}
    articles = [_article(publisher, stem, stems, start, corrected_at) for stem in sorted(stems) if "." not in stem]
    out = [a for a in articles if corrected_at is not None or not a.late]
    return tuple(sorted(out, key=lambda a: (a.published, a.key), reverse=True))


class _FrontMatter(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What stands above the text of an article. Hours are counted back from the start of the small web."""

    title: str
    summary: str
    section: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    hours_ago: float
    event_hours_ago: float
    dateline: str = ""
    closing: tuple[str, ...] = ()
    correction: str = ""
    image_caption: str = ""
    late: bool = False


def _publisher(folder: Traversable) -> Publisher:
    raw = tomllib.loads((folder / "publisher.toml").read_text("utf-8"))
    return msgspec.convert({"id": folder.name, **raw}, Publisher)


def _article(
    publisher: Publisher, stem: str, stems: set[str], start: datetime, corrected_at: datetime | None
) -> Article:
    revised = corrected_at if f"{stem}.r2" in stems else None
    front, body = _read(publisher, f"{stem}.r2" if revised else stem, start)
    published = corrected_at if front.late and corrected_at else start - timedelta(hours=front.hours_ago)
    key = f"{publisher.id}/{stem}"
    return Article(
        key=key,
        slug=stem,
        number=100_000 + zlib.crc32(key.encode()) % 900_000,
        publisher=publisher,
        title=front.title,
        summary=front.summary,
        section=front.section,
        authors=front.authors,
        tags=front.tags,
        paragraphs=tuple(body.strip().split("\n\n")),
        published=published.replace(microsecond=0),
        updated=(revised or published).replace(microsecond=0),
        dateline=front.dateline,
        closing=front.closing,
        correction=front.correction,
        image_caption=front.image_caption,
        late=front.late,
    )


def _read(publisher: Publisher, stem: str, start: datetime) -> tuple[_FrontMatter, str]:
    """Front matter and body, with the day of the event filled in: the same in every copy, whenever each was published."""
    _, raw, body = (content_folder() / publisher.id / f"{stem}.md").read_text("utf-8").split("+++\n", 2)
    front = msgspec.convert(tomllib.loads(raw), _FrontMatter)
    day = (start - timedelta(hours=front.event_hours_ago)).astimezone(UTC)
    names = calendar_of(publisher.language)
    weekday, month = names.weekdays[day.weekday()], names.months[day.month - 1]
    return front, Template(body).substitute(event_day=weekday, event_date=names.date.format(day=day.day, month=month))


class Calendar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a language names days and months; ``date`` is for texts, ``stamp`` for the line under a headline."""

    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    date: str
    stamp: str


@cache
def _calendars() -> dict[str, Calendar]:
    raw = tomllib.loads((content_folder() / "calendar.toml").read_text("utf-8"))
    return msgspec.convert(raw, dict[str, Calendar])


def calendar_of(language: str) -> Calendar:
    """The calendar for a BCP 47 tag: its own, else that of its primary language."""
    known = _calendars()
    return known.get(language) or known[language.partition("-")[0]]
