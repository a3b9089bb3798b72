"""One gate per host for everything that goes there: feeds, pages, robots.txt, archives, redirects.

A gate lets requests start in the order in which they came, never more than ``per_host_concurrency`` at once, never two
closer than its interval. A 429, or a 503 with ``Retry-After``, closes the *host* (sixty feeds of one host are one visitor
to it). What would wait too long is turned away at once, each with its own later time, so that nobody comes back in a crowd.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.errors import Retry
from pipeline.settings import FetchSettings
from storage.records import HostState

BACKOFF_FIRST_S = 30.0
BACKOFF_CAP_S = 6 * 3600.0
"""A 429 without a date never closes a host longer (lion-reader's cap); servers that mean more say so."""
RETRY_AFTER_CAP_S = 24 * 3600.0
"""Media Cloud once saw 317100 s; a day is obeyed, the rest is asked again."""
INTERVAL_CAP_S = 600.0
INTERVAL_DECAY = 0.97
"""After 24 good answers a doubled interval is back where it was: one 429 in about 24 requests is the price of knowing."""
CRAWL_DELAY_CAP_S = 30.0
TROUBLE_AFTER = 5
"""Failures in a row (no connection, 5xx, timeouts) before the host is left alone for a while."""
TROUBLE_FIRST_S, TROUBLE_CAP_S = 30.0, 600.0
PROMISE_SPAN_S = 3600.0
MAX_GATES = 20_000


class Clock(Protocol):
    """Structurally ``pipeline.world.Clock``."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def sleep(self, delay_s: float) -> Awaitable[None]: ...


class HostMemory(Protocol):
    """What is remembered of hosts over a restart; the store stands behind it. ``put`` must not block."""

    def get(self, host: str) -> HostState | None: ...

    def put(self, state: HostState) -> None: ...


class Gate:
    """The way to one host. ``enter`` waits for its turn, ``leave`` ends it; the outcome is told in between."""

    def __init__(
        self,
        state: HostState,
        settings: FetchSettings,
        clock: Clock,
        memory: HostMemory,
        shut: set[str] | None = None,
    ) -> None:
        """``shut``: where it writes its key when it closes."""
        self.key = state.host
        self._shut: set[str] = set() if shut is None else shut
        self.crawl_delay_s = 0.0
        self._clock, self._memory = clock, memory
        self._base_s = max(0.0, settings.per_host_delay_s)
        self._learned_s = state.interval_s or 0.0
        self._saved_s = self._learned_s
        self._backoff_s = state.backoff_s
        self._turn = asyncio.Lock()
        self._slots = asyncio.Semaphore(max(1, settings.per_host_concurrency))
        self._waiting = self._inside = 0
        self._failures = 0
        self._service_s = 0.0
        self._lanes = max(1, settings.per_host_concurrency)
        now = clock.monotonic()
        self._next_start = self._promised = now
        self._closed_until = now + _remaining_s(state.closed_until, clock)
        if self._closed_until > now:
            self._shut.add(self.key)

    @property
    def interval_s(self) -> float:
        """The least time between two starts: the setting, robots.txt's crawl-delay, or what the host taught us."""
        return max(self._base_s, self._learned_s, self.crawl_delay_s)

    def closed_for_s(self) -> float:
        return max(0.0, self._closed_until - self._clock.monotonic())

    @property
    def idle(self) -> bool:
        """Nobody inside or waiting, and nothing to remember."""
        return not (self._waiting or self._inside or self._learned_s or self._backoff_s or self.closed_for_s())

    async def enter(self, budget_s: float, total: asyncio.Semaphore) -> None:
        """Waits for the turn, at most about ``budget_s``; ``total`` limits all hosts together and is held on return.

        Raises Retry("host_closed", retry_after_s=…) at once if the wait would be longer.
        """
        latest = self._clock.monotonic() + budget_s
        if self._expected_start() > latest:
            raise self._turn_away()
        self._waiting += 1
        try:
            async with self._turn:  # asyncio's lock is first come, first served
                await self._slots.acquire()
                try:
                    await self._start(latest, total)
                except BaseException:
                    self._slots.release()
                    raise
        finally:
            self._waiting -= 1

    async def _start(self, latest: float, total: asyncio.Semaphore) -> None:
        while True:
            await self._until_open(latest)
            await total.acquire()
            now = self._clock.monotonic()
            if max(self._closed_until, self._next_start) <= now:  # else it closed while we waited for the others
                self._next_start = now + self.interval_s
                self._inside += 1
                return
            total.release()

    async def _until_open(self, latest: float) -> None:
        while True:
            opens = max(self._closed_until, self._next_start)
            wait_s = opens - self._clock.monotonic()
            if wait_s <= 0:
                return
            if opens > latest:
                raise self._turn_away()
            await self._clock.sleep(wait_s)

    def leave(self, total: asyncio.Semaphore, elapsed_s: float) -> None:
        self._service_s += 0.25 * (elapsed_s - self._service_s)
        self._inside -= 1
        self._slots.release()
        total.release()

    def _expected_start(self) -> float:
        pace_s = max(self.interval_s, self._service_s / self._lanes)
        return max(self._closed_until, self._next_start, self._clock.monotonic()) + self._waiting * pace_s

    def _turn_away(self) -> Retry:
        return Retry("host_closed", f"{self.key}: gate closed, {self._waiting} waiting", self.next_promise_s())

    def next_promise_s(self) -> float:
        """Seconds until a time that has been promised to nobody else: those who are turned away come back one by one."""
        earliest = self._expected_start()
        self._promised = max(self._promised + max(self.interval_s, 0.001), earliest)
        if self._promised - earliest > PROMISE_SPAN_S:
            self._promised = earliest
        return self._promised - self._clock.monotonic()

    # What the answers teach

    def throttled(self, retry_after_s: float | None) -> float:
        """429, or 503 with ``Retry-After``: closes the host; returns the seconds after which to come back."""
        if not self.closed_for_s():  # answers to requests that were under way together count once
            self._backoff_s = min(BACKOFF_CAP_S, max(BACKOFF_FIRST_S, self._backoff_s * 2))
            self._learned_s = min(INTERVAL_CAP_S, max(1.0, self.interval_s * 2))
        wait_s = self._backoff_s if retry_after_s is None else min(retry_after_s, RETRY_AFTER_CAP_S)
        self._close(wait_s)
        return self.next_promise_s()

    @property
    def throttles(self) -> bool:
        """It has asked us to slow down, and we have not yet come back to normal."""
        return self._learned_s > 0

    def succeeded(self) -> None:
        self._failures = 0
        if not self._learned_s and not self._backoff_s:
            return
        self._backoff_s = self._backoff_s / 2 if self._backoff_s > BACKOFF_FIRST_S / 2 else 0.0
        self._learned_s *= INTERVAL_DECAY
        if self._learned_s <= max(self._base_s, self.crawl_delay_s, 0.05):
            self._learned_s = 0.0
        if not 0.8 * self._saved_s <= self._learned_s <= 1.25 * self._saved_s:
            self._save()

    def failed(self) -> None:
        """No connection, a timeout, a 5xx: after several in a row the host gets some peace, and so do our workers."""
        self._failures += 1
        if self._failures >= TROUBLE_AFTER:
            self._close(min(TROUBLE_CAP_S, TROUBLE_FIRST_S * 2.0 ** min(10, self._failures - TROUBLE_AFTER)))

    def _close(self, wait_s: float) -> None:
        self._closed_until = max(self._closed_until, self._clock.monotonic() + wait_s)
        self._shut.add(self.key)
        self._save()

    def _save(self) -> None:
        closed_s = self.closed_for_s()
        closed_until = self._clock.now() + timedelta(seconds=closed_s) if closed_s else None
        state = self._memory.get(self.key) or HostState(host=self.key)
        self._saved_s = self._learned_s
        self._memory.put(
            replace(state, closed_until=closed_until, interval_s=self._learned_s or None, backoff_s=self._backoff_s)
        )


class Gates:
    """All gates; one that is open, idle and has learned nothing may be forgotten."""

    def __init__(self, settings: FetchSettings, clock: Clock, memory: HostMemory) -> None:
        self._settings, self._clock, self._memory = settings, clock, memory
        self._gates: OrderedDict[str, Gate] = OrderedDict()
        self._shut: set[str] = set()

    def of(self, host_key: str) -> Gate:
        gate = self._gates.get(host_key)
        if gate is None:
            state = self._memory.get(host_key) or HostState(host=host_key)
            gate = self._gates[host_key] = Gate(state, self._settings, self._clock, self._memory, self._shut)
            self._forget()
        return gate

    def closed(self) -> frozenset[str]:
        """The hosts whose gates are closed now. Asked at every turn of the flow: it looks at those that closed, not at all."""
        self._shut -= {key for key in self._shut if (gate := self._gates.get(key)) is None or not gate.closed_for_s()}
        return frozenset(self._shut)

    def _forget(self) -> None:
        if len(self._gates) <= MAX_GATES:
            return
        for key in [key for key, gate in self._gates.items() if gate.idle][: MAX_GATES // 10]:
            del self._gates[key]


def _remaining_s(closed_until: datetime | None, clock: Clock) -> float:
    """Bounded, so that a wall clock that was wrong cannot close a host for a year."""
    if closed_until is None:
        return 0.0
    return min(RETRY_AFTER_CAP_S, max(0.0, (closed_until - clock.now()).total_seconds()))
