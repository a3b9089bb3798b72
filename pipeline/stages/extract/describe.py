"""The small facts: site, canonical, section, tags, image, summary, declared languages (pure)."""

import re
from collections.abc import Iterable
from html import unescape

from pipeline.records import Page
from pipeline.stages.extract.body import html_to_lines
from pipeline.stages.extract.document import collapse
from pipeline.stages.extract.structured import Declared, all_texts, first_text
from pipeline.text.agencies import agency_of
from pipeline.text.urls import is_home_page, is_http, join, site_of
from storage.records import Entry

_MAX_TAGS = 30
_MAX_SUMMARY = 1000
_TAG_SPLIT = re.compile(r"\s*[,;|،、，]\s*")


def site_name(declared: Declared) -> str | None:
    """``og:site_name``, else the publisher in JSON-LD unless that is an agency whose text the site carries."""
    publisher = first_text(declared.article.get("publisher"))
    candidates = (
        declared.first("og:site_name"),
        None if publisher and agency_of(publisher) else publisher,
        next(
            (
                name
                for node in declared.nodes
                if node.get("@type") == "WebSite" and (name := first_text(node.get("name")))
            ),
            None,
        ),
        declared.first("application-name", "apple-mobile-web-app-title", "twitter:app:name:iphone"),
        publisher,
    )
    return next((name[:120] for name in candidates if name and "://" not in name), None)


def canonical(declared: Declared, url: str) -> str | None:
    """The declared canonical of the same site (another site's is a credit); none if it is a home page or no
    address.
    """
    for href in (declared.canonical, declared.first("og:url")):
        target = join(url, href) if href else ""
        if not is_http(target) or site_of(target) != site_of(url):
            continue
        if is_home_page(target) and not is_home_page(url):
            continue  # a template's mistake: every page would be one article
        return target
    return None


def section(declared: Declared) -> str | None:
    candidates = (
        declared.first("article:section"), first_text(declared.article.get("articleSection")),
        declared.first("parsely-section"),
        declared.item("articlesection"), declared.first("section", "og:section", "cxenseparse:recs:category"),
    )  # fmt: skip
    return next((unescape(name)[:80] for name in candidates if name and "://" not in name), None)


def tags(declared: Declared, entry: Entry | None) -> tuple[str, ...]:
    """``article:tag``, else keywords; then the feed's own."""
    found: dict[str, str] = {}
    words = declared.meta.get("article:tag") or [
        *declared.meta.get("news_keywords", ()), *all_texts(declared.article.get("keywords")),
        *declared.meta.get("keywords", ()),
    ]  # fmt: skip
    for tag in (*_split(words), *(entry.tags if entry else ())):
        if 1 < len(tag) <= 60:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:_MAX_TAGS]


def _split(texts: Iterable[str]) -> list[str]:
    return [unescape(tag) for text in texts for tag in _TAG_SPLIT.split(text) if tag]


def image(declared: Declared, url: str, entry: Entry | None) -> str | None:
    node = declared.article.get("image") or declared.article.get("thumbnailUrl")
    in_json = first_text(node.get("url") or node.get("contentUrl")) if isinstance(node, dict) else first_image(node)
    candidates = (declared.first("og:image", "og:image:url", "og:image:secure_url"), in_json,
                  declared.first("twitter:image", "twitter:image:src"),
                  entry.image if entry else None)  # fmt: skip
    for candidate in candidates:
        target = join(url, candidate) if candidate else ""
        if is_http(target):
            return target
    return None


def first_image(node: object) -> str | None:
    if isinstance(node, list) and node:
        head = node[0]
        return first_text(head.get("url") or head.get("contentUrl")) if isinstance(head, dict) else first_text(head)
    return first_text(node)


def summary(declared: Declared, entry: Entry | None) -> str | None:
    """The page's own description, else the feed's as plain text."""
    text = declared.first("og:description", "description", "twitter:description", "dc.description") or declared.of(
        "description"
    )
    if not text and entry and entry.summary:
        text = " ".join(html_to_lines(entry.summary))
    return collapse(unescape(text))[:_MAX_SUMMARY] or None if text else None


def languages(declared: Declared, page: Page, entry: Entry | None) -> tuple[str | None, ...]:
    """Declarations in order of trust: the article's own, the document's, the transport's, the feed's."""
    return (
        declared.of("inLanguage") or declared.item("inlanguage"),
        declared.language,
        declared.first("og:locale"),
        declared.first("content-language", "language", "dc.language"),
        page.headers.get("content-language"),
        entry.language if entry else None,
    )
