"""What is wrong with a feed is said in a sentence, with what to do about it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cadence.outcomes import NO_FAULT, WEIGHTS
from pipeline.records import FeedHints, ParsedFeed
from pipeline.stages.diagnosis import diagnose
from pipeline.stages.discover import parse_feed
from pipeline.stages.poll import _BY_STATUS
from storage.records import Feed, FeedSchedule, Poll, Validators

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
WELL = Feed(url="https://example.com/feed", last_outcome="ok", last_success=NOW, last_polled=NOW)


def poll(hours_ago: float, outcome: str = "ok", status: int = 200, new: int = 1, seconds: float = 1) -> Poll:
    return Poll(
        feed_url=WELL.url,
        at=NOW - timedelta(hours=hours_ago),
        outcome=outcome,
        status=status,
        duration=timedelta(seconds=seconds),
        bytes_read=40_960,
        entries=10,
        new=new,
    )


def document(*dates: str, **changes: object) -> ParsedFeed:
    items = "".join(
        f"<item><title>t</title><link>https://example.com/{i}</link><pubDate>{date}</pubDate></item>"
        for i, date in enumerate(dates)
    )
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    return replace(parse_feed(body, url=WELL.url, headers={}, fetched_at=NOW), **changes)


def slugs(feed: Feed, polls: tuple[Poll, ...] = (), parsed: ParsedFeed | None = None) -> list[str]:
    return [finding.slug for finding in diagnose(feed, polls, parsed, now=NOW)]


def test_a_healthy_feed_has_no_findings() -> None:
    assert diagnose(WELL, [poll(i) for i in range(9)], document("Sun, 10 May 2026 10:00:00 GMT"), now=NOW) == ()


REFUSALS = {
    "blocked_address",
    "bad_url",
    "too_large",
    "undecodable",
    "too_many_redirects",
    "bad_redirect",
    "not_a_feed",
    "html_not_feed",
    "parse_timeout",
    "robots_disallowed",
}
FAILURES = sorted(
    (set(WEIGHTS) | NO_FAULT | set(_BY_STATUS.values()) | REFUSALS | {"not_found", "gone", "client_error"})
    - {"interrupted"}
)
"""What the cadence, the statuses and the way out can make of a poll."""


@pytest.mark.parametrize("slug", FAILURES)
def test_every_way_a_poll_fails_has_a_remedy(slug: str) -> None:
    failing = replace(WELL, last_outcome=slug, last_success=NOW - timedelta(days=3))
    (finding,) = diagnose(failing, [poll(2, slug), poll(1, slug), poll(50)], now=NOW)
    assert (finding.slug, bool(finding.remedy)) == (slug, True)
    assert "2 polls in a row; last read 3 days ago" in finding.text


def test_a_feed_that_was_never_polled_says_so() -> None:
    assert slugs(Feed(url=WELL.url)) == ["never_polled"]


@pytest.mark.parametrize(
    ("feed", "polls", "parsed", "slug"),
    [
        (replace(WELL, fetch_url="https://example.com/new"), (), None, "moved"),
        (
            replace(WELL, schedule=FeedSchedule(redirect_to="https://example.com/new", redirect_seen=2)),
            (),
            None,
            "moving",
        ),
        (replace(WELL, url="http://example.com/feed"), (), None, "plain_http"),
        (replace(WELL, schedule=FeedSchedule(overlap=0.0)), (), None, "overlap_lost"),
        (replace(WELL, anomalies=("partial",)), (), None, "partial"),
        (replace(WELL, anomalies=("dormant",)), (), None, "dormant"),
        (replace(WELL, validators=Validators(conditional=False)), (), None, "stale_304"),
        (WELL, tuple(poll(i, "unchanged", 200, 0 if i else 1) for i in range(6)), None, "no_conditional_requests"),
        (WELL, tuple(poll(i, seconds=20) for i in range(6)), None, "slow"),
        (WELL, tuple(poll(i * 200, new=0) for i in range(6)), None, "silent"),
        (WELL, (), document("Sun, 01 Mar 2026 10:00:00 GMT"), "silent"),
        (WELL, (), document(), "no_entries"),
        (WELL, (), document("gestern"), "no_dates"),
        (WELL, (), document("Sun, 10 May 2026 10:00:00 GMT", dropped=3), "dropped_items"),
        (WELL, (), document("Sun, 10 May 2026 10:00:00 GMT", warnings=("malformed",)), "malformed"),
        (WELL, (), document("Sun, 10 May 2026 10:00:00 GMT", warnings=("identity_degraded",)), "identity_degraded"),
        (
            replace(WELL, interval_minutes=5),
            (),
            document("Sun, 10 May 2026 10:00:00 GMT", hints=FeedHints(ttl_s=3600)),
            "faster_than_asked",
        ),
        (replace(WELL, full_text=True), (), document("Sun, 10 May 2026 10:00:00 GMT"), "teasers_only"),
    ],
)
def test_each_weakness_is_found_alone(
    feed: Feed, polls: tuple[Poll, ...], parsed: ParsedFeed | None, slug: str
) -> None:
    assert slugs(feed, polls, parsed) == [slug]


def test_the_worst_comes_first() -> None:
    ill = replace(WELL, url="http://example.com/feed", last_outcome="html_not_feed", anomalies=("overlap_lost",))
    assert slugs(ill) == ["html_not_feed", "overlap_lost", "plain_http"]
