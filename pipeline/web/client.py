"""The only way out: every request of the program goes through ``HttpWeb.get``.

URL ─▶ robots ─▶ the host's gate ─▶ guard (at connect) ─▶ exchange ─▶ bounded decoder ─▶ answer
                    ▲                                                                 │
                    └────────── redirects, hop by hop, each with its own gate ────────┘
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from pipeline.errors import Reject, Retry
from pipeline.records import Hop, Request, Response
from pipeline.settings import FetchSettings
from pipeline.text.headers import TRAVELS, retry_after_s
from pipeline.web.dial import Dialer
from pipeline.web.exchange import Answer, Exchange, HeaderList
from pipeline.web.guard import Guard
from pipeline.web.origins import Origins
from pipeline.web.pace import Clock, Gate, Gates, HostMemory
from pipeline.web.robots import Robots
from pipeline.web.target import Target, join, parse_target
from pipeline.web.walls import wall_of

MIB = 1024 * 1024
ARCHIVE_MIB = 50.0
"""The sitemap protocol's own limit for one file."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ENCODINGS = b"gzip, deflate, br, zstd"
ACCEPT = {
    "feed": b"application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    b"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1",
    "page": b"text/html, application/xhtml+xml, */*;q=0.5",
}


@dataclass(slots=True)
class _Journey:
    """What one ``get`` has seen on its way."""

    request: Request
    start: Target
    limit: int
    ends_at: float
    hops: list[Hop] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)
    cookies: dict[tuple[str, str, int], dict[str, str]] = field(default_factory=dict)


class HttpWeb:
    """Implements ``pipeline.world.Web``. ``tls`` replaces the default SSL context (certifi's roots), for private ones."""

    def __init__(
        self, settings: FetchSettings, clock: Clock, hosts: HostMemory, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._settings, self._clock = settings, clock
        self._gates = Gates(settings, clock, hosts)
        self._total = asyncio.Semaphore(max(1, settings.concurrency))
        self.requests = 0
        """Requests sent so far, redirects and robots.txt included."""
        self._waiting: set[asyncio.Task[object]] = set()
        dialer = Dialer(Guard(settings.allow_private_networks), settings.resolve)
        self._origins = Origins(dialer, clock.monotonic, (lambda: tls) if tls else httpx.create_ssl_context)
        self._exchange = Exchange(settings, self._origins)
        self._robots = Robots(settings.user_agent, hosts, self._gates, clock, self._get_robots)
        self._agent = settings.user_agent.encode("utf-8")

    async def get(self, request: Request) -> Response:
        """See ``pipeline.world.Web.get``: raises Retry, Reject, or Drop("robots_disallowed")."""
        start = parse_target(request.url)
        now = self._clock.monotonic()
        journey = _Journey(request, start, self._limit(request), now + self._settings.timeout_s)
        answer, target = await self._travel(journey)
        return Response(
            request_url=request.url,
            url=target.url if journey.hops or start.credentials else request.url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            hops=tuple(journey.hops),
            truncated=answer.truncated,
            wire_bytes=answer.wire_bytes,
            elapsed_s=self._clock.monotonic() - now,
            fetched_at=self._clock.now(),
        )

    def closed_hosts(self) -> frozenset[str]:
        """``name:port`` of the hosts whose gates are closed now: nothing should be asked of them."""
        return frozenset(name for key in self._gates.closed() for name in _with_ports(key))

    def stop_waiting(self) -> None:
        """Cancels every task that waits for a gate: at a shutdown only what is on the wire is worth finishing."""
        for task in tuple(self._waiting):
            task.cancel()

    async def aclose(self) -> None:
        await self._origins.aclose()

    async def _get_robots(self, url: str) -> Response:
        return await self.get(Request(url=url, kind="robots"))

    def _limit(self, request: Request) -> int:
        mib = self._settings.max_body_mib
        return int(MIB * (max(mib, ARCHIVE_MIB) if request.kind == "archive" else mib))

    async def _travel(self, journey: _Journey) -> tuple[Answer, Target]:
        target = journey.start
        while True:
            await self._obey_robots(journey, target)
            answer = await self._visit(journey, target)
            if answer.status not in REDIRECTS:
                return answer, target
            target = self._next_hop(journey, target, answer)

    async def _obey_robots(self, journey: _Journey, target: Target) -> None:
        kind = journey.request.kind
        if kind == "robots" or not self._settings.respect_robots:
            return
        if kind == "page" or self._settings.robots_for_feeds:
            await self._robots.check(target)

    def _next_hop(self, journey: _Journey, target: Target, answer: Answer) -> Target:
        if not answer.location:
            raise Reject("bad_redirect", f"{target.url}: {answer.status} without Location")
        _take_cookies(journey.cookies.setdefault(target.origin, {}), answer.cookies)
        following = join(target, answer.location)
        journey.hops.append(Hop(status=answer.status, url=following.url))
        if len(journey.hops) > self._settings.max_redirects:
            raise Reject("too_many_redirects", f"{journey.start.url}: more than {self._settings.max_redirects}")
        journey.seen.add((target.url, -1))
        mark = (following.url, _cookie_mark(journey.cookies.get(following.origin)))
        if mark in journey.seen or (mark[1] == 0 and (following.url, -1) in journey.seen):
            raise Reject("too_many_redirects", f"{journey.start.url}: a circle through {following.url}")
        journey.seen.add(mark)
        return following

    async def _visit(self, journey: _Journey, target: Target) -> Answer:
        """One hop, through the gate of its host."""
        gate = self._gates.of(target.host_key)
        await self._enter(gate)
        started = self._clock.monotonic()
        if not journey.hops:
            journey.ends_at = started + self._settings.timeout_s  # waiting politely is not the server's fault
        self.requests += 1
        try:
            answer = await self._ask(journey, target)
        except Retry:
            gate.failed()
            raise
        finally:
            gate.leave(self._total, self._clock.monotonic() - started)
        self._learn(gate, target, answer)
        return answer

    async def _enter(self, gate: Gate) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._waiting.add(task)
        try:
            await gate.enter(self._settings.timeout_s, self._total)
        finally:
            self._waiting.discard(task)

    async def _ask(self, journey: _Journey, target: Target) -> Answer:
        try:
            return await self._send(journey, target, ENCODINGS)
        except Reject as fate:
            if fate.slug != "undecodable":
                raise
        return await self._send(journey, target, b"identity")  # once more, uncompressed

    async def _send(self, journey: _Journey, target: Target, encodings: bytes) -> Answer:
        return await self._exchange.send(
            target,
            self._headers(journey, target, encodings),
            http2=journey.request.http2 and self._settings.http2,
            limit=journey.limit,
            deadline_s=max(0.001, journey.ends_at - self._clock.monotonic()),
        )

    def _headers(self, journey: _Journey, target: Target, encodings: bytes) -> HeaderList:
        request = journey.request
        at_home = target.origin == journey.start.origin
        headers = [
            (b"Host", target.authority),
            (b"User-Agent", self._agent),
            (b"Accept", ACCEPT.get(request.kind, b"*/*")),
            (b"Accept-Encoding", encodings),
        ]
        credentials = target.credentials or (journey.start.credentials if at_home else None)
        if credentials and at_home:
            headers.append((b"Authorization", credentials))
        cookies = journey.cookies.get(target.origin)
        if cookies:
            headers.append((b"Cookie", "; ".join(f"{k}={v}" for k, v in cookies.items()).encode("latin-1", "replace")))
        return _with_wishes(headers, request.headers, at_home=at_home) if request.headers else headers

    def _learn(self, gate: Gate, target: Target, answer: Answer) -> None:
        """Turns throttling and bot walls into fates, and tells the gate how it went."""
        status = answer.status
        if status < 400 and status != 202:
            gate.succeeded()
            return
        maker = wall_of(status, answer.headers, answer.body)
        if maker:
            raise Retry("bot_wall", f"{target.url}: {status} from {maker}")
        wish_s = retry_after_s(answer.headers, self._clock.now())
        if status == 429 or (status == 403 and gate.throttles):
            raise Retry("rate_limited", f"{target.url}: {status}", gate.throttled(wish_s))
        if status == 503 and wish_s is not None:
            raise Retry("server_error", f"{target.url}: 503, Retry-After", gate.throttled(wish_s))
        if status >= 500:
            gate.failed()
        else:
            gate.succeeded()


def _with_wishes(headers: HeaderList, wishes: Mapping[str, str], *, at_home: bool) -> HeaderList:
    """The caller's headers replace ours; away from home only those go along that cannot be credentials."""
    merged = {name.lower(): (name, value) for name, value in headers}
    for name, value in wishes.items():
        lower = name.lower()
        if (at_home or lower in TRAVELS) and lower not in {"host", "accept-encoding", "content-length"}:
            merged[lower.encode("ascii")] = (name.encode("ascii"), _raw(value))
    return list(merged.values())


def _raw(value: str) -> bytes:
    """Latin-1 gives back, byte for byte, what came in (validators); what it cannot hold was typed by a person."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8")


def _with_ports(host_key: str) -> tuple[str, ...]:
    """A gate's key names no port where it is a usual one, since both are one host; the frontier always names it."""
    name, colon, port = host_key.rpartition(":")
    if colon and not port.endswith("]"):
        return (f"{name.strip('[]')}:{port}",)
    return tuple(f"{host_key.strip('[]')}:{usual}" for usual in (80, 443))


def _take_cookies(jar: dict[str, str], lines: list[str]) -> None:
    """Kept for this one journey and this one origin: enough for gates that set a cookie and redirect to themselves."""
    for line in lines:
        name, equals, value = line.split(";", 1)[0].partition("=")
        if equals and name.strip():
            jar[name.strip()] = value.strip()


def _cookie_mark(jar: dict[str, str] | None) -> int:
    return hash(frozenset(jar.items())) if jar else 0
