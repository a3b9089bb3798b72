"""Connections, kept alive: one small httpcore pool per origin.

One pool for all would look at every idle connection (a system call each) for every request; per origin it is one or two.
Origins that nobody has asked for a while are closed, oldest first.
"""

import ssl
from collections import OrderedDict
from collections.abc import Callable

import httpcore
import httpx

from pipeline.settings import FetchSettings
from pipeline.web.target import Target

KEEPALIVE_S = 60.0
MAX_ORIGINS = 512
"""Idle sockets held at most; well below the usual limit of 1024 open files."""

Key = tuple[str, str, int, bool]


class _Origin:
    __slots__ = ("busy", "pool", "used_at")

    def __init__(self, pool: httpcore.AsyncConnectionPool, used_at: float) -> None:
        self.pool = pool
        self.busy = 0
        self.used_at = used_at


class Origins:
    """Lends the pool of an origin; ``http2`` (over TLS, where offered) is part of the key: a switch per request."""

    def __init__(
        self,
        settings: FetchSettings,
        dialer: httpcore.AsyncNetworkBackend,
        monotonic: Callable[[], float],
        tls: Callable[[], ssl.SSLContext] = httpx.create_ssl_context,
    ) -> None:
        self._settings, self._dialer, self._monotonic, self._tls = settings, dialer, monotonic, tls
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._origins: OrderedDict[Key, _Origin] = OrderedDict()

    def borrow(self, target: Target, *, http2: bool) -> tuple[_Origin, bool]:
        """The origin, and whether it holds a connection that has been used before (which may have gone stale)."""
        key = (target.scheme, target.host, target.port, http2 and target.scheme == "https")
        origin = self._origins.get(key)
        if origin is None:
            origin = self._origins[key] = _Origin(self._open(key), 0.0)
        else:
            self._origins.move_to_end(key)
        origin.busy += 1
        return origin, bool(origin.pool.connections)

    def _open(self, key: Key) -> httpcore.AsyncConnectionPool:
        scheme, _, _, http2 = key
        return httpcore.AsyncConnectionPool(
            ssl_context=self._context(http2=http2) if scheme == "https" else None,
            max_connections=self._settings.concurrency,
            keepalive_expiry=KEEPALIVE_S,
            http2=http2,
            network_backend=self._dialer,
        )

    def _context(self, *, http2: bool) -> ssl.SSLContext:
        """One per protocol list: httpcore writes the ALPN protocols into the context before each handshake."""
        context = self._contexts.get(http2)
        if context is None:
            context = self._contexts[http2] = self._tls()
        return context

    async def give_back(self, origin: _Origin) -> None:
        origin.busy -= 1
        origin.used_at = self._monotonic()
        await self._sweep()

    async def _sweep(self) -> None:
        """Looks at the oldest only: constant work for each request."""
        while self._origins:
            key, oldest = next(iter(self._origins.items()))
            surplus = len(self._origins) > MAX_ORIGINS
            if oldest.busy or not (surplus or self._monotonic() - oldest.used_at > KEEPALIVE_S):
                if oldest.busy and surplus:
                    self._origins.move_to_end(key)
                return
            del self._origins[key]
            await oldest.pool.aclose()

    async def aclose(self) -> None:
        while self._origins:
            _, origin = self._origins.popitem()
            await origin.pool.aclose()
