"""Writes a publisher's feed in its format: RSS 2.0, RSS 1.0 (RDF), Atom 1.0, JSON Feed 1.1."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from pipeline.demo.library import Article, FeedFile, Publisher
from pipeline.demo.pages import article_body

CONTENT_TYPES = {
    "rss20": "application/rss+xml; charset=utf-8",
    "rss10": "application/rdf+xml; charset=utf-8",
    "atom10": "application/atom+xml; charset=utf-8",
    "json11": "application/feed+json; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every format announces of an article, or of what is none. ``link`` may carry tracking parameters."""

    link: str
    guid: str
    title: str
    published: datetime
    updated: datetime
    summary: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    content_html: str = ""


def feed_items(
    publisher: Publisher, feed: FeedFile, articles: tuple[Article, ...], start: datetime
) -> tuple[Item, ...]:
    """What this feed announces, newest first; extras only where all sections are."""
    items = [_item(a, feed) for a in articles if not feed.sections or a.section in feed.sections]
    if not feed.sections:
        items += [_extra(publisher, feed, n, start) for n in range(len(publisher.extras))]
    return tuple(sorted(items, key=lambda item: (item.published, item.guid), reverse=True))


def render_feed(publisher: Publisher, feed: FeedFile, items: tuple[Item, ...]) -> bytes:
    """The document, UTF-8. Nothing in it depends on when it is asked for, so that validators hold."""
    writers = {"rss20": _rss20, "rss10": _rss10, "atom10": _atom10, "json11": _json11}
    return writers[feed.format](publisher, feed, items).encode()


def _tracked(url: str, feed: FeedFile) -> str:
    if not feed.tracking:
        return url
    return f"{url}{'&' if '?' in url else '?'}{feed.tracking}"


def _item(article: Article, feed: FeedFile) -> Item:
    zone = article.publisher.zone
    return Item(
        link=_tracked(article.url, feed),
        guid=f"tag:{article.publisher.domain},2019:{article.number}",
        title=article.title,
        published=article.published.astimezone(zone),
        updated=article.updated.astimezone(zone),
        summary=article.summary,
        authors=article.authors,
        section=article.section,
        content_html=article_body(article, interrupted=False) if feed.full_text else "",
    )


def _extra(publisher: Publisher, feed: FeedFile, n: int, start: datetime) -> Item:
    extra = publisher.extras[n]
    at = (start - timedelta(hours=extra.hours_ago)).replace(microsecond=0).astimezone(publisher.zone)
    return Item(
        link=_tracked(publisher.origin + extra.path, feed),
        guid=f"tag:{publisher.domain},2019:extra-{n}",
        title=extra.title,
        published=at,
        updated=at,
    )


def _element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(text, quote=False)}</{name}>" if text else ""


def _rss20(publisher: Publisher, feed: FeedFile, items: tuple[Item, ...]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"{_element('title', feed.title)}\n{_element('link', publisher.origin + '/')}\n"
        f"{_element('description', publisher.name)}\n{_element('language', publisher.language)}\n<ttl>30</ttl>\n"
        f'<atom:link href="{publisher.origin}{escape(feed.path)}" rel="self" type="application/rss+xml"/>\n'
        + "".join(_rss20_item(item) for item in items)
        + "</channel>\n</rss>\n"
    )


def _rss20_item(item: Item) -> str:
    parts = [
        _element("title", item.title),
        _element("link", item.link),
        _element("guid", item.guid, ' isPermaLink="false"'),
        _element("pubDate", format_datetime(item.published)),
        *(_element("dc:creator", author) for author in item.authors),
        _element("category", item.section),
        _element("description", item.summary),
        _element("content:encoded", item.content_html),
    ]
    return "<item>\n" + "\n".join(part for part in parts if part) + "\n</item>\n"


def _rss10(publisher: Publisher, feed: FeedFile, items: tuple[Item, ...]) -> str:
    about = escape(publisher.origin + feed.path)
    order = "".join(f'<rdf:li rdf:resource="{escape(item.link)}"/>' for item in items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xml:lang="{publisher.language}">\n<channel rdf:about="{about}">\n{_element("title", feed.title)}\n'
        f"{_element('link', publisher.origin + '/')}\n{_element('description', publisher.name)}\n"
        f"{_element('dc:language', publisher.language)}\n<items><rdf:Seq>{order}</rdf:Seq></items>\n</channel>\n"
        + "".join(_rss10_item(item) for item in items)
        + "</rdf:RDF>\n"
    )


def _rss10_item(item: Item) -> str:
    parts = [
        _element("title", item.title),
        _element("link", item.link),
        _element("description", item.summary),
        _element("dc:creator", ", ".join(item.authors)),
        _element("dc:subject", item.section),
        _element("dc:date", item.published.isoformat()),
    ]
    return f'<item rdf:about="{escape(item.link)}">\n' + "\n".join(part for part in parts if part) + "\n</item>\n"


def _atom10(publisher: Publisher, feed: FeedFile, items: tuple[Item, ...]) -> str:
    updated = max(item.updated for item in items).isoformat()
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{publisher.language}">\n'
        f"{_element('title', feed.title)}\n{_element('id', publisher.origin + '/')}\n{_element('updated', updated)}\n"
        f'<link rel="self" href="{escape(publisher.origin + feed.path)}"/>\n'
        f'<link rel="alternate" href="{publisher.origin}/"/>\n'
        f"<author><name>{escape(publisher.name)}</name></author>\n"
        + "".join(_atom10_entry(item) for item in items)
        + "</feed>\n"
    )


def _atom10_entry(item: Item) -> str:
    parts = [
        _element("title", item.title),
        _element("id", item.guid),
        f'<link rel="alternate" type="text/html" href="{escape(item.link)}"/>',
        _element("published", item.published.isoformat()),
        _element("updated", item.updated.isoformat()),
        *(f"<author><name>{escape(author)}</name></author>" for author in item.authors),
        f'<category term="{escape(item.section)}"/>' if item.section else "",
        _element("summary", item.summary),
        _element("content", item.content_html, ' type="html"'),
    ]
    return "<entry>\n" + "\n".join(part for part in parts if part) + "\n</entry>\n"


def _json11(publisher: Publisher, feed: FeedFile, items: tuple[Item, ...]) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": f"{publisher.origin}/",
        "feed_url": publisher.origin + feed.path,
        "language": publisher.language,
        "items": [_json11_item(item) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _json11_item(item: Item) -> dict[str, object]:
    # JSON Feed 1.1 asks for one of content_html and content_text in every item.
    body = {"content_html": item.content_html} if item.content_html else {"content_text": item.summary}
    return {
        "id": item.guid,
        "url": item.link,
        "title": item.title,
        "summary": item.summary,
        "date_published": item.published.isoformat(),
        "date_modified": item.updated.isoformat(),
        "authors": [{"name": author} for author in item.authors],
        "tags": [item.section],
        **body,
    }
