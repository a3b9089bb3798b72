"""What is wrong with a feed and what to do about it (pure): the sentences of ``feeds check`` and ``feeds list``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pipeline.errors import SLUGS
from pipeline.records import ParsedFeed
from pipeline.text.urls import host_of
from storage.records import Feed, Poll

Severity = Literal["error", "warning", "note"]

SILENT = timedelta(days=30)
_WELL = {"ok", "unchanged"}
_ENOUGH_POLLS = 5
_LONG_POLL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``error``: nothing comes; ``warning``: something is lost or will be; ``note``: could be better.

    ``slug`` is stable, ``text`` says what was seen, ``remedy`` what to do ("" where nothing needs to be done).
    """

    severity: Severity
    slug: str
    text: str
    remedy: str


def diagnose(
    feed: Feed, polls: Sequence[Poll] = (), parsed: ParsedFeed | None = None, *, now: datetime
) -> tuple[Finding, ...]:
    """Findings, worst first. ``polls``: the feed's history, in any order; ``parsed``: its document, if it was just read."""
    history = sorted(polls, key=lambda poll: poll.at)
    found = [*_failing(feed, history, now), *_address(feed), *_losses(feed), *_caching(feed, history), *_slow(history)]
    if parsed is not None:
        found += _document(feed, parsed, now)
    elif silent := _silent(feed, history, now):
        found.append(silent)
    rank = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted({one.slug: one for one in found}.values(), key=lambda one: rank[one.severity]))


_REMEDIES = {
    "dns_failure": "check the address for typing errors; `wirefold feeds discover` the site's new one",
    "connect_failure": "open the address in a browser; if it answers there, a firewall refuses this machine",
    "tls_failure": "the certificate is expired or wrong, which only the publisher can mend; http:// may still work",
    "timeout": "raise [fetch] timeout_s if the site is merely slow",
    "protocol_error": "set http2 = false for this feed: some servers break HTTP/2",
    "rate_limited": "raise its interval_minutes, or [fetch] per_host_delay_s if several feeds live on this host",
    "server_error": "nothing: the publisher's server is ill, and is asked less and less often until it is well",
    "bot_wall": "ask the publisher to allow the user agent, or look for another feed of theirs; walls are not fought",
    "forbidden": "the site may ask for a key (headers = {...} for this feed), or refuse robots: write to the publisher",
    "truncated": "nothing: what came whole was kept, and the feed is read again at the next poll",
    "host_closed": "nothing: the host asked for a pause and the feed is read after it",
    "robots_unreachable": "nothing: the host's robots.txt fails, so the host is left alone until it answers",
    "robots_disallowed": "robots.txt forbids the feed; [fetch] robots_for_feeds = false reads it all the same",
    "not_found": "`wirefold feeds discover` the site's front page: feeds move more often than they die",
    "gone": "the publisher says that it is gone for good; `wirefold feeds remove` it, or discover another",
    "client_error": "open the address in a browser; `wirefold feeds discover` the site if it moved",
    "blocked_address": "name the network in [fetch] allow_private_networks if this feed is really yours",
    "bad_url": "an address starts with http:// or https://",
    "too_large": "raise [fetch] max_body_mib",
    "undecodable": "nothing here: the server mislabels its compression; write to the publisher",
    "too_many_redirects": "open the address in a browser and subscribe to where it ends",
    "bad_redirect": "open the address in a browser and subscribe to where it ends",
    "not_a_feed": "`wirefold feeds discover` the site for the address of its feed",
    "html_not_feed": "a web page stands there; `wirefold feeds discover` it to find the feed it belongs to",
    "empty_document": "nothing if it passes; else `wirefold feeds discover` the site for another address",
    "parse_timeout": "raise [extract] deadline_s, and tell the publisher: a feed should not take seconds to read",
}
_PASSING = {"host_closed", "rate_limited", "truncated", "interrupted"}


def _failing(feed: Feed, history: Sequence[Poll], now: datetime) -> Iterator[Finding]:
    outcome = feed.last_outcome
    if outcome is None:
        yield Finding(
            severity="note", slug="never_polled", text="was never polled", remedy="`wirefold once` polls what is due"
        )
    elif outcome not in _WELL:
        times = 0
        for poll in reversed(history):
            if poll.outcome in _WELL:
                break
            times += 1
        since = f"last read {_ago(now - feed.last_success)}" if feed.last_success else "has never been read"
        detail = feed.last_detail or SLUGS.get(outcome, outcome)
        yield Finding(
            severity="warning" if outcome in _PASSING else "error",
            slug=outcome,
            text=f"{detail} ({f'{times} polls in a row; ' if times > 1 else ''}{since})",
            remedy=_REMEDIES.get(outcome, ""),
        )


def _address(feed: Feed) -> Iterator[Finding]:
    if feed.fetch_url and feed.fetch_url != feed.url:
        yield Finding(
            severity="note",
            slug="moved",
            text=f"moved for good to {feed.fetch_url}, and is read there",
            remedy="put the new address into the feed list when convenient",
        )
    elif feed.schedule.redirect_to:
        times = feed.schedule.redirect_seen
        text = f"answers with a permanent redirect to {feed.schedule.redirect_to} (seen {times} times)"
        yield Finding(severity="note", slug="moving", text=text, remedy="")
    if feed.url.startswith("http://") and (feed.fetch_url or feed.url).startswith("http://"):
        yield Finding(
            severity="note",
            slug="plain_http",
            text="is read without encryption",
            remedy=f"try https://{host_of(feed.url)}/…",
        )


def _losses(feed: Feed) -> Iterator[Finding]:
    if "overlap_lost" in feed.anomalies or feed.schedule.overlap == 0.0:
        wished = feed.interval_minutes is not None
        yield Finding(
            severity="warning",
            slug="overlap_lost",
            text="nothing in the last document was known: entries probably came and went between two polls",
            remedy="lower its interval_minutes" if wished else "nothing: it is polled more often from now on",
        )
    for slug, text, remedy in _ANOMALIES:
        if slug in feed.anomalies:
            yield Finding(severity="warning" if remedy else "note", slug=slug, text=text, remedy=remedy)


_ANOMALIES = (
    ("partial", "the last document was cut short; what came whole was kept", ""),
    ("dormant", "has failed for so long that it is asked every other week", "`wirefold feeds remove` it if it is dead"),
    ("redirect_reverted", "moved, failed there, and is read at its own address again", ""),
)


def _caching(feed: Feed, history: Sequence[Poll]) -> Iterator[Finding]:
    if not feed.validators.conditional or "stale_304" in feed.anomalies:
        yield Finding(
            severity="note",
            slug="stale_304",
            text="the server answered “unchanged” although there was news; it is now asked for the whole document each time",
            remedy="",
        )
        return
    recent = [poll for poll in history if poll.outcome in _WELL][-10:]
    whole = [poll for poll in recent if poll.outcome == "unchanged" and poll.status == 200]
    if len(recent) >= _ENOUGH_POLLS and len(whole) * 2 > len(recent):
        size = sum(poll.bytes_read for poll in whole) // len(whole) // 1024
        yield Finding(
            severity="note",
            slug="no_conditional_requests",
            text=f"the server sends all {size} KiB each time although nothing changed",
            remedy="only the publisher can mend it (ETag or Last-Modified)",
        )


def _slow(history: Sequence[Poll]) -> Iterator[Finding]:
    times = sorted(poll.duration for poll in history[-10:] if poll.outcome in _WELL)
    if len(times) >= _ENOUGH_POLLS and times[len(times) // 2] > _LONG_POLL:
        took = times[len(times) // 2].total_seconds()
        yield Finding(severity="note", slug="slow", text=f"takes {took:.0f} s to answer", remedy="")


def _silent(feed: Feed, history: Sequence[Poll], now: datetime) -> Finding | None:
    """Reads well and brings nothing: often an address that the site forgot to switch off."""
    if feed.last_outcome not in _WELL or not history or now - history[0].at < SILENT:
        return None
    if any(poll.new for poll in history):
        return None
    return _silence(f"has brought nothing new for {_days(now - history[0].at)}")


def _silence(text: str) -> Finding:
    remedy = "compare it with the site; `wirefold feeds discover` finds the feed that is in use now"
    return Finding(severity="warning", slug="silent", text=text, remedy=remedy)


def _document(feed: Feed, parsed: ParsedFeed, now: datetime) -> Iterator[Finding]:
    """What the document itself shows."""
    if not parsed.entries:
        text = f"is empty{f' ({parsed.dropped} items carry neither link nor id)' if parsed.dropped else ''}"
        yield Finding(severity="warning", slug="no_entries", text=text, remedy=_REMEDIES["not_a_feed"])
        return
    newest = max((entry.date_published for entry in parsed.entries if entry.date_published), default=None)
    if newest is None:
        text = "no entry has a date that can be believed; the time of finding stands in for it"
        yield Finding(severity="note", slug="no_dates", text=text, remedy="")
    elif now - newest > SILENT:
        yield _silence(f"its newest entry is {_days(now - newest)} old")
    if parsed.dropped and "capped" not in parsed.warnings:
        text = f"{parsed.dropped} of {parsed.dropped + len(parsed.entries)} items carry neither link nor usable id"
        yield Finding(severity="warning", slug="dropped_items", text=text, remedy="only the publisher can mend it")
    yield from _warned(parsed)
    yield from _wishes(feed, parsed)


def _warned(parsed: ParsedFeed) -> Iterator[Finding]:
    for slug in parsed.warnings:
        if slug in _WARNINGS:
            severity, text = _WARNINGS[slug]
            yield Finding(severity=severity, slug=slug, text=text(parsed), remedy="")


_WARNINGS: dict[str, tuple[Severity, Callable[[ParsedFeed], str]]] = {
    "malformed": ("note", lambda feed: f"is not well-formed XML; read all the same (by {feed.parser})"),
    "truncated": ("warning", lambda _: "breaks off in the middle; the whole items were kept"),
    "encoding_guessed": ("note", lambda _: "holds bytes that are not of the encoding it names; they were guessed"),
    "inside_html": ("note", lambda _: "stands inside a web page"),
    "capped": ("warning", lambda feed: f"has {feed.dropped + len(feed.entries)} items; the first 2,000 are read"),
    "identity_degraded": ("note", lambda _: "its guids are blank or repeated; entries are told apart by their links"),
    "repeated_items": ("note", lambda _: "lists the same article more than once"),
    "content_too_long": ("note", lambda _: "an item carries more than a million characters; they are left out"),
}


def _wishes(feed: Feed, parsed: ParsedFeed) -> Iterator[Finding]:
    """Where the subscriber asks for more than the publisher offers."""
    wish_s = max(parsed.hints.ttl_s or 0.0, parsed.hints.update_period_s or 0.0)
    if feed.interval_minutes and wish_s > feed.interval_minutes * 60:
        yield Finding(
            severity="note",
            slug="faster_than_asked",
            text=f"is read every {feed.interval_minutes:g} minutes, and asks to be read every {wish_s / 60:g}",
            remedy="",
        )
    if feed.full_text and not any(len(entry.content_html or "") > _FULL_TEXT for entry in parsed.entries):
        yield Finding(
            severity="warning",
            slug="teasers_only",
            text="full_text is set, but no entry carries more than a teaser",
            remedy="remove full_text: the pages are fetched then",
        )


_FULL_TEXT = 1500


def _ago(span: timedelta) -> str:
    if span < timedelta(hours=2):
        return f"{max(round(span.total_seconds() / 60), 1)} min ago"
    return f"{round(span.total_seconds() / 3600)} h ago" if span < timedelta(days=2) else f"{span.days} days ago"


def _days(span: timedelta) -> str:
    return f"{span.days} days"
