"""From the fields of a document to entries: identity, dates that can be believed, text without markup."""

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.records import ParsedFeed
from pipeline.stages.discover.hints import read_hints
from pipeline.stages.discover.identity import Identified, identify
from pipeline.stages.discover.raw import RawFeed, RawItem
from pipeline.stages.discover.revision import revision_hash
from pipeline.text.dates import JudgedDate, judge_date
from pipeline.text.markup import plain_text, plain_title
from pipeline.text.urls import is_http, join, normalise, site_of
from storage.records import Entry

MAX_TITLE = 500
MAX_SUMMARY = 2000
_MAX_SUMMARY_HTML = 8 * MAX_SUMMARY
MAX_CONTENT = 1_000_000
"""Characters of HTML; the longest content among 99 real feeds has under 400,000. A longer one is left out, not cut."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_MAIL_AND_NAME = re.compile(r"\S+@\S+\s*\(([^()]+)\)")
_MAIL = re.compile(r"<?\S+@\S+\.\S+>?")
_CONSTANT_FROM = 5
_BUILD_SLACK = timedelta(minutes=10)


def build(feed: RawFeed, *, url: str, fetched_at: datetime) -> ParsedFeed:
    """The feed as the steps know it. ``url``: the subscribed address, stored with every entry."""
    identified = identify(feed, url)
    site_url = join(url, feed.link) if feed.link else None
    site = site_of(site_url or url)
    entries = [_entry(one, feed, url, site, fetched_at) for one in identified]
    entries = _without_build_dates(feed, entries, fetched_at)
    repeated = len(feed.items) - len(identified) if "repeated_items" in feed.warnings else 0
    return ParsedFeed(
        format=feed.format,
        parser=feed.parser,
        title=(plain_title(feed.title)[:MAX_TITLE] or None) if feed.title else None,
        site_url=normalise(site_url) if site_url and is_http(site_url) else None,
        language=language_tag(feed.language),
        entries=tuple(entries),
        hints=read_hints(feed),
        next_archive=feed.next_archive if feed.next_archive and is_http(feed.next_archive) else None,
        warnings=tuple(dict.fromkeys(feed.warnings)),
        dropped=max(feed.total - len(identified) - repeated, 0),
    )


def _entry(one: Identified, feed: RawFeed, feed_url: str, site: str, fetched_at: datetime) -> Entry:
    item = one.item
    title = _title(item)
    content = item.content or item.summary
    if content and len(content) > MAX_CONTENT:
        feed.warnings.append("content_too_long")
        content = None
    published, raw = _published(item, fetched_at)
    credit, credit_url = _credit(item, feed, site)
    return Entry(
        key=one.key,
        url=one.url or feed_url,
        has_page=one.url is not None,
        feed_url=feed_url,
        entry_id=item.guid,
        via="feed",
        revision_hash=revision_hash(title, item.content or item.summary),
        title=title,
        authors=tuple(dict.fromkeys(name for author in item.authors if (name := _author(author)))),
        summary=_summary(item, title),
        content_html=content,
        tags=tuple(dict.fromkeys(tag for text in item.tags if (tag := plain_title(text)))),
        image=_image(item),
        language=language_tag(item.language) or language_tag(feed.language),
        credit=credit,
        credit_url=credit_url,
        date_published=published.value,
        date_published_raw=raw,
        date_quality=published.quality,
        date_modified=judge_date(item.updated, fetched_at=fetched_at).value,
        aliases=tuple(one.aliases),
    )


def _title(item: RawItem) -> str | None:
    if not item.title:
        return None
    text = " ".join(item.title.split()) if item.title_is_text else plain_title(item.title)
    return text[:MAX_TITLE] or None


def _summary(item: RawItem, title: str | None) -> str | None:
    if not item.summary:
        return None
    text = plain_text(item.summary[:_MAX_SUMMARY_HTML])
    return text[:MAX_SUMMARY] if text and text != title else None


def _published(item: RawItem, fetched_at: datetime) -> tuple[JudgedDate, str | None]:
    """When the item says it was published; where it only says when it was updated, that (Atom asks for no more)."""
    raw = item.published or item.updated
    found = judge_date(item.published, fetched_at=fetched_at)
    if found.value is None and item.updated:
        updated = judge_date(item.updated, fetched_at=fetched_at)
        if updated.value is not None:
            return JudgedDate(value=updated.value, quality="updated"), item.updated
    return found, raw


def _credit(item: RawItem, feed: RawFeed, site: str) -> tuple[str | None, str | None]:
    """Whom the feed credits; a feed that names itself credits nobody."""
    credit = plain_title(item.credit)[:MAX_TITLE] if item.credit else None
    address = join(item.base or "", item.credit_url) if item.credit_url else None
    if address and not is_http(address):
        address = None
    itself = address is not None and site_of(address) == site
    if itself or (credit and feed.title and credit.casefold() == plain_title(feed.title).casefold()):
        return None, None
    return credit or None, address


def _author(text: str) -> str:
    """RSS asks for ``mail (name)``; addresses are nobody's name."""
    found = _MAIL_AND_NAME.search(text)
    if found:
        return plain_title(found.group(1))
    return plain_title(_MAIL.sub("", text)).strip(" ()<>,")


def _image(item: RawItem) -> str | None:
    if not item.image:
        return None
    address = join(item.base or "", item.image)
    return address if is_http(address) else None


def language_tag(text: str | None) -> str | None:
    """BCP 47 in its usual case (``pt-BR``); None for what is no tag."""
    tag = (text or "").strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return None
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _without_build_dates(feed: RawFeed, entries: list[Entry], fetched_at: datetime) -> list[Entry]:
    """One instant on every item, the feed's own or that of the poll, is when the file was made, not when they appeared."""
    times = Counter(entry.date_published for entry in entries)
    when, count = times.most_common(1)[0] if times else (None, 0)
    if when is None or count < _CONSTANT_FROM or count < len(entries):
        return entries
    built = judge_date(feed.built, fetched_at=fetched_at).value or fetched_at
    if min(abs(when - built), abs(when - fetched_at)) > _BUILD_SLACK:
        return entries
    return [replace(entry, date_published=None, date_quality="constant") for entry in entries]
