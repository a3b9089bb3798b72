"""The way out against plain httpx: requests per CPU second over the same loopback server, in turns, in one process.

    python -m benchmarks.client [--requests 2000] [--rounds 3] [--hosts 200]

Ours does everything it does in earnest (gate, guard, bounded decoder, redirects by hand); plain httpx is one shared
``AsyncClient`` and nothing else. The server (a process of its own) answers 304, and a gzipped feed of 30 kB. ``--hosts``
addresses of 127.0.0.0/8 are used in turn, because a reader has many hosts and not one.
"""

import argparse
import asyncio
import gzip
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime

import httpx

from pipeline.records import Request
from pipeline.settings import FetchSettings
from pipeline.web.client import HttpWeb
from storage.records import HostState

BODY = gzip.compress(b"<rss>" + b"".join(b"<item><title>Story %d</title></item>" % n for n in range(900)) + b"</rss>")
FULL = b'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nETag: "a"\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n'
CONDITIONAL = {"If-None-Match": '"a"'}


class Server(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            if b"if-none-match" in head.lower():
                self._say(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n')
            else:
                self._say(FULL % len(BODY) + BODY)

    def _say(self, answer: bytes) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.write(answer)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "0.0.0.0", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class NoMemory:
    def get(self, host: str) -> HostState | None:
        del host
        return None

    def put(self, state: HostState) -> None: ...


Get = Callable[[str], Awaitable[object]]


async def rate(get: Get, urls: list[str], count: int, workers: int = 16) -> float:
    """Requests per CPU second of this process."""
    work: Iterator[int] = iter(range(count))

    async def worker() -> None:
        for number in work:
            await get(urls[number % len(urls)])

    started = time.process_time()
    await asyncio.gather(*[worker() for _ in range(workers)])
    return count / (time.process_time() - started)


async def compare(port: int, count: int, rounds: int, hosts: int) -> None:
    urls = [f"http://127.0.{n // 250}.{n % 250 + 1}:{port}/feed.xml?id={n}" for n in range(hosts)]
    settings = FetchSettings(per_host_delay_s=0.0, allow_private_networks=("127.0.0.0/8",))
    web = HttpWeb(settings, Clock(), NoMemory())
    async with httpx.AsyncClient(timeout=30, follow_redirects=True) as plain:
        for name, headers in (("304", CONDITIONAL), ("200, gzip", {})):
            pairs = []
            for _ in range(rounds):
                mine = await rate(lambda url: web.get(Request(url=url, kind="feed", headers=headers)), urls, count)  # noqa: B023
                theirs = await rate(lambda url: plain.get(url, headers=headers), urls, count)  # noqa: B023
                pairs.append((mine, theirs))
            ours, httpx_ = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{name:10} ours {ours:6.0f}/CPU s, plain httpx {httpx_:6.0f}/CPU s: {ours / httpx_:.2f}×")
    await web.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    wishes = parser.parse_args()
    if wishes.serve:
        asyncio.run(serve())
        return
    command = [sys.executable, "-m", "benchmarks.client", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            asyncio.run(compare(int(server.stdout.readline()), wishes.requests, wishes.rounds, wishes.hosts))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
