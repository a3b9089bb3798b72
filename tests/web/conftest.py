"""A scripted web on loopback that speaks raw HTTP (so that it can break it), and a clock that is moved by waiting."""

import asyncio
import contextlib
import heapq
import itertools
import random
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cadence import after_failure, after_success, after_unchanged
from pipeline.errors import Fate, Retry
from pipeline.records import FeedHints, ParsedFeed, Request, Response
from pipeline.settings import FetchSettings, ScheduleSettings
from pipeline.stages.poll import judge, request_for
from pipeline.web.client import HttpWeb
from storage.records import Entry, Feed, HostState

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time stands still while anything runs or a request is under way (``busy``), and jumps to the next sleeper's end."""

    def __init__(self) -> None:
        self.t = 1000.0
        self.busy = 0
        self._sleepers: list[tuple[float, int, asyncio.Future]] = []
        self._count = itertools.count()
        self._ticker: asyncio.Task | None = None

    def now(self) -> datetime:
        return START + timedelta(seconds=self.t - 1000.0)

    def monotonic(self) -> float:
        return self.t

    async def sleep(self, delay_s: float) -> None:
        wake = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.t + delay_s, next(self._count), wake))
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.create_task(self._tick())
        await wake

    async def _tick(self) -> None:
        while self._sleepers:
            for _ in range(20):
                await asyncio.sleep(0)
            if self.busy:
                continue
            at, _, wake = heapq.heappop(self._sleepers)
            self.t = max(self.t, at)
            if not wake.done():
                wake.set_result(None)


class Hosts(dict):
    """A HostMemory in memory."""

    def get(self, host):
        return super().get(host)

    def put(self, state: HostState) -> None:
        self[state.host] = state


@dataclass
class Seen:
    """A request as it came in. ``line``: number of the connection."""

    path: str
    host: str
    headers: dict[str, str]
    raw: bytes
    line: int
    at: float


Reply = bytes | Callable[[Seen], object]


def reply(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """A whole response; header names with ``_`` for ``-``."""
    fields = {"Content-Type": "text/xml", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return f"HTTP/1.1 {status} Reason\r\n{head}\r\n".encode("latin-1") + body


def items(*names: str) -> bytes:
    return b"<rss>" + b"".join(b"<item>%b</item>" % name.encode() for name in names) + b"</rss>"


@dataclass
class Wire:
    """One listener that plays every host named in ``names``; ``replies`` by path (bytes, or a function of the request)."""

    clock: FakeClock
    port: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    hosts: Hosts = field(default_factory=Hosts)
    web: HttpWeb | None = None
    reply = staticmethod(reply)
    items = staticmethod(items)
    tasks: set = field(default_factory=set)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    async def get(self, url: str, kind: str = "feed", **headers: str) -> Response:
        url = self.origin + url if url.startswith("/") else url
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.web.get(Request(url=url, kind=kind, headers=fields))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        line = self.connections
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._answer(line, reader, writer):
                pass
        writer.close()

    async def _answer(self, line: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        raw = await reader.readuntil(b"\r\n\r\n")
        lines = raw.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines[1:] if one)}
        path = lines[0].split(" ")[1]
        seen = Seen(path, headers.get("host", ""), headers, raw, line, self.clock.t)
        self.seen.append(seen)
        answer = self.replies.get(path, self.replies.get(path.split("?")[0], reply(b"none", 404)))
        if callable(answer):
            answer = answer(seen)
        if isinstance(answer, AsyncIterator):
            async for piece in answer:
                writer.write(piece)
                await writer.drain()
            return False
        writer.write(answer or b"")
        await writer.drain()
        return bool(answer)


SETTINGS = ScheduleSettings()


def parse(body: bytes, hints: FeedHints) -> ParsedFeed:
    """A feed here is ``<item date>id</item>`` lines."""
    entries = []
    for date, name in re.findall(rb"<item ?([^>]*)>([^<]*)</item>", body):
        published = datetime.fromisoformat(date.decode()) if date else None
        entries.append(
            Entry(
                key=name.decode(),
                url="",
                feed_url=None,
                entry_id=None,
                via="feed",
                revision_hash="",
                date_published=published,
            )
        )
    if not entries:
        raise Retry("not_a_feed")
    return ParsedFeed(
        format="rss20", parser="test", title=None, site_url=None, language=None, entries=tuple(entries), hints=hints
    )


@dataclass
class Reader:
    """One subscriber: polls as the daemon does, remembers what it has seen."""

    wire: object
    feed: Feed
    seen: set = field(default_factory=set)
    outcomes: list = field(default_factory=list)
    hints: FeedHints = field(default_factory=FeedHints)
    rng: random.Random = field(default_factory=lambda: random.Random(5))

    async def poll(self, network_down=False) -> str:
        now = self.wire.clock.now()
        try:
            request = request_for(self.feed, now)
            response = await self.wire.web.get(request)
            verdict = judge(request, response, self.feed)
            if verdict.kind == "failed":
                raise Retry(verdict.slug, verdict.detail)
            if verdict.kind == "unchanged":
                self.feed = after_unchanged(self.feed, verdict, response, SETTINGS, now, self.rng)
            else:
                parsed = parse(response.body, self.hints)
                known = self.seen & {entry.key for entry in parsed.entries}
                self.feed = after_success(self.feed, verdict, response, parsed, known, SETTINGS, now, self.rng)
                self.seen |= {entry.key for entry in parsed.entries}
        except Fate as fate:
            self.feed = after_failure(self.feed, fate, SETTINGS, now, self.rng, network_down=network_down)
        self.outcomes.append(self.feed.last_outcome)
        return self.feed.last_outcome

    async def poll_until(self, end: datetime) -> None:
        while self.feed.next_due is None or self.feed.next_due < end:
            if self.feed.next_due is not None:
                self.wire.clock.t += max(0.0, (self.feed.next_due - self.wire.clock.now()).total_seconds())
            await self.poll()


def _count_busy(web: HttpWeb, clock: FakeClock) -> None:
    """The clock stands still while a request is on the wire."""
    send = web._exchange.send

    async def counted(*args, **kwargs):
        clock.busy += 1
        try:
            return await send(*args, **kwargs)
        finally:
            clock.busy -= 1

    web._exchange.send = counted


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def play(clock):
    """Runs ``scene(wire)`` against a fresh server and client; keyword arguments are FetchSettings. ``names``: host names
    that resolve to the server.
    """

    def run(scene, names=("a.test", "b.test"), guarded=False, **wishes):
        async def main():
            wire = Wire(clock)
            server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
            wire.port = server.sockets[0].getsockname()[1]
            settings = FetchSettings(
                **{
                    "per_host_delay_s": 0.0,
                    "allow_private_networks": () if guarded else ("127.0.0.0/8",),
                    "resolve": dict.fromkeys(names, f"127.0.0.1:{wire.port}"),
                }
                | wishes
            )
            wire.web = HttpWeb(settings, clock, wire.hosts)
            _count_busy(wire.web, clock)
            try:
                return await scene(wire)
            finally:
                await wire.web.aclose()
                server.close()
                for task in wire.tasks:
                    task.cancel()
                await asyncio.gather(*wire.tasks, return_exceptions=True)
                await asyncio.sleep(0)

        return asyncio.run(main())

    return run


@pytest.fixture
def read():
    """A Reader of one feed; keyword arguments are the Feed's."""

    def make(wire, url="http://a.test/feed", **wishes):
        return Reader(wire, Feed(url=url, **wishes))

    return make
