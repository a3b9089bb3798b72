"""Which article does an item announce? Decided over the whole document, because only there do useless ids show."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field

from pipeline.stages.discover.raw import RawFeed, RawItem
from pipeline.text.urls import clean, is_home_page_key, is_http, join, normalise, url_key

DEGRADED_SHARE = 0.05
"""More blank or repeated guids than this and none of them is believed (FreshRSS, ``Feed.php`` loadGuids)."""

_GLOBAL_ID = re.compile(
    r"tag:[^,\s]+,\d{4}[^:\s]*:\S+|urn:\S{8,}|(?:[{]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}[}]?)|[0-9a-f]{32,128}",
    re.IGNORECASE,
)
"""Ids that no two articles of the world share. Others (``1``, ``item-3``) may be positions in the list, given anew at every
poll: believing one would take a new article for an old one, which is worse than a copy (grouping finds copies)."""

_LAST_NUMBER = re.compile(r"(.*?)(\d{1,9})(\D*)", re.DOTALL)
_FEWEST_PLACES = 3
_MAX_ID = 1000


@dataclass(slots=True)
class Identified:
    """An item with its identity. ``url`` is None for an item that has no page of its own."""

    item: RawItem
    key: str
    url: str | None
    aliases: list[str] = field(default_factory=list)


def identify(feed: RawFeed, feed_url: str) -> list[Identified]:
    """The items that announce something, each with its key; the same article twice becomes one, in document order.

    Adds to ``feed.warnings``: ``identity_degraded`` (guids not believed), ``repeated_items``.
    """
    trusted = _guids_usable(feed)
    site_key = url_key(feed.link) if feed.link and is_http(feed.link) else None
    found = [one for item in feed.items if (one := _identify(item, feed_url, site_key, trusted=trusted))]
    _drop_shared_aliases(found)
    return _merged(feed, found)


def _guids_usable(feed: RawFeed) -> bool:
    """Whether guids tell the items apart; the same item listed twice (same link too) is no fault of its guid."""
    listed = {(item.guid or "", item.link or item.title or str(i)) for i, item in enumerate(feed.items)}
    guids = Counter(guid for guid, _ in listed)
    if set(guids) <= {""}:
        return False
    if _positional(feed.items):
        feed.warnings.append("identity_degraded")
        return False
    bad = guids.pop("", 0) + sum(count for count in guids.values() if count > 1)
    if bad > DEGRADED_SHARE * len(listed):
        feed.warnings.append("identity_degraded")
        return False
    return True


def _positional(items: list[RawItem]) -> bool:
    """``item-0``, ``item-1``, … in document order: places in the list, which belong to other articles tomorrow."""
    guids = [item.guid for item in items if item.guid != item.link]
    if len(guids) < max(_FEWEST_PLACES, len(items)):
        return False
    numbers = [found.groups() if (found := _LAST_NUMBER.fullmatch(guid or "")) else None for guid in guids]
    if None in numbers or len({(before, after) for before, _, after in filter(None, numbers)}) > 1:
        return False
    places = [int(number) for _, number, _ in filter(None, numbers)]
    return places[0] <= 1 and places == list(range(places[0], places[0] + len(places)))


def _identify(item: RawItem, feed_url: str, site_key: str | None, *, trusted: bool) -> Identified | None:
    stated = (item.original_link, item.link, _guid_address(item) if trusted or not item.link else None)
    addresses = [found for address in dict.fromkeys(stated) if (found := _address(item, address))]
    pages = [(url, key) for url, key in addresses if key != site_key and not is_home_page_key(key)]
    guid = item.guid[:_MAX_ID] if item.guid and trusted else None
    if not pages:
        return _without_page(item, feed_url, guid, addresses)
    url, key = pages[0]
    aliases = [alias for _, alias in pages[1:] if alias != key]
    if guid and _GLOBAL_ID.fullmatch(guid):
        aliases.append("guid:" + guid)
    return Identified(item=item, key=key, url=normalise(url), aliases=aliases)


def _without_page(
    item: RawItem, feed_url: str, guid: str | None, addresses: list[tuple[str, str]]
) -> Identified | None:
    """An item that links nowhere, or to the front page: what it carries is the article, if it carries anything."""
    key = _own_key(item, feed_url, guid)
    if key is not None and (item.content or item.summary or (guid and not addresses)):
        return Identified(item=item, key=key, url=None)
    if addresses:
        url, front = addresses[0]
        return Identified(item=item, key=front, url=normalise(url))
    return None


def _address(item: RawItem, address: str | None) -> tuple[str, str] | None:
    """The absolute URL and its key; None for what is no http(s) URL."""
    if not address:
        return None
    absolute = join(item.base or "", address)
    return (absolute, url_key(absolute)) if is_http(absolute) else None


def _guid_address(item: RawItem) -> str | None:
    """The guid, if it is an address: absolute, whatever ``isPermaLink`` says of it (WordPress's ``?p=1`` says false)."""
    guid = clean(item.guid or "")
    return guid if is_http(guid) else None


def _own_key(item: RawItem, feed_url: str, guid: str | None) -> str | None:
    """The key of an item without a page: its id within this feed, or what it says."""
    feed_key = url_key(feed_url)
    if guid:
        return f"guid:{feed_key}|{guid}"
    text = f"{item.title or ''}\n{item.published or ''}"
    if not item.title or not (item.content or item.summary):
        return None
    return f"text:{feed_key}|{hashlib.blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=10).hexdigest()}"


def _drop_shared_aliases(found: list[Identified]) -> None:
    """An alias of two different articles (``https://site/#1`` and ``#2``) names neither."""
    owners: dict[str, str] = {}
    shared: set[str] = set()
    for one in found:
        for alias in one.aliases:
            if owners.setdefault(alias, one.key) != one.key:
                shared.add(alias)
    keys = {one.key for one in found}
    for one in found:
        one.aliases = [alias for alias in dict.fromkeys(one.aliases) if alias not in shared and alias not in keys]


def _merged(feed: RawFeed, found: list[Identified]) -> list[Identified]:
    kept: dict[str, Identified] = {}
    for one in found:
        first = kept.setdefault(one.key, one)
        if first is not one:
            first.aliases += [alias for alias in one.aliases if alias not in first.aliases]
    if len(kept) < len(found):
        feed.warnings.append("repeated_items")
    return list(kept.values())
