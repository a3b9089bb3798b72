"""What caches do and servers lie about (scenario S2): polls over real HTTP, the clock jumps from due time to due time."""

import gzip
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.records import FeedHints


class Changing:
    """A feed that gains an entry every ``every_s``; ``answer(seen, body, etag)`` decides what is said."""

    def __init__(self, wire, answer, every_s=3600.0):
        self.wire, self.answer, self.every_s = wire, answer, every_s

    def __call__(self, seen):
        newest = int((seen.at - 1000.0) / self.every_s)
        body = self.wire.items(*[f"e{n}" for n in range(max(0, newest - 9), newest + 10)])
        return self.answer(seen, body, f'"{hashlib.md5(body).hexdigest()}"')


def honest(wire):
    def answer(seen, body, etag):
        if seen.headers.get("if-none-match") == etag:
            return wire.reply(b"", 304, etag=etag)
        return wire.reply(body, etag=etag)

    return answer


def unconditional(wire) -> int:
    return sum("if-none-match" not in seen.headers for seen in wire.seen)


def test_a_thousand_polls_of_an_honest_server_cost_one_unconditional_get(play, read):
    async def scene(wire):
        wire.replies["/feed"] = Changing(wire, honest(wire), every_s=5 * 3600.0)
        reader = read(wire, interval_minutes=20)
        for _ in range(1000):
            await reader.poll()
            wire.clock.t += 1200.0
        assert unconditional(wire) == 1
        assert set(reader.outcomes) == {"ok", "unchanged"}
        assert not reader.feed.anomalies

    play(scene)


def test_a_server_that_says_304_for_ever_is_found_within_a_day_and_no_longer_believed(play, read):
    async def scene(wire):
        def stuck(seen, body, _):
            if "if-none-match" in seen.headers:
                return wire.reply(b"", 304)
            return wire.reply(body, etag='"always"', last_modified="Sat, 01 Jan 2041 00:00:00 GMT")

        wire.replies["/feed"] = Changing(wire, stuck)
        reader = read(wire)
        await reader.poll_until(wire.clock.now() + timedelta(hours=30))
        assert "stale_304" in reader.feed.anomalies
        assert not reader.feed.validators.conditional
        assert unconditional(wire) >= 3
        probes = [n for n, seen in enumerate(wire.seen) if "if-none-match" not in seen.headers]
        assert probes[1] <= 21
        assert wire.seen[probes[1]].at - wire.seen[0].at <= 25 * 3600
        assert len(reader.seen) >= 30

    play(scene)


def test_a_static_feed_is_probed_less_and_less(play, read):
    async def scene(wire):
        body = wire.items("a", "b")
        wire.replies["/feed"] = lambda seen: honest(wire)(seen, body, '"fixed"')
        reader = read(wire, interval_minutes=60)
        for _ in range(24 * 60):
            await reader.poll()
            wire.clock.t += 3600.0
        assert unconditional(wire) <= 12
        assert reader.feed.validators.conditional
        assert not reader.feed.anomalies

    play(scene)


def test_one_young_entry_in_a_probe_convicts_nobody(play, read):
    async def scene(wire):
        state = {"items": ["a"], "etag": '"1"'}

        def server(seen):
            if seen.headers.get("if-none-match") == state["etag"]:
                return wire.reply(b"", 304)
            return wire.reply(wire.items(*state["items"]), etag=state["etag"])

        wire.replies["/feed"] = server
        reader = read(wire)
        await reader.poll()
        for _ in range(20):
            wire.clock.t += 600.0
            await reader.poll()
        state |= {"items": ["b", "a"], "etag": '"2"'}
        wire.clock.t += 600.0
        assert await reader.poll() == "ok"
        assert "if-none-match" not in wire.seen[-1].headers  # that was a probe
        assert reader.feed.validators.conditional
        assert not reader.feed.anomalies

    play(scene)


def test_an_etag_that_rotates_over_the_same_body_is_always_answered_with_the_latest(play, read):
    async def scene(wire):
        wire.replies["/feed"] = lambda seen: wire.reply(wire.items("a"), etag=f'"{len(wire.seen)}"')
        reader = read(wire)
        for _ in range(6):
            await reader.poll()
        assert reader.outcomes == ["ok"] + ["unchanged"] * 5
        assert [seen.headers.get("if-none-match") for seen in wire.seen[1:]] == [f'"{n}"' for n in range(1, 6)]

    play(scene)


def test_a_304_with_a_new_etag_renews_it_and_one_without_keeps_the_old(play, read):
    async def scene(wire):
        answers = [
            wire.reply(wire.items("a"), etag='"1"', last_modified="yesterday"),
            wire.reply(b"", 304, etag='"2"'),
            wire.reply(b"", 304),
            wire.reply(b"", 304),
        ]
        wire.replies["/feed"] = lambda seen: answers[len(wire.seen) - 1]
        reader = read(wire)
        for _ in range(4):
            await reader.poll()
        assert [seen.headers.get("if-none-match") for seen in wire.seen] == [None, '"1"', '"2"', '"2"']
        assert {seen.headers.get("if-modified-since") for seen in wire.seen[1:]} == {"yesterday"}

    play(scene)


def test_a_304_that_nobody_asked_for_is_an_error(play, read):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"", 304)
        assert await read(wire).poll() == "protocol_error"

    play(scene)


@pytest.mark.parametrize("etag", ['W/"a"', '"a-gzip"', "unquoted", '"' + "x" * 2000 + '"', '"with ""quotes"'])
def test_odd_validators_are_returned_as_they_came(play, read, etag):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(wire.items("a"), etag=etag, last_modified="1767616800")
        reader = read(wire)
        await reader.poll()
        await reader.poll()
        assert wire.seen[1].headers["if-none-match"] == etag
        assert wire.seen[1].headers["if-modified-since"] == "1767616800"

    play(scene)


def test_validators_are_kept_only_after_a_parse(play, read):
    async def scene(wire):
        answers = [
            wire.reply(b"<html>maintenance</html>", etag='"bad"'),
            wire.reply(wire.items("a"), etag='"good"'),
            wire.reply(b"<html>maintenance</html>", etag='"bad"'),
            wire.reply(b"sorry", 500, etag='"error"'),
            wire.reply(b"", 304),
        ]
        wire.replies["/feed"] = lambda seen: answers[len(wire.seen) - 1]
        reader = read(wire)
        for _ in range(5):
            await reader.poll()
        assert [seen.headers.get("if-none-match") for seen in wire.seen] == [None, None, '"good"', '"good"', '"good"']
        assert reader.outcomes == ["not_a_feed", "ok", "not_a_feed", "server_error", "unchanged"]

    play(scene)


def test_a_body_cut_short_is_read_but_is_no_base_for_a_304(play, read):
    async def scene(wire):
        async def cut(_):
            yield b'HTTP/1.1 200 OK\r\nETag: "x"\r\nContent-Length: 999\r\n\r\n<rss><item>a</item><item>b'

        wire.replies["/feed"] = cut
        reader = read(wire)
        assert await reader.poll() == "ok"
        assert reader.seen == {"a"}
        assert "partial" in reader.feed.anomalies
        wire.replies["/feed"] = wire.reply(wire.items("a", "b"), etag='"x"')
        assert await reader.poll() == "ok"
        assert "if-none-match" not in wire.seen[-1].headers
        assert "partial" not in reader.feed.anomalies

    play(scene)


def test_an_etag_with_a_glued_suffix_is_offered_both_ways_once_it_has_failed(play, read):
    """Apache's mod_deflate sends "x-gzip" and knows only "x"."""

    async def scene(wire):
        def apache(seen):
            asked = [part.strip() for part in seen.headers.get("if-none-match", "").split(",")]
            return wire.reply(b"", 304) if '"x"' in asked else wire.reply(wire.items("a"), etag='"x-gzip"')

        wire.replies["/feed"] = apache
        reader = read(wire)
        for _ in range(6):
            await reader.poll()
        offered = [seen.headers.get("if-none-match") for seen in wire.seen]
        assert offered[1:4] == ['"x-gzip"'] * 3
        assert offered[4] == '"x-gzip", "x"'
        assert reader.outcomes[-1] == "unchanged"
        assert all(offer == '"x-gzip", "x"' for offer in offered[4:])

    play(scene)


def test_hints_are_remembered_when_304_and_the_same_body_say_nothing(play, read):
    async def scene(wire):
        answers = [
            wire.reply(wire.items("a"), etag='"1"', cache_control="max-age=7200"),
            wire.reply(b"", 304),
            wire.reply(wire.items("a"), etag='"1"'),
        ]
        wire.replies["/feed"] = lambda seen: answers[min(2, len(wire.seen) - 1)]
        reader = read(wire)
        reader.hints = FeedHints(ttl_s=3600.0, skip_hours=(2,))
        for _ in range(3):
            await reader.poll()
            assert reader.feed.schedule.hint_floor_s == 7200.0
            assert reader.feed.schedule.document_floor_s == 3600.0
            assert reader.feed.schedule.skip_hours == (2,)

    play(scene)


def test_a_304_may_renew_the_hints(play, read):
    async def scene(wire):
        answers = [
            wire.reply(wire.items("a"), etag='"1"', cache_control="max-age=7200"),
            wire.reply(b"", 304, cache_control="max-age=600"),
        ]
        wire.replies["/feed"] = lambda seen: answers[len(wire.seen) - 1]
        reader = read(wire)
        await reader.poll()
        await reader.poll()
        assert reader.feed.schedule.http_floor_s == 600.0

    play(scene)


def test_vary_and_encodings_do_not_make_the_same_document_new(play, read):
    async def scene(wire):
        body = wire.items("a")
        answers = [wire.reply(gzip.compress(body), content_encoding="gzip"), wire.reply(body)]
        wire.replies["/feed"] = lambda seen: answers[len(wire.seen) % 2]
        reader = read(wire)
        for _ in range(3):
            await reader.poll()
        assert reader.outcomes == ["ok", "unchanged", "unchanged"]

    play(scene)


def test_the_subscribers_headers_go_along(play, read):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(wire.items("a"))
        await read(wire, headers={"Authorization": "Bearer x", "User-Agent": "mine/1"}).poll()
        assert wire.seen[0].headers["authorization"] == "Bearer x"
        assert wire.seen[0].headers["user-agent"] == "mine/1"

    play(scene)


def test_once_is_once_a_feed_that_was_never_polled_is_asked_without_validators(play, read):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(wire.items("a"), etag='"1"')
        reader = read(wire)
        await reader.poll()
        assert len(wire.seen) == 1
        assert "cookie" not in wire.seen[0].headers
        assert "referer" not in wire.seen[0].headers
        assert wire.seen[0].path == "/feed"

    play(scene)


def test_a_poll_of_a_moved_feed_sends_its_validators_to_the_new_address(play, read):
    async def scene(wire):
        wire.replies["/new"] = wire.reply(wire.items("a"), etag='"n"')
        reader = read(wire)
        reader.feed = replace(reader.feed, fetch_url="http://b.test/new")
        await reader.poll()
        await reader.poll()
        assert wire.paths() == ["/new", "/new"]
        assert wire.seen[1].headers["if-none-match"] == '"n"'

    play(scene)
