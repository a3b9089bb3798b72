"""Connections, kept alive, a few for each origin; those that nobody used for a while are closed, oldest first.

httpcore speaks the protocols. Its pool is not used: it looks at every idle connection of every origin for each request.
How many there may be at once is not decided here but at the gates.
"""

import ssl
from collections import OrderedDict
from collections.abc import Callable

import httpcore
import httpx

from pipeline.web.target import Target

KEEPALIVE_S = 60.0
MAX_ORIGINS = 512
"""Origins with open connections held at most; well below the usual limit of 1024 open files."""

Key = tuple[str, str, int, bool]


class Origin:
    """The connections to one scheme, host and port. ``lines`` is ordered by first use; the freshest is reused first."""

    __slots__ = ("address", "busy", "dialer", "http2", "lines", "tls", "used_at")

    def __init__(self, key: Key, dialer: httpcore.AsyncNetworkBackend, tls: ssl.SSLContext | None) -> None:
        scheme, host, port, self.http2 = key
        self.address = httpcore.Origin(scheme=scheme.encode("ascii"), host=host.encode("ascii"), port=port)
        self.dialer, self.tls = dialer, tls
        self.lines: list[httpcore.AsyncHTTPConnection] = []
        self.busy = 0
        self.used_at = 0.0

    async def send(self, request: httpcore.Request) -> tuple[httpcore.Response, httpcore.AsyncHTTPConnection]:
        """The response, still to be read, and the connection that it comes over. One that had been kept alive may have
        died meanwhile: then, and only then, a GET is sent once more on a new one (RFC 9110 §9.2.2).
        """
        while True:
            line = await self._usable()
            reused = line is not None
            if line is None:
                line = self._new_line()
            try:
                return await line.handle_async_request(request), line
            except httpcore.ConnectionNotAvailable:  # it turned out to speak HTTP/1.1, and is taken
                continue
            except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
                if not reused:
                    raise
            finally:
                if line.is_closed():
                    self._drop(line)

    async def _usable(self) -> httpcore.AsyncHTTPConnection | None:
        for line in self.lines[::-1]:
            if line.is_closed():
                self._drop(line)
            elif line.has_expired():
                self._drop(line)
                await line.aclose()
            elif line.is_available():
                return line
        return None

    def _new_line(self) -> httpcore.AsyncHTTPConnection:
        line = httpcore.AsyncHTTPConnection(
            self.address,
            ssl_context=self.tls,
            keepalive_expiry=KEEPALIVE_S,
            http2=self.http2,
            network_backend=self.dialer,
        )
        self.lines.append(line)
        return line

    async def discard(self, line: httpcore.AsyncHTTPConnection) -> None:
        self._drop(line)
        await line.aclose()

    def _drop(self, line: httpcore.AsyncHTTPConnection) -> None:
        if line in self.lines:
            self.lines.remove(line)

    async def aclose(self) -> None:
        while self.lines:
            await self.lines.pop().aclose()


def leftover(line: httpcore.AsyncHTTPConnection) -> bytes:
    """What an HTTP/1.1 server sent after the end of its answer. httpcore would read it as the beginning of the next one:
    a server could answer questions that were never put to it.
    """
    h11_state = getattr(getattr(line, "_connection", None), "_h11_state", None)
    return bytes(h11_state.trailing_data[0]) if h11_state is not None else b""


class Origins:
    """Lends the origin of a target; ``http2`` (over TLS, where offered) is part of the key: a switch per request."""

    def __init__(
        self,
        dialer: httpcore.AsyncNetworkBackend,
        monotonic: Callable[[], float],
        tls: Callable[[], ssl.SSLContext] = httpx.create_ssl_context,
    ) -> None:
        self._dialer, self._monotonic, self._tls = dialer, monotonic, tls
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._origins: OrderedDict[Key, Origin] = OrderedDict()

    def borrow(self, target: Target, *, http2: bool) -> Origin:
        key = (target.scheme, target.host, target.port, http2 and target.scheme == "https")
        origin = self._origins.get(key)
        if origin is None:
            tls = self._context(http2=key[3]) if target.scheme == "https" else None
            origin = self._origins[key] = Origin(key, self._dialer, tls)
        else:
            self._origins.move_to_end(key)
        origin.busy += 1
        return origin

    def _context(self, *, http2: bool) -> ssl.SSLContext:
        """One per protocol list: httpcore writes the ALPN protocols into the context before each handshake."""
        context = self._contexts.get(http2)
        if context is None:
            context = self._contexts[http2] = self._tls()
        return context

    async def give_back(self, origin: Origin) -> None:
        """Looks at the oldest origins only: constant work for each request."""
        origin.busy -= 1
        origin.used_at = self._monotonic()
        while True:
            key, oldest = next(iter(self._origins.items()))
            surplus = len(self._origins) > MAX_ORIGINS
            if oldest.busy or not (surplus or self._monotonic() - oldest.used_at > KEEPALIVE_S):
                if oldest.busy and surplus:
                    self._origins.move_to_end(key)
                return
            del self._origins[key]
            await oldest.aclose()
            if not self._origins:
                return

    async def aclose(self) -> None:
        while self._origins:
            _, origin = self._origins.popitem()
            await origin.aclose()
