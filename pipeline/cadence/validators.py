"""What a poll leaves behind for the next conditional request, and whether the server's 304 can be believed (pure)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.stages.poll import IGNORED_LIMIT, Verdict
from storage.records import Entry, Feed, Validators

CLOCK_SLACK = timedelta(minutes=10)
OLD_NEWS = 3
"""New entries in one probe that cannot all have come in the last interval."""


def after_full(validators: Validators, headers: Mapping[str, str], verdict: Verdict, now: datetime) -> Validators:
    """After a changed body that parsed. A body cut short is no base for a 304: its validators are not kept."""
    if verdict.partial:
        return replace(validators, etag=None, last_modified=None, body_hash=None, unchanged_since_full=0, full_at=now)
    return replace(
        validators,
        etag=headers.get("etag") or None,
        last_modified=headers.get("last-modified") or None,
        body_hash=verdict.body_hash,
        unchanged_since_full=0,
        full_at=now,
        honest_at=now if verdict.conditional else validators.honest_at,
        probes=0,
        ignored=_still_ignored(validators),
    )


def after_same(validators: Validators, headers: Mapping[str, str], verdict: Verdict, now: datetime) -> Validators:
    """After 304 or a body already known: new validators replace old ones, absent ones leave them (RFC 9111 §3.2)."""
    renewed = replace(
        validators,
        etag=headers.get("etag") or validators.etag,
        last_modified=headers.get("last-modified") or validators.last_modified,
    )
    if not verdict.same_body:
        return replace(
            renewed, unchanged_since_full=validators.unchanged_since_full + 1, ignored=_still_ignored(validators)
        )
    if verdict.partial:
        return validators
    return replace(
        renewed,
        unchanged_since_full=0,
        full_at=now,
        probes=validators.probes + 1 if verdict.probe else validators.probes,
        ignored=validators.ignored + 1 if verdict.conditional else validators.ignored,
    )


def _still_ignored(validators: Validators) -> int:
    """A server that has once needed the ETag in both forms goes on needing it."""
    return validators.ignored if validators.ignored >= IGNORED_LIMIT else 0


def lied(feed: Feed, verdict: Verdict, headers: Mapping[str, str], fresh: list[Entry]) -> bool:
    """Whether a probe caught the server: it had been answering 304 although there was news.

    Proof is one of: the same ETag stands for another body; an entry older than the last 304; more entries than one
    interval brings. A single young entry proves nothing: it may have come since.
    """
    if not verdict.probe or not fresh:
        return False
    etag = headers.get("etag")
    if etag and etag == feed.validators.etag and not etag.startswith("W/"):
        return True
    if len(fresh) >= OLD_NEWS:
        return True
    last = feed.last_polled
    return last is not None and any(e.date_published and e.date_published < last - CLOCK_SLACK for e in fresh)
