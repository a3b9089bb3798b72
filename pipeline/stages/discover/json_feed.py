"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), and what publishers make of it."""

import html
import json
from typing import Any

from pipeline.stages.discover.raw import MAX_ENTRIES, RawFeed, RawItem


def read_json(text: str, url: str) -> RawFeed | None:
    """The feed in ``text``; None if it is no JSON or not a feed."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    version = _text(document.get("version")) or ""
    items = [item for item in document["items"] if isinstance(item, dict)]
    if "jsonfeed" not in version and not any("url" in item or "id" in item for item in items):
        return None
    return RawFeed(
        format="json10" if version.rstrip("/").endswith("/1") else "json11",
        parser="json",
        title=_text(document.get("title")),
        link=_text(document.get("home_page_url")),
        language=_text(document.get("language")),
        items=[_item(item, url) for item in items[:MAX_ENTRIES]],
        total=len(items),
        next_archive=_text(document.get("next_url")),
    )


def _item(item: dict[str, Any], url: str) -> RawItem:
    plain = _text(item.get("content_text"))
    summary = _text(item.get("summary"))
    identity = _text(item.get("id"))
    return RawItem(
        guid=identity,
        guid_is_link=bool(identity and identity.startswith(("http://", "https://"))),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        title_is_text=True,
        summary=html.escape(summary, quote=False) if summary else None,
        content=_text(item.get("content_html")) or (html.escape(plain, quote=False) if plain else None),
        authors=_authors(item),
        tags=[tag for tag in _list(item.get("tags")) if isinstance(tag, str)][:50],
        image=_text(item.get("image")) or _text(item.get("banner_image")),
        language=_text(item.get("language")),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        base=url,
    )


def _authors(item: dict[str, Any]) -> list[str]:
    people = [*_list(item.get("authors")), item.get("author")]
    return [name for person in people if isinstance(person, dict) and (name := _text(person.get("name")))][:20]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    """Strings; and numbers, which the format's own text asks readers to accept as ids."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
