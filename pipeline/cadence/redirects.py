"""Permanent redirects: followed at once, *rewritten* only after they have proved themselves, and reversible (pure)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from pipeline.records import Response
from storage.records import Feed

PERMANENT = frozenset({301, 308})
PROOF_SIGHTINGS = 5
PROOF_AGE = timedelta(days=7)
"""lion-reader's wait. A 301 that is taken back after two days (seen in the wild) then costs nothing."""


def permanent_target(response: Response) -> str | None:
    """Where the leading run of permanent redirects ends; what comes after a temporary one is temporary."""
    target = None
    for hop in response.hops:
        if hop.status not in PERMANENT:
            break
        target = hop.url
    return target


def track(feed: Feed, response: Response, *, shares_entries: bool, now: datetime) -> Feed:
    """Counts sightings of the same permanent target while it parses and shares entries; rewrites ``fetch_url`` on proof."""
    asked, target = feed.fetch_url or feed.url, permanent_target(response)
    if target is None or target == asked or not shares_entries:
        return _forget(feed)
    if urlsplit(asked).username is not None:
        return _forget(feed)  # the credentials would be lost with the address; following costs one request
    schedule = feed.schedule
    if schedule.redirect_to == target:
        since, seen = schedule.redirect_since or now, schedule.redirect_seen + 1
    else:
        since, seen = now, 1
    proven = _only_secured(asked, target) or (seen >= PROOF_SIGHTINGS and now - since >= PROOF_AGE)
    if proven:
        return _rewritten(feed, asked, target)
    return replace(feed, schedule=replace(schedule, redirect_to=target, redirect_since=since, redirect_seen=seen))


def _rewritten(feed: Feed, asked: str, target: str) -> Feed:
    former = tuple(dict.fromkeys((*feed.former_urls, asked)))
    moved = replace(_forget(feed), fetch_url=None if target == feed.url else target)
    return replace(moved, former_urls=tuple(url for url in former if url not in {feed.url, target}))


def _forget(feed: Feed) -> Feed:
    if feed.schedule.redirect_to is None:
        return feed
    return replace(feed, schedule=replace(feed.schedule, redirect_to=None, redirect_since=None, redirect_seen=0))


def _only_secured(asked: str, target: str) -> bool:
    """Http → https of the very same address needs no proof."""
    one, other = urlsplit(asked), urlsplit(target)
    return (one.scheme, other.scheme) == ("http", "https") and (one.hostname, one.path, one.query) == (
        other.hostname,
        other.path,
        other.query,
    )


def revert(feed: Feed) -> Feed:
    """Back to the address that the subscriber gave: the new one has failed for good."""
    return replace(
        _forget(feed),
        fetch_url=None,
        former_urls=tuple(dict.fromkeys((*feed.former_urls, feed.fetch_url or feed.url))),
        anomalies=tuple(dict.fromkeys((*feed.anomalies, "redirect_reverted"))),
    )


def duplicate_of(feed: Feed, others: Iterable[Feed]) -> Feed | None:
    """Another active feed that is fetched from the same address as ``feed`` is now."""
    here = feed.fetch_url or feed.url
    return next((o for o in others if o.active and o.url != feed.url and here in {o.url, o.fetch_url}), None)


def merge(kept: Feed, dropped: Feed) -> tuple[Feed, Feed]:
    """Two feeds that became one: ``kept`` goes on and remembers the other's addresses, ``dropped`` rests, reversibly."""
    former = dict.fromkeys((*kept.former_urls, dropped.url, *dropped.former_urls))
    former.pop(kept.url, None)
    return (
        replace(kept, former_urls=tuple(former)),  # the other's headers were meant for the other's address
        replace(dropped, active=False, next_due=None, last_outcome="merged", last_detail=kept.url),
    )
