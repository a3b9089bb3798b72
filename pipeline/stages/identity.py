"""What an announcement means between polls (pure): is it news, and is another look at its page worth it?

Which article an entry names is decided inside its document (``stages.discover.identity``) and by the keys in the store.
"""

from datetime import datetime, timedelta

from storage.records import Entry, Feed

HISTORY = timedelta(days=30)
"""lion-reader's bound: a bulk edit of a WordPress site announced 606 posts of years ago as new (lion-reader#1500)."""

_SOONEST = timedelta(minutes=5)
_LATEST = timedelta(days=1)
_SHARE = 3


def is_backfill(entry: Entry, feed: Feed, now: datetime) -> bool:
    """Whether a first sighting is history: published more than 30 days before the feed was last read in full.

    On the first reading ``now`` stands for that, so that subscribing to a feed makes no news of its archive. A feed that was
    silent for 40 days and returns has news, not history: what counts is when it was last looked at, not when it last spoke.
    An entry without a believable date is taken for news.
    """
    if entry.backfill:
        return True
    published = entry.date_published
    read_before = feed.validators.full_at or feed.last_success or now
    return published is not None and published < min(read_before, now) - HISTORY


def look_again_at(first_seen: datetime, last_looked: datetime, now: datetime) -> datetime:
    """When to fetch the page of an entry whose announcement was edited.

    At once, unless it was looked at within the last third of its life (at least 5 minutes, at most a day): a correction is
    read promptly, and an announcement that changes at every poll (a nonce that no rule knows) costs about thirty fetches
    in its first month and one a day after, however often the feed is polled.
    """
    patience = min(max((last_looked - first_seen) / _SHARE, _SOONEST), _LATEST)
    return max(now, last_looked + patience)
