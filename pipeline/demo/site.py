"""All that the small web answers in one of its two states: a table of host and target to resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from pipeline.demo import feeds, pages
from pipeline.demo.library import Article, Publisher, content_folder, load_articles, load_publishers

HEADLINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A representation with the validators that its site sends (RFC 9110 §8.8); None where it sends none."""

    body: bytes
    content_type: str
    etag: str | None = None
    last_modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWeb:
    """``resources``: (host, target) to what is served there; ``articles`` by key, each as it stands in this state."""

    publishers: tuple[Publisher, ...]
    articles: Mapping[str, Article]
    resources: Mapping[tuple[str, str], Resource]


def build_web(start: datetime, corrected_at: datetime | None = None) -> SmallWeb:
    """The web at ``start``, or after the corrections of ``corrected_at``."""
    publishers = load_publishers()
    articles: dict[str, Article] = {}
    resources: dict[tuple[str, str], Resource] = {}
    for publisher in publishers:
        own = load_articles(publisher, start=start, corrected_at=corrected_at)
        articles.update((article.key, article) for article in own)
        resources.update(_site(publisher, own, start))
    return SmallWeb(publishers=publishers, articles=articles, resources=resources)


def target_of(target: str) -> str:
    """A request target without the tracking parameters, which no server looks at."""
    parts = urlsplit(target)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not k.startswith("utm_")]
    return parts.path + (f"?{urlencode(query)}" if query else "")


def _site(publisher: Publisher, articles: tuple[Article, ...], start: datetime) -> dict[tuple[str, str], Resource]:
    out = {"/robots.txt": _resource(publisher, _robots(publisher), "text/plain; charset=utf-8", start)}
    html = f"text/html; charset={publisher.charset}"
    out["/"] = _resource(publisher, pages.render_front(publisher, articles), html, articles[0].updated)
    # The headlines beside an article leave late ones out: they were not there when the page was made.
    settled = [a for a in articles if not a.late]
    for article in articles:
        others = tuple(a for a in settled if a.key != article.key)[:HEADLINES]
        target = article.url.removeprefix(publisher.origin)
        out[target] = _resource(publisher, pages.render_article(article, others), html, article.updated)
    out.update(_feeds(publisher, articles, start))
    out.update(_extras(publisher, start))
    return {(publisher.domain, target): resource for target, resource in out.items()}


def _feeds(publisher: Publisher, articles: tuple[Article, ...], start: datetime) -> dict[str, Resource]:
    out = {}
    for feed in publisher.feeds:
        items = feeds.feed_items(publisher, feed, articles, start)
        body = feeds.render_feed(publisher, feed, items)
        changed = max(item.updated for item in items)
        out[feed.path] = _resource(publisher, body, feeds.CONTENT_TYPES[feed.format], changed)
    return out


def _extras(publisher: Publisher, start: datetime) -> dict[str, Resource]:
    out = {}
    for extra in publisher.extras:
        if extra.file is not None:
            body = (content_folder() / publisher.id / extra.file).read_bytes()
            changed = (start - timedelta(hours=extra.hours_ago)).replace(microsecond=0)
            out[extra.path] = _resource(publisher, body, extra.content_type, changed)
    return out


def _robots(publisher: Publisher) -> bytes:
    rules = "".join(f"Disallow: {path}\n" for path in publisher.disallow) or "Disallow:\n"
    return f"User-agent: *\n{rules}".encode()


def _resource(publisher: Publisher, body: bytes, content_type: str, changed: datetime) -> Resource:
    # Weak, because the same tag stands for the plain and the compressed body.
    tag = f'W/"{sha256(body).hexdigest()[:20]}"' if "etag" in publisher.validators else None
    last_modified = changed.astimezone(UTC).replace(microsecond=0) if "last-modified" in publisher.validators else None
    return Resource(body=body, content_type=content_type, etag=tag, last_modified=last_modified)
