"""robots.txt (RFC 9309), read by Protego, kept with the host for a day.

4xx: there is none, everything is allowed. 5xx: everything is disallowed *for now*, unless an older copy is held, which
then goes on counting (§2.3.1.4). Network failures are the caller's own fate: the page could not be fetched either.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from protego import Protego

from pipeline.errors import Drop, Reject, Retry
from pipeline.records import Response
from pipeline.web.pace import CRAWL_DELAY_CAP_S, Clock, Gates, HostMemory
from pipeline.web.target import Target
from storage.records import HostState

FRESH = timedelta(hours=24)
"""§2.4: a cached copy should not be used for longer."""
AGAIN = timedelta(minutes=10)
"""When an unreachable robots.txt is asked for again."""
MAX_BYTES = 512 * 1024
"""§2.5: a crawler must parse at least 500 KiB."""
MAX_RULES = 4096

Fetch = Callable[[str], Awaitable[Response]]


class Rules:
    """What one robots.txt says to one agent; ``None`` for a file that says nothing."""

    def __init__(self, body: str, agent: str, read_at: datetime) -> None:
        self.read_at = read_at
        self._agent = agent
        self._parsed = Protego.parse(body) if body.strip() else None

    def allows(self, url: str) -> bool:
        return self._parsed is None or bool(self._parsed.can_fetch(url, self._agent))

    @property
    def crawl_delay_s(self) -> float:
        delay = self._parsed.crawl_delay(self._agent) if self._parsed else None
        return min(CRAWL_DELAY_CAP_S, max(0.0, delay or 0.0))


class Robots:
    """``fetch`` gets a URL through the same client, gate and guard as everything else."""

    def __init__(self, agent: str, memory: HostMemory, gates: Gates, clock: Clock, fetch: Fetch) -> None:
        self._agent = agent.split("/", 1)[0].strip() or agent
        self._memory, self._gates, self._clock, self._fetch = memory, gates, clock, fetch
        self._rules: dict[str, Rules] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def check(self, target: Target) -> None:
        """Raises Drop("robots_disallowed") or Retry("robots_unreachable")."""
        rules = self._rules.get(target.host_key)
        if rules is None or self._clock.now() - rules.read_at > FRESH:
            rules = await self._read_once(target)
        if not rules.allows(target.url):
            raise Drop("robots_disallowed", target.url)

    async def _read_once(self, target: Target) -> Rules:
        """However many pages wait for it, one of them asks."""
        key = target.host_key
        lock = self._reading.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                rules = self._rules.get(key)
                if rules is None or self._clock.now() - rules.read_at > FRESH:
                    rules = self._remember(target, await self._read(target))
                return rules
        finally:
            if not lock.locked():
                self._reading.pop(key, None)

    def _remember(self, target: Target, state: HostState) -> Rules:
        """Raises Retry("robots_unreachable") where the last answer was 5xx and no copy is held."""
        key = target.host_key
        if state.robots_body is None:
            raise Retry("robots_unreachable", f"{key}: {state.robots_status}", AGAIN.total_seconds())
        if len(self._rules) >= MAX_RULES:
            self._rules.clear()
        read_at = state.robots_fetched or self._clock.now()
        rules = self._rules[key] = Rules(state.robots_body, self._agent, read_at)
        self._gates.of(key).crawl_delay_s = rules.crawl_delay_s
        return rules

    async def _read(self, target: Target) -> HostState:
        known = self._memory.get(target.host_key) or HostState(host=target.host_key)
        now = self._clock.now()
        if known.robots_fetched and now - known.robots_fetched < (FRESH if known.robots_body is not None else AGAIN):
            return known
        status, body = await self._ask(f"{target.scheme}://{target.authority.decode()}/robots.txt")
        return self._keep(target.host_key, status, body)

    async def _ask(self, url: str) -> tuple[int, bytes]:
        try:
            response = await self._fetch(url)
        except (Reject, Drop) as fate:
            if fate.slug == "blocked_address":
                raise
            return 404, b""  # too large, endless redirects, undecodable: as good as none (§2.3.1.2)
        except Retry as fate:
            if fate.slug == "bot_wall":
                return 403, b""
            raise
        return response.status, response.body

    def _keep(self, host_key: str, status: int, body: bytes) -> HostState:
        known = self._memory.get(host_key) or HostState(host=host_key)  # the gate may have saved meanwhile
        fetched = self._clock.now()
        if status >= 500:
            if known.robots_body is not None:
                fetched -= FRESH - AGAIN
            state = replace(known, robots_status=status, robots_fetched=fetched)
        else:
            text = body[:MAX_BYTES].decode("utf-8", "replace") if 200 <= status < 300 else ""
            state = replace(known, robots_status=status, robots_fetched=fetched, robots_body=text)
        self._memory.put(state)
        return state
