"""Redirects are followed by hand, each hop through guard and gate; credentials and cookies stay at home."""

import base64

import pytest

from pipeline.errors import Reject


def to(location: str | bytes, status: int = 301, **headers: str) -> bytes:
    raw = location.encode("utf-8") if isinstance(location, str) else location
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()).encode()
    return b"HTTP/1.1 %d Moved\r\nLocation: %b\r\n%bContent-Length: 0\r\n\r\n" % (status, raw, extra)


def test_every_hop_is_told_with_its_status(play):
    async def scene(wire):
        wire.replies |= {"/a": to("/b"), "/b": to("http://b.test/c", 302), "/c": wire.reply(b"<rss>")}
        response = await wire.get("http://a.test/a")
        assert [(hop.status, hop.url) for hop in response.hops] == [
            (301, "http://a.test/b"),
            (302, "http://b.test/c"),
        ]
        assert (response.request_url, response.url) == ("http://a.test/a", "http://b.test/c")

    play(scene)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("c d", "/dir/c%20d"),
        ("?page=2", "/dir/feed?page=2"),
        ("../up", "/up"),
        ("//b.test/x", "/x"),
        ("/päth?q=ü", "/p%C3%A4th?q=%C3%BC"),
        ("/p\xe4th".encode("latin-1"), "/p%C3%A4th"),
        ("/x#fragment", "/x"),
        ("  /blank  ", "/blank"),
        ("HTTP://B.TEST/Case", "/Case"),
    ],
)
def test_locations_are_understood_as_browsers_understand_them(play, location, path):
    async def scene(wire):
        wire.replies |= {"/dir/feed": to(location), path: wire.reply(b"<rss>")}
        wire.replies.setdefault("/dir/feed", to(location))
        if "?" in path:
            wire.replies[path] = wire.reply(b"<rss>")
        response = await wire.get("http://a.test/dir/feed")
        assert response.body == b"<rss>"
        assert wire.paths()[-1] == path

    play(scene)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://a.test/x", "javascript:alert(1)", "data:text/xml,x", "http://", "//"]
)
def test_a_redirect_out_of_http_leads_nowhere(play, location):
    async def scene(wire):
        wire.replies["/feed"] = to(location)
        with pytest.raises(Reject, match="bad_redirect"):
            await wire.get("/feed")
        assert len(wire.seen) == 1

    play(scene)


def test_a_redirect_without_location_has_a_name(play):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(b"", 301)
        with pytest.raises(Reject, match="bad_redirect"):
            await wire.get("/feed")

    play(scene)


def test_circles_and_endless_chains_end(play):
    async def scene(wire):
        wire.replies |= {"/a": to("/b", 302), "/b": to("/a", 302), "/self": to("/self")}
        for path in ("/a", "/self"):
            with pytest.raises(Reject, match="too_many_redirects"):
                await wire.get(path)
        wire.seen.clear()
        wire.replies["/n"] = lambda seen: to(f"/n?{int(seen.path.partition('?')[2] or 0) + 1}", 302)
        with pytest.raises(Reject, match="too_many_redirects"):
            await wire.get("/n")
        assert len(wire.seen) == 11

    play(scene, max_redirects=10)


def test_a_gate_that_sets_a_cookie_and_redirects_to_itself_opens(play):
    async def scene(wire):
        def gate(seen):
            opened = seen.headers.get("cookie") == "pass=42"
            return wire.reply(b"<rss>") if opened else to("/feed", 302, Set_Cookie="pass=42; Path=/; HttpOnly")

        wire.replies["/feed"] = gate
        assert (await wire.get("/feed")).body == b"<rss>"
        assert (await wire.get("/feed")).hops  # nothing was kept for the next time

    play(scene)


def test_credentials_and_cookies_never_cross_origins(play):
    secret = {"Authorization": "Bearer s3cret", "Cookie": "id=1", "X-Api-Key": "k", "Accept-Language": "ku"}

    async def scene(wire):
        wire.replies["/a"] = to("http://b.test/b", 302, Set_Cookie="session=1")
        wire.replies["/b"] = to("http://a.test/c", 302)
        wire.replies["/c"] = wire.reply(b"<rss>")
        await wire.get("http://a.test/a", **secret)
        home, away, back = wire.seen
        assert home.headers["authorization"] == "Bearer s3cret"
        assert home.headers["x-api-key"] == "k"
        assert not {"authorization", "cookie", "x-api-key"} & set(away.headers)
        assert away.headers["accept-language"] == "ku"
        assert back.headers["authorization"] == "Bearer s3cret"

    play(scene)


def test_the_same_host_on_another_scheme_or_port_is_another_origin(play):
    async def scene(wire):
        wire.replies |= {"/a": to("http://a.test:8080/b", 302), "/b": wire.reply(b"<rss>")}
        await wire.get("http://a.test/a", Authorization="Basic eA==")
        assert "authorization" in wire.seen[0].headers
        assert "authorization" not in wire.seen[1].headers

    play(scene)


def test_credentials_in_the_url_become_a_header_and_are_not_told(play):
    async def scene(wire):
        wire.replies |= {"/a": to("/b", 302), "/b": to("http://evil:pw@b.test/c", 302), "/c": wire.reply(b"<rss>")}
        response = await wire.get("http://us%40er:p%3Aw@a.test/a")
        wanted = "Basic " + base64.b64encode(b"us@er:p:w").decode()
        assert [seen.headers.get("authorization") for seen in wire.seen] == [wanted, wanted, None]
        assert all("@" not in hop.url for hop in response.hops)
        alone = await wire.get("http://us%40er:p%3Aw@a.test/c")
        assert alone.url == "http://a.test/c"

    play(scene)


def test_validators_travel_with_the_redirect(play):
    async def scene(wire):
        wire.replies |= {"/a": to("http://b.test/b"), "/b": wire.reply(b"", 304)}
        response = await wire.get("http://a.test/a", If_None_Match='"x"')
        assert response.status == 304
        assert wire.seen[1].headers["if-none-match"] == '"x"'

    play(scene)


def test_the_deadline_covers_the_whole_journey(play):
    async def scene(wire):
        import asyncio

        async def slowly(seen):
            await asyncio.sleep(0.12)
            yield to(f"/n?{int(seen.path.partition('?')[2] or 0) + 1}", 302)

        wire.replies["/n"] = slowly
        send = wire.web._exchange.send

        async def timed(*args, **kwargs):
            started = asyncio.get_running_loop().time()
            try:
                return await send(*args, **kwargs)
            finally:
                wire.clock.t += asyncio.get_running_loop().time() - started

        wire.web._exchange.send = timed
        from pipeline.errors import Retry

        with pytest.raises(Retry, match="timeout"):
            await wire.get("/n")
        assert len(wire.seen) <= 5

    play(scene, timeout_s=0.4)
