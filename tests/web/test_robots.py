"""robots.txt (RFC 9309): for pages always, for feeds by choice; read once a day; what cannot be read forbids for now."""

import asyncio
from datetime import timedelta

import pytest

from pipeline.errors import Drop, Retry
from pipeline.web.robots import AGAIN

RULES = b"""
User-agent: *
Disallow: /private
Crawl-delay: 7

User-agent: wirefold
Disallow: /secret
Allow: /secret/open
Crawl-delay: 3
"""


def serve(wire, robots):
    wire.replies["/robots.txt"] = robots
    for path in ("/news", "/private", "/secret/x", "/secret/open/y", "/feed"):
        wire.replies[path] = wire.reply(b"<html>", content_type="text/html")


def test_the_rules_for_our_name_count_and_not_those_for_others(play):
    async def scene(wire):
        serve(wire, wire.reply(RULES, content_type="text/plain"))
        for path in ("/news", "/private", "/secret/open/y"):
            assert (await wire.get(f"http://a.test{path}", kind="page")).status == 200
        with pytest.raises(Drop, match="robots_disallowed"):
            await wire.get("http://a.test/secret/x", kind="page")
        assert wire.paths().count("/robots.txt") == 1
        assert "/secret/x" not in wire.paths()

    play(scene)


def test_crawl_delay_spaces_the_host(play):
    async def scene(wire):
        serve(wire, wire.reply(RULES))
        for _ in range(3):
            await wire.get("http://a.test/news", kind="page")
        starts = [seen.at for seen in wire.seen if seen.path == "/news"]
        assert [later - starts[0] for later in starts] == pytest.approx([0.0, 3.0, 6.0])

    play(scene)


def test_feeds_ask_only_where_that_was_chosen(play):
    async def scene(wire):
        serve(wire, wire.reply(b"User-agent: *\nDisallow: /"))
        assert (await wire.get("http://a.test/feed")).status == 200
        assert wire.paths() == ["/feed"]

    async def chosen(wire):
        serve(wire, wire.reply(b"User-agent: *\nDisallow: /"))
        with pytest.raises(Drop, match="robots_disallowed"):
            await wire.get("http://a.test/feed")
        assert wire.paths() == ["/robots.txt"]

    play(scene)
    play(chosen, robots_for_feeds=True)


def test_it_can_be_switched_off(play):
    async def scene(wire):
        serve(wire, wire.reply(b"User-agent: *\nDisallow: /"))
        await wire.get("http://a.test/news", kind="page")
        assert wire.paths() == ["/news"]

    play(scene, respect_robots=False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_4xx_means_that_there_are_no_rules(play, status):
    async def scene(wire):
        serve(wire, wire.reply(b"User-agent: *\nDisallow: /", status))
        assert (await wire.get("http://a.test/private", kind="page")).status == 200

    play(scene)


def test_5xx_forbids_everything_for_now_and_is_asked_again(play):
    async def scene(wire):
        serve(wire, wire.reply(b"", 500))
        for _ in range(3):
            with pytest.raises(Retry, match="robots_unreachable"):
                await wire.get("http://a.test/news", kind="page")
        assert wire.paths() == ["/robots.txt"]
        wire.clock.t += AGAIN.total_seconds() + 1
        serve(wire, wire.reply(RULES))
        assert (await wire.get("http://a.test/news", kind="page")).status == 200

    play(scene)


def test_an_older_copy_goes_on_counting_while_5xx_lasts(play):
    async def scene(wire):
        serve(wire, wire.reply(RULES))
        await wire.get("http://a.test/news", kind="page")
        wire.clock.t += timedelta(hours=25).total_seconds()
        serve(wire, wire.reply(b"", 503))
        assert (await wire.get("http://a.test/news", kind="page")).status == 200
        with pytest.raises(Drop, match="robots_disallowed"):
            await wire.get("http://a.test/secret/x", kind="page")
        assert wire.paths().count("/robots.txt") == 2

    play(scene)


def test_it_is_read_again_after_a_day_and_not_before(play):
    async def scene(wire):
        serve(wire, wire.reply(b""))
        for hours in (0, 12, 11, 2):
            wire.clock.t += hours * 3600
            await wire.get("http://a.test/news", kind="page")
        assert wire.paths().count("/robots.txt") == 2

    play(scene)


def test_it_is_remembered_over_a_restart(play):
    async def scene(wire):
        serve(wire, wire.reply(RULES))
        await wire.get("http://a.test/news", kind="page")
        return wire.hosts

    hosts = play(scene)

    async def restarted(wire):
        wire.hosts.update(hosts)
        serve(wire, wire.reply(b""))
        with pytest.raises(Drop, match="robots_disallowed"):
            await wire.get("http://a.test/secret/x", kind="page")
        assert wire.paths() == []

    play(restarted)


def test_however_many_pages_wait_it_is_asked_for_once(play):
    async def scene(wire):
        serve(wire, wire.reply(b""))
        await asyncio.gather(*[wire.get("http://a.test/news", kind="page") for _ in range(20)])
        assert wire.paths().count("/robots.txt") == 1

    play(scene)


def test_a_redirected_page_obeys_the_rules_of_the_host_it_leads_to(play):
    async def scene(wire):
        def robots(seen):
            return wire.reply(b"User-agent: *\nDisallow: /" if seen.host.startswith("b.") else b"")

        wire.replies |= {
            "/robots.txt": robots,
            "/go": b"HTTP/1.1 302 X\r\nLocation: http://b.test/news\r\nContent-Length: 0\r\n\r\n",
        }
        with pytest.raises(Drop, match="robots_disallowed"):
            await wire.get("http://a.test/go", kind="page")
        assert "/news" not in wire.paths()

    play(scene)


def test_robots_itself_may_redirect_to_another_host(play):
    async def scene(wire):
        def robots(seen):
            if seen.host.startswith("a."):
                return b"HTTP/1.1 301 X\r\nLocation: http://b.test/robots.txt\r\nContent-Length: 0\r\n\r\n"
            return wire.reply(b"User-agent: *\nDisallow: /private")

        serve(wire, robots)
        with pytest.raises(Drop, match="robots_disallowed"):
            await wire.get("http://a.test/private", kind="page")

    play(scene)


def test_a_robots_txt_that_is_a_web_page_forbids_nothing(play):
    async def scene(wire):
        serve(wire, wire.reply(b"<!doctype html><html><body>welcome</body></html>", content_type="text/html"))
        assert (await wire.get("http://a.test/private", kind="page")).status == 200

    play(scene)


def test_a_throttled_robots_txt_closes_the_gate(play):
    async def scene(wire):
        serve(wire, wire.reply(b"", 429, retry_after="300"))
        with pytest.raises(Retry, match="rate_limited"):
            await wire.get("http://a.test/news", kind="page")
        with pytest.raises(Retry, match="host_closed"):
            await wire.get("http://a.test/feed")

    play(scene)


def test_closing_and_reading_robots_do_not_overwrite_each_other(play):
    async def scene(wire):
        serve(wire, wire.reply(RULES))
        await wire.get("http://a.test/news", kind="page")
        wire.replies["/feed"] = wire.reply(b"", 429, retry_after="300")
        with pytest.raises(Retry):
            await wire.get("http://a.test/feed")
        state = wire.hosts["a.test"]
        assert state.robots_body is not None
        assert state.closed_until is not None

    play(scene)
