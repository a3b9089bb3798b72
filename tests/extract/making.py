"""Pages made for tests: our own words in the markup that publishers use."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from pipeline.records import Extracted, Page
from pipeline.settings import ExtractSettings
from pipeline.stages.extract import extract
from storage.records import Entry

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
URL = "https://daily.example/2026/03/09/bridge-reopens"
TITLE = "River bridge reopens after two years of repairs"
STORY = (
    "The old river bridge was opened to traffic again on Monday, two years after floods damaged three of its five piers.",
    "City engineers said that the repairs had cost nine million, a third more than was planned when the work began.",
    "“We have waited for this day through two winters,” said Karim Saleh, who runs a bakery on the eastern bank.",
    "Buses will use the crossing from Thursday, and lorries of more than twelve tonnes stay on the ring road until May.",
    "The council is to decide next month whether a second bridge should be built further down the river.",
)


def paragraphs(lines: Sequence[str] = STORY) -> str:
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines)


def html(
    body: str = "",
    *,
    title: str = TITLE,
    head: str = "",
    lang: str | None = "en",
    before: str = "",
    after: str = "",
    charset: str | None = "utf-8",
    heading: bool = True,
) -> str:
    """A whole page: menu, article with headline and ``body``, footer. ``before``/``after``: within the article."""
    declared = f'<meta charset="{charset}">' if charset else ""
    return (
        f"<!doctype html><html{f' lang={lang}' if lang else ''}><head>{declared}<title>{title} | Daily Example</title>{head}</head>"
        '<body><header><a class="logo" href="/">Daily Example</a><nav><ul><li><a href="/world">World</a></li>'
        '<li><a href="/city">City</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>'
        f"<main><article>{f'<h1>{title}</h1>' if heading else ''}{before}"
        f'<div class="article-body">{body or paragraphs()}</div>{after}</article></main>'
        "<footer><p>Daily Example, 12 Quay Street. All rights reserved.</p></footer></body></html>"
    )


def page(text: str | bytes, *, url: str = URL, content_type: str = "text/html", **fields: Any) -> Page:
    body = text if isinstance(text, bytes) else text.encode()
    return Page(requested_url=url, url=url, content_type=content_type, body=body, fetched_at=NOW, **fields)


def entry(**fields: Any) -> Entry:
    return Entry(
        **{
            "key": "daily.example/2026/03/09/bridge-reopens",
            "url": URL,
            "feed_url": "https://daily.example/feed",
            "entry_id": None,
            "via": "feed",
            "revision_hash": "0",
            **fields,
        }
    )


def read(text: str | bytes, *, quality: str = "standard", announced: Entry | None = None, **fields: Any) -> Extracted:
    return extract(page(text, **fields), announced, ExtractSettings(quality=quality))  # type: ignore[arg-type]


def credited(found: Extracted, role: str) -> list[str]:
    return [credit.name for credit in found.credits if credit.role == role]
