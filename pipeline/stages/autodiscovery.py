"""Where a site's feeds might be (pure): what the page declares, what its service is known for, what it links to, what sites
usually have. The order is that of Miniflux's finder and MediaCloud's feed_seeker, the declared ones first.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from lxml import etree, html

from pipeline.records import ParsedFeed
from pipeline.text.urls import is_http, join, normalise, site_of

Tier = Literal["declared", "service", "linked", "guessed"]

MAX_CANDIDATES = 60
_TYPES = re.compile(
    r"application/(?:(?:rss|atom|rdf|feed)\+(?:xml|json)|rss|atom|xml|json)|text/(?:rss(?:\+xml)?|xml)", re.IGNORECASE
)
_CERTAIN_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)", re.IGNORECASE)
_FEED_HREF = re.compile(
    r"(?:^|[/._=?&-])(?:rss|atom|feeds?|rdf|syndication)(?:[/._=?&-]|\d|$)|\.(?:rss|rdf|atom)(?:$|\?)|/index\.xml$|news-sitemap",
    re.IGNORECASE,
)
_FEED_TEXT = re.compile(r"\b(?:rss|atom|xml|news ?feed|feed)\b|خلاصات|آر ?اس ?اس", re.IGNORECASE)
_NOT_A_FEED = re.compile(
    r"\.(?:html?|css|js|png|jpe?g|gif|svg|pdf|mp3|mp4|zip)$|feedback|/newsfeed/?$|javascript:|mailto:", re.IGNORECASE
)
_ASIDE = re.compile(r"comment|respon|kommentar|oembed|wp-json|podcast|/author/|/tag/|xmlrpc|opensearch", re.IGNORECASE)
_GUESSES = (
    "feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/posts/default", "rss/", "feed.json",
    "rss/index.xml", "?feed=rss2", "feeds/rss.xml", "arc/outboundfeeds/rss/?outputType=xml", "news-sitemap.xml",
    "sitemap-news.xml", "sitemap_news.xml", "index.rdf", "rssfeed", "feeds", "feed/atom",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a feed. ``aside``: a feed of comments, a tag, an author; not what a reader of the site wants."""

    url: str
    tier: Tier
    title: str | None = None
    aside: bool = False


def candidates(page: bytes, url: str) -> tuple[Candidate, ...]:
    """Addresses to try, best first, each once. ``page``: the HTML found at ``url`` (empty if there was none)."""
    document = _document(page)
    base = _base(document, url)
    found = [*_declared(document, base), *_services(document, url), *_linked(document, base), *_guessed(url)]
    found = [one for one in found if is_http(one.url)]
    order = {tier: rank for rank, tier in enumerate(("declared", "service", "linked", "guessed"))}
    found.sort(key=lambda one: (one.aside and one.tier != "declared", order[one.tier], one.aside))
    first: dict[str, Candidate] = {}
    for one in found:
        first.setdefault(one.url, one)
    return tuple(first.values())[:MAX_CANDIDATES]


def best_first(found: Iterable[tuple[Candidate, ParsedFeed]]) -> list[tuple[Candidate, ParsedFeed]]:
    """Candidates that proved to be feeds, the one for a reader of the whole site first: not aside, declared, more entries.

    Two addresses with the same entries are one feed: the first of them stays.
    """
    kept: list[tuple[Candidate, ParsedFeed]] = []
    seen: set[tuple[str, ...]] = set()
    for candidate, feed in sorted(found, key=_merit):
        keys = tuple(sorted(entry.key for entry in feed.entries))
        if not keys or keys not in seen:
            seen.add(keys)
            kept.append((candidate, feed))
    return kept


def _merit(one: tuple[Candidate, ParsedFeed]) -> tuple[bool, bool, int, int]:
    candidate, feed = one
    tier = ("declared", "service", "linked", "guessed").index(candidate.tier)
    return (not feed.entries, candidate.aside, tier, -len(feed.entries))


def _document(page: bytes) -> Any:
    parser = html.HTMLParser(encoding=None, no_network=True, remove_comments=True, huge_tree=False)
    try:
        return html.document_fromstring(page or b"<html/>", parser=parser)
    except (etree.LxmlError, ValueError):
        return html.document_fromstring(b"<html/>")


def _base(document: Any, url: str) -> str:
    href = next((element.get("href") for element in document.iter("base") if element.get("href")), "")
    base = join(url, href)
    return base if is_http(base) else url


def _declared(document: Any, base: str) -> Iterator[Candidate]:
    """``<link rel="alternate" type="application/rss+xml">`` in document order (RSS autodiscovery, rssboard.org)."""
    for element in document.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").partition(";")[0].strip()
        href = (element.get("href") or "").strip()
        if not href or not _is_declared(relations, kind, href):
            continue
        title = " ".join((element.get("title") or "").split()) or None
        yield Candidate(url=_url(base, href), tier="declared", title=title, aside=_is_aside(f"{title} {href}"))


def _is_declared(relations: Sequence[str], kind: str, href: str) -> bool:
    if "feed" in relations:
        return True
    if "alternate" not in relations or "stylesheet" in relations:
        return False
    return bool(_CERTAIN_TYPES.fullmatch(kind) or (_TYPES.fullmatch(kind) and _FEED_HREF.search(href)))


def _url(base: str, href: str) -> str:
    href = re.sub(r"^feed:(?=https?:)", "", href)
    return normalise(join(base, re.sub(r"^feed://", "http://", href)))


def _is_aside(text: str) -> bool:
    return _ASIDE.search(text) is not None


def _linked(document: Any, base: str) -> Iterator[Candidate]:
    """Links that look or read like feeds; those of the site itself first."""
    site = site_of(base)
    foreign = []
    for element in document.iter("a", "area"):
        href = (element.get("href") or "").strip()
        if not href or _NOT_A_FEED.search(href.partition("?")[0]):
            continue
        text = " ".join(f"{element.get('title') or ''} {''.join(element.itertext())}".split())[:80]
        if not (_FEED_HREF.search(href) or (_FEED_TEXT.search(text) and len(text) < 30)):
            continue
        found = Candidate(url=_url(base, href), tier="linked", title=text or None, aside=_is_aside(f"{text} {href}"))
        if site_of(found.url) == site or "feed" in found.url:
            yield found
        else:
            foreign.append(found)
    yield from foreign


def _services(document: Any, url: str) -> Iterator[Candidate]:
    """Services whose feeds follow from the address, or from an id in the page."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")
    for pattern, template in _SERVICES:
        found = pattern.fullmatch(host + path)
        if found:
            yield Candidate(url=template.format(*found.groups()), tier="service")
    if host in {"youtube.com", "m.youtube.com"}:
        channel = next(
            (meta.get("content") for meta in document.iter("meta") if meta.get("itemprop") == "identifier"), None
        )
        if channel:
            yield Candidate(url=f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}", tier="service")


_SERVICES = tuple(
    (re.compile(pattern), template)
    for pattern, template in (
        (r"(?:m\.)?youtube\.com/channel/([\w-]+).*", "https://www.youtube.com/feeds/videos.xml?channel_id={0}"),
        (r"(?:old\.)?reddit\.com/(r|user)/([\w-]+).*", "https://www.reddit.com/{0}/{1}/.rss"),
        (r"github\.com/([\w.-]+)/([\w.-]+).*", "https://github.com/{0}/{1}/releases.atom"),
        (r"medium\.com/(@?[\w-]+).*", "https://medium.com/feed/{0}"),
        (r"([\w-]+\.medium\.com).*", "https://{0}/feed"),
        (r"([\w-]+\.substack\.com).*", "https://{0}/feed"),
        (r"([\w-]+\.(?:blogspot|blogger)\.com).*", "https://{0}/feeds/posts/default"),
        (r"([\w-]+\.wordpress\.com).*", "https://{0}/feed/"),
        (r"([\w-]+\.tumblr\.com).*", "https://{0}/rss"),
        (r"(mastodon\.[\w.]+)/(@\w+).*", "https://{0}/{1}.rss"),
        (r"bsky\.app/profile/([\w.:-]+).*", "https://bsky.app/profile/{0}/rss"),
    )
)


def _guessed(url: str) -> Iterator[Candidate]:
    """The usual places, under the page's own folder (``/en/``) first if it has one, then at the root of the host."""
    parts = urlsplit(url)
    if not parts.hostname:
        return
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = parts.path if parts.path.endswith("/") else parts.path + "/"
    # A file is no folder: /index.html/feed is nobody's feed.
    own = join(root, folder) if folder != "/" and "." not in parts.path.rpartition("/")[2] else None
    for guess in _GUESSES[:4] if own else ():
        yield Candidate(url=normalise(f"{own}{guess}"), tier="guessed")
    for guess in _GUESSES:
        yield Candidate(url=normalise(root + guess), tier="guessed")
