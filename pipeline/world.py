"""All that a step may touch: the web, the store, the clock, the compute workers, the settings. Nothing else is global."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pipeline.records import Request, Response
from pipeline.settings import Settings
from storage.store import Store

T = TypeVar("T")


class Clock(Protocol):
    """Time as the steps see it; tests inject their own."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds, never going back."""
        ...

    def sleep(self, delay_s: float) -> Awaitable[None]:
        """Suspends for ``delay_s`` of this clock's seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        import time

        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        import asyncio

        await asyncio.sleep(delay_s)


class Web(Protocol):
    """The one seam to the web. Every outbound request passes robots, the host's gate, the address guard and the decoder."""

    async def get(self, request: Request) -> Response:
        """Fetches, follows redirects, decodes. 304 and 4xx/5xx are Responses; raises Retry or Reject where there is none.

        Raises Retry("host_closed", retry_after_s=…) at once, without waiting, if the host's gate stays closed longer
        than the request's deadline would allow.
        """
        ...

    def closed_hosts(self) -> frozenset[str]:
        """``name:port`` of the hosts whose gates are closed now."""
        ...

    def stop_waiting(self) -> None:
        """Cancels every task that waits for a host's gate; what is on the wire goes on."""
        ...

    async def aclose(self) -> None: ...


class Compute(Protocol):
    """Runs a picklable function in a supervised worker process, with a deadline that kills only that worker."""

    async def run(self, function: Callable[..., T], /, *args: object, deadline_s: float | None = None) -> T:
        """Raises Retry("extract_timeout") or Retry("extract_crash") when the worker had to be replaced."""
        ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    settings: Settings
    clock: Clock
    web: Web
    store: Store
    compute: Compute
