"""The web of the steady state: one feed a host, 127.0.0.0/8, conditional requests answered as cheaply as Python can.

Nine of ten feeds answer 304 to their validators. Every tenth answers 200 with a body that differs from the last one (its
date, and which 20 of its 24 items it shows). When each feed was first asked is written into memory that the caller shares.
"""

import asyncio
import time
from collections.abc import MutableSequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection

ITEMS, SHOWN = 24, 20
CHANGING = 10
"""Every so manieth feed has a new body at each poll."""
BLURB = "Officials said on the day that the work would go on for some weeks and that nobody had been hurt. " * 3
LAST_MODIFIED = "Mon, 01 Jun 2026 00:00:00 GMT"


def url_of(number: int, port: int) -> str:
    """Each feed on a host, hence behind a gate, of its own."""
    return f"http://127.{1 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}:{port}/feed.xml?id={number}"


def etag_of(number: int) -> str:
    return f'"{number}-0"'


def changes(number: int) -> bool:
    return number % CHANGING == 0


def document(number: int, port: int, poll: int, shown: int = SHOWN) -> bytes:
    """The feed as its ``poll``-th request sees it; ``shown=ITEMS``: all it ever shows."""
    home = url_of(number, port).rsplit("/", 1)[0]
    newest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    items = "".join(
        f"<item><title>Report {number}-{item}: what the council decided</title><link>{home}/2026/{item}.html</link>"
        f"<guid>{home}/2026/{item}.html</guid><description>{BLURB}</description>"
        f"<pubDate>{format_datetime(newest - timedelta(hours=2 * item + number % 7))}</pubDate></item>"
        for item in range(poll % (ITEMS - shown + 1), poll % (ITEMS - shown + 1) + shown)
    )
    built = format_datetime(newest + timedelta(seconds=poll))
    head = f"<title>Feed {number}</title><link>{home}/</link><lastBuildDate>{built}</lastBuildDate>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


class Answers(asyncio.Protocol):
    """One connection. ``first_asked[n]``: epoch seconds, 0 while feed ``n`` was not asked; ``count[0]``: requests."""

    port = 0
    first_asked: MutableSequence[float]
    count: MutableSequence[int]
    bodies: dict[int, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport, self._buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
            number = int(head[head.index(b"id=") + 3 : head.index(b" HTTP")])
            if not self.first_asked[number]:
                self.first_asked[number] = time.time()
            self.count[0] += 1
            self._transport.write(self._answer(number, head))

    def _answer(self, number: int, head: bytes) -> bytes:
        if not changes(number) and b'if-none-match: "' in head.lower():
            return b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % etag_of(number).encode()
        poll = self.count[0]
        body = self.bodies.get(number)
        body = document(number, self.port, poll) if body is None else body.replace(b"Feed ", b"Feed %d " % poll, 1)
        return (
            b'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: "%d-%d"\r\nLast-Modified: %b\r\n'
            b"Content-Length: %d\r\n\r\n" % (number, poll, LAST_MODIFIED.encode(), len(body)) + body
        )


def serve(told: Connection, first_asked: MutableSequence[float], count: MutableSequence[int]) -> None:
    """Runs in a process of its own until it is killed; tells its port, then that the bodies are ready."""
    asyncio.run(_serve(told, first_asked, count))


async def _serve(told: Connection, first_asked: MutableSequence[float], count: MutableSequence[int]) -> None:
    Answers.first_asked, Answers.count = first_asked, count
    server = await asyncio.get_running_loop().create_server(Answers, "0.0.0.0", 0, backlog=4096)
    Answers.port = server.sockets[0].getsockname()[1]
    # The load must not cost what it measures: bodies are made beforehand, a poll changes their title alone.
    Answers.bodies = {
        number: document(number, Answers.port, number // CHANGING)
        for number in range(len(first_asked))
        if changes(number)
    }
    told.send(Answers.port)
    await server.serve_forever()
