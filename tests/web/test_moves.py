"""Permanent redirects (scenario S4): followed at once, rewritten only after proof, reversible, merged."""

from datetime import timedelta

import pytest

from pipeline.cadence import duplicate_of, merge
from storage.records import Feed

DAY = 86400.0


def to(location: str, status: int = 301) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


def news(wire):
    """A feed that gains an entry an hour."""
    return lambda seen: wire.reply(wire.items(*[f"e{int(seen.at / 3600) - n}" for n in range(10)]))


async def run_for(reader, wire, days):
    await reader.poll_until(wire.clock.now() + timedelta(days=days))


def test_a_permanent_redirect_is_rewritten_after_a_week_of_proof_and_not_before(play, read):
    async def scene(wire):
        wire.replies |= {"/feed": to("http://b.test/new"), "/new": news(wire)}
        reader = read(wire)
        await run_for(reader, wire, 6.5)
        assert reader.feed.fetch_url is None
        assert reader.feed.schedule.redirect_to == "http://b.test/new"
        await run_for(reader, wire, 2)
        assert reader.feed.fetch_url == "http://b.test/new"
        assert reader.feed.url == "http://a.test/feed"  # its name stays
        wire.seen.clear()
        await reader.poll()
        assert wire.paths() == ["/new"]

    play(scene)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_followed_for_ever_and_never_rewritten(play, read, status):
    async def scene(wire):
        wire.replies |= {"/feed": to("http://b.test/new", status), "/new": news(wire)}
        reader = read(wire)
        await run_for(reader, wire, 12)
        assert reader.feed.fetch_url is None
        assert reader.feed.schedule.redirect_to is None

    play(scene)


def test_only_the_leading_permanent_hops_count(play, read):
    async def scene(wire):
        wire.replies |= {"/feed": to("/second", 308), "/second": to("/third", 302), "/third": news(wire)}
        reader = read(wire)
        await run_for(reader, wire, 9)
        assert reader.feed.fetch_url == "http://a.test/second"

    play(scene)


def test_a_redirect_that_is_taken_back_leaves_no_trace(play, read):
    async def scene(wire):
        wire.replies |= {"/feed": to("http://b.test/new"), "/new": news(wire)}
        reader = read(wire)
        await run_for(reader, wire, 2)
        wire.replies["/feed"] = news(wire)
        await run_for(reader, wire, 10)
        assert reader.feed.fetch_url is None
        assert reader.feed.schedule.redirect_seen == 0

    play(scene)


def test_a_parking_page_is_a_failure_and_the_old_address_stays(play, read):
    async def scene(wire):
        wire.replies["/feed"] = news(wire)
        reader = read(wire)
        await run_for(reader, wire, 1)
        wire.replies |= {"/feed": to("http://b.test/parked"), "/parked": wire.reply(b"<html>buy this domain</html>")}
        await run_for(reader, wire, 20)
        assert reader.outcomes[-1] == "not_a_feed"
        assert reader.feed.fetch_url is None
        wire.replies["/feed"] = news(wire)
        await run_for(reader, wire, 20)
        assert reader.outcomes[-1] in {"ok", "unchanged"}

    play(scene)


def test_a_redirect_to_another_feed_that_shares_nothing_proves_nothing_at_once(play, read):
    async def scene(wire):
        wire.replies["/feed"] = news(wire)
        reader = read(wire, interval_minutes=180)
        await run_for(reader, wire, 1)
        wire.replies |= {
            "/feed": to("http://b.test/other"),
            "/other": lambda seen: wire.reply(wire.items(*[f"other{len(wire.seen)}-{n}" for n in range(10)])),
        }
        await run_for(reader, wire, 12)
        assert reader.feed.fetch_url is None
        assert "overlap_lost" in reader.feed.anomalies

    play(scene)


def test_a_rewritten_address_that_fails_for_good_is_taken_back(play, read):
    async def scene(wire):
        wire.replies |= {"/feed": to("http://b.test/new"), "/new": news(wire)}
        reader = read(wire)
        await run_for(reader, wire, 9)
        assert reader.feed.fetch_url == "http://b.test/new"
        wire.replies |= {"/feed": news(wire), "/new": wire.reply(b"", 404)}
        await run_for(reader, wire, 3)
        assert reader.outcomes[-1] in {"ok", "unchanged"}
        assert reader.feed.fetch_url is None
        assert "redirect_reverted" in reader.feed.anomalies
        assert "http://b.test/new" in reader.feed.former_urls

    play(scene)


def test_http_to_https_of_the_same_address_needs_no_proof(read):
    from datetime import UTC, datetime

    from pipeline.cadence.redirects import track
    from pipeline.records import Hop, Response

    now = datetime(2026, 1, 5, tzinfo=UTC)

    def moved(target):
        response = Response(
            request_url="http://a.test/feed?x=1",
            url=target,
            status=200,
            headers={},
            body=b"",
            hops=(Hop(status=301, url=target),),
            fetched_at=now,
        )
        return track(Feed(url="http://a.test/feed?x=1"), response, shares_entries=True, now=now).fetch_url

    assert moved("https://a.test/feed?x=1") == "https://a.test/feed?x=1"
    assert moved("https://a.test/feed?x=2") is None
    assert moved("https://www.a.test/feed?x=1") is None


def test_two_feeds_that_become_one_are_merged_and_could_be_parted():
    old = Feed(url="http://a.test/feed", fetch_url="http://b.test/new", former_urls=("http://a.test/older",))
    known = Feed(url="http://b.test/new", headers={"X": "1"})
    other = Feed(url="http://c.test/feed")
    assert duplicate_of(old, [old, other, known]) == known
    assert duplicate_of(known, [old, other, known]) == old
    assert duplicate_of(other, [old, other, known]) is None
    kept, dropped = merge(known, old)
    assert kept.former_urls == ("http://a.test/feed", "http://a.test/older")
    assert (dropped.active, dropped.last_outcome, dropped.last_detail) == (False, "merged", "http://b.test/new")
    assert dropped.fetch_url == old.fetch_url
    assert duplicate_of(known, [known, dropped]) is None
