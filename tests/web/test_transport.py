"""Every way in which a server can misbehave ends, in time, in an outcome with a name."""

import asyncio
import gzip
import tracemalloc

import brotli
import pytest

from pipeline.errors import Fate, Reject, Retry

RSS = b"<rss><channel>" + b"<item><title>news</title></item>" * 50 + b"</channel></rss>"


def chunked(*pieces: bytes, end: bool = True) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + (b"0\r\n\r\n" if end else b"")


async def drip(head: bytes, piece: bytes, pause_s: float):
    yield head
    while True:
        yield piece
        await asyncio.sleep(pause_s)


async def flood(head: bytes, piece: bytes):
    yield head
    for _ in range(100_000):
        yield piece


def outcome(play, answer, path="/feed", **wishes):
    """The response, or the slug of the fate, of one GET."""

    async def scene(wire):
        wire.replies[path] = answer(wire) if callable(answer) and not hasattr(answer, "__aiter__") else answer
        try:
            return await wire.get(path)
        except Fate as fate:
            return fate.slug

    return play(scene, **wishes)


@pytest.mark.parametrize(
    ("coding", "compress"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("br", brotli.compress)]
)
def test_a_compressed_body_is_decoded_and_its_wire_size_counted(play, coding, compress):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(compress(RSS), content_encoding=coding)
        response = await wire.get("/feed")
        assert response.body == RSS
        assert response.wire_bytes == len(compress(RSS))
        assert not response.truncated
        assert wire.seen[0].headers["accept-encoding"] == "gzip, deflate, br, zstd"

    play(scene)


def test_a_brotli_bomb_of_a_few_bytes_is_too_large_and_cheap(play):
    async def scene(wire):
        bomb = brotli.compress(b"a" * 100_000_000)
        assert len(bomb) < 200
        wire.replies["/feed"] = wire.reply(bomb, content_encoding="br")
        tracemalloc.start()
        with pytest.raises(Reject, match="too_large"):
            await wire.get("/feed")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2 * 10 * 1024 * 1024

    play(scene, max_body_mib=10.0)


def test_an_endless_body_without_length_is_too_large(play):
    async def scene(wire):
        wire.replies["/feed"] = lambda _: flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)
        with pytest.raises(Reject, match="too_large"):
            await wire.get("/feed")

    play(scene, max_body_mib=1.0)


def test_endless_chunks_are_too_large(play):
    async def scene(wire):
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        wire.replies["/feed"] = lambda _: flood(head, b"1000\r\n" + b"x" * 4096 + b"\r\n")
        with pytest.raises(Reject, match="too_large"):
            await wire.get("/feed")

    play(scene, max_body_mib=1.0)


def test_a_coding_that_swallows_for_ever_and_yields_nothing_is_too_large(play):
    async def scene(wire):
        empty_blocks = b"\x00\x00\x00\xff\xff" * 10_000  # stored deflate blocks of length 0
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10]
        wire.replies["/feed"] = lambda _: flood(head, empty_blocks)
        with pytest.raises(Reject, match="too_large"):
            await wire.get("/feed")

    play(scene, max_body_mib=0.25)


def test_an_announced_length_over_the_limit_is_not_even_read(play):
    async def scene(wire):
        wire.replies["/feed"] = lambda _: drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x", 0.01)
        with pytest.raises(Reject, match="announces 99999999"):
            await wire.get("/feed")

    play(scene)


def test_an_archive_may_be_larger_than_a_feed(play):
    async def scene(wire):
        wire.replies["/sitemap.xml"] = wire.reply(b"<" * 2_000_000)
        with pytest.raises(Reject, match="too_large"):
            await wire.get("/sitemap.xml")
        assert len((await wire.get("/sitemap.xml", kind="archive")).body) == 2_000_000

    play(scene, max_body_mib=1.0)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 150_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Bad : v\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        b"HTTP/1.1 999999 Huh\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["silence", "ssh", "huge header", "space before colon", "two lengths", "status", "bad chunk"],
)
def test_what_is_not_http_is_a_protocol_error(play, answer):
    assert outcome(play, answer) == "protocol_error"


def test_a_thousand_headers_are_fine(play):
    head = b"".join(b"X-H-%d: value\r\n" % n for n in range(1000))
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + head + b"\r\n<rss>"
    assert outcome(play, answer).body == b"<rss>"


def test_a_body_shorter_than_announced_is_kept_and_marked_truncated(play):
    response = outcome(play, lambda _: cut)
    assert response.truncated
    assert response.body == b"<rss><item>one</item>"


async def cut(_):
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<rss><item>one</item>"


async def cut_chunks(_):
    yield chunked(b"<rss><item>one</item>", end=False)


async def cut_gzip(_):
    body = gzip.compress(RSS)[:-20]
    yield b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def cut_at_once(_):
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"


def test_chunks_without_their_end_are_truncated(play):
    response = outcome(play, lambda _: cut_chunks)
    assert (response.truncated, response.body) == (True, b"<rss><item>one</item>")


def test_a_compressed_body_cut_short_is_truncated_although_its_length_is_right(play):
    response = outcome(play, lambda _: cut_gzip)
    assert response.truncated
    assert RSS.startswith(response.body)


def test_a_body_of_which_nothing_came_is_a_protocol_error(play):
    assert outcome(play, lambda _: cut_at_once) == "protocol_error"


def test_a_longer_body_than_announced_does_not_spill_into_the_next_answer(play):
    async def scene(wire):
        wire.replies["/a"] = (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<rss>HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"
        )
        wire.replies["/b"] = wire.reply(b"<good>")
        first = await wire.get("/a")
        assert (first.body, first.truncated) == (b"<rss>", True)
        second = await wire.get("/b")
        assert (second.body, second.truncated) == (b"<good>", False)

    play(scene)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X-Drip: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
    ],
    ids=["silence", "headers dripped", "body dripped"],
)
def test_the_total_deadline_holds_against_drips(play, head, piece):
    async def scene(wire):
        wire.replies["/feed"] = lambda _: drip(head, piece, 0.01)
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(Retry, match="timeout"):
            await wire.get("/feed")
        assert loop.time() - started < 5.0

    play(scene, timeout_s=0.3, read_timeout_s=10.0)


def test_the_read_limit_ends_a_silence_before_the_deadline(play):
    async def scene(wire):
        wire.replies["/feed"] = lambda _: drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", b"", 1.0)
        with pytest.raises(Retry, match=r"no byte for 0\.1 s"):
            await wire.get("/feed")

    play(scene, timeout_s=20.0, read_timeout_s=0.1)


def test_slow_hosts_do_not_delay_healthy_ones_and_closing_does_not_wait_for_them(play):
    async def scene(wire):
        wire.replies["/slow"] = lambda _: drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x", 0.01)
        wire.replies["/fast"] = wire.reply(RSS)
        slow = [asyncio.create_task(wire.get(f"http://slow{n}.test/slow")) for n in range(10)]
        fast = await asyncio.gather(*[wire.get(f"http://fast{n}.test/fast") for n in range(20)])
        assert all(response.body == RSS for response in fast)
        assert not any(task.done() for task in slow)
        for task in slow:
            task.cancel()
        await asyncio.wait_for(asyncio.gather(*slow, return_exceptions=True), 2)

    names = [f"slow{n}.test" for n in range(10)] + [f"fast{n}.test" for n in range(20)]
    play(scene, names=names)


def test_connections_are_kept_alive_and_used_again(play):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(RSS)
        for _ in range(5):
            await wire.get("/feed")
        assert {seen.line for seen in wire.seen} == {1}

    play(scene)


def test_a_connection_that_died_while_idle_costs_nothing(play):
    async def scene(wire):
        async def once(_):
            yield wire.reply(RSS)  # and closes

        wire.replies["/feed"] = once
        for _ in range(3):
            assert (await wire.get("/feed")).body == RSS
            await asyncio.sleep(0)
        assert len(wire.seen) == 3

    play(scene)


def test_a_kept_connection_that_breaks_under_the_request_is_replaced_once(play):
    async def scene(wire):
        def rude(seen):
            return wire.reply(RSS) if len(wire.seen) != 2 else b""  # closes instead of answering the second request

        wire.replies["/feed"] = rude
        assert (await wire.get("/feed")).body == RSS
        assert (await wire.get("/feed")).body == RSS
        assert len(wire.seen) == 3

    play(scene)


def test_a_body_that_cannot_be_decoded_is_asked_for_once_more_without_compression(play):
    async def scene(wire):
        def broken_brotli(seen):
            if seen.headers["accept-encoding"] == "identity":
                return wire.reply(RSS)
            return wire.reply(b"\x93\x11\xfe\x07" * 50, content_encoding="br")

        wire.replies["/feed"] = broken_brotli
        assert (await wire.get("/feed")).body == RSS
        assert len(wire.seen) == 2

    play(scene)


def test_a_refused_connection_and_an_unknown_host_have_their_names(play):
    async def scene(wire):
        with pytest.raises(Retry, match="connect_failure"):
            await wire.get("http://127.0.0.1:1/")
        with pytest.raises(Retry, match="dns_failure"):
            await wire.get("http://no-such-host.invalid/")

    play(scene)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://x/",
        "data:,x",
        "http://",
        "http:///feed",
        "example.org/feed",
        "http://h:99999/",
        "javascript:alert(1)",
        "http://[::1/",
        "http://" + "a" * 9000 + "/",
    ],
)
def test_only_http_and_https_go_out(play, url):
    async def scene(wire):
        with pytest.raises(Reject, match="bad_url"):
            await wire.get(url)

    play(scene)


def test_statuses_come_back_as_they_are(play):
    async def scene(wire):
        for status in (304, 400, 401, 403, 404, 410, 418, 500, 502, 503):
            wire.replies["/feed"] = wire.reply(b"" if status == 304 else b"sorry", status)
            assert (await wire.get("/feed")).status == status

    play(scene)


def test_a_request_is_plain_and_carries_nothing_that_was_not_asked_for(play):
    async def scene(wire):
        wire.replies["/feed"] = wire.reply(RSS, set_cookie="a=b")
        await wire.get("/feed")
        await wire.get("/feed")
        for seen in wire.seen:
            assert set(seen.headers) == {"host", "user-agent", "accept", "accept-encoding"}
            assert seen.path == "/feed"

    play(scene)


def test_validators_go_back_byte_for_byte(play):
    odd = 'W/"caf\xe9 \xff-gzip'

    async def scene(wire):
        wire.replies["/feed"] = wire.reply(RSS, etag=odd, last_modified="Sat, 01 Jan 2041 99:00 GMT")
        first = await wire.get("/feed")
        assert first.headers["etag"] == odd
        headers = {"If-None-Match": first.headers["etag"], "If-Modified-Since": first.headers["last-modified"]}
        await wire.get("/feed", **headers)
        assert b"\r\nIf-None-Match: " + odd.encode("latin-1") + b"\r\n" in wire.seen[1].raw
        assert wire.seen[1].headers["if-modified-since"] == "Sat, 01 Jan 2041 99:00 GMT"

    play(scene)
