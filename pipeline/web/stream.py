"""One TCP (or TLS) connection, as httpcore wants it, straight on asyncio's transport.

httpcore's own backend goes through anyio: a cancel scope for every read. Here a read that finds bytes waiting costs a
method call, and a read that has to wait costs one timer.
"""

import asyncio
import ssl
from collections import deque
from typing import Any, cast

import httpcore

from pipeline.errors import Retry

HIGH_WATER = 262144
"""Bytes read ahead of the decoder before the peer is asked to wait."""


class SocketStream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One reader and one writer at a time, as HTTP/1.1 and httpcore's HTTP/2 guarantee."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._ended = False
        self._failure: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._secure = False

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._chunks.append(data)
        self._buffered += len(data)
        if self._buffered > HIGH_WATER and not self._reading_paused and self._transport is not None:
            self._reading_paused = True
            self._transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> bool:
        self._ended = True
        _wake(self._reader)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._failure = self._failure or exc
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._writing_paused = True

    def resume_writing(self) -> None:
        self._writing_paused = False
        _wake(self._writer)

    # httpcore.AsyncNetworkStream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        """At least one byte, or ``b""`` at the end; raises httpcore.ReadTimeout or httpcore.ReadError."""
        while not self._chunks:
            if self._ended:
                if self._failure is not None:
                    raise httpcore.ReadError(str(self._failure))
                return b""
            await self._wait_to_read(timeout)
        data = self._chunks.popleft()
        if len(data) > max_bytes:
            self._chunks.appendleft(data[max_bytes:])
            data = data[:max_bytes]
        self._buffered -= len(data)
        if self._reading_paused and self._buffered == 0:
            self._reading_paused = False
            assert self._transport is not None
            self._transport.resume_reading()
        return data

    async def _wait_to_read(self, timeout_s: float | None) -> None:
        reader = self._reader = self._loop.create_future()
        timer = None
        if timeout_s is not None:
            timer = self._loop.call_later(
                timeout_s, _fail, reader, httpcore.ReadTimeout(f"no byte for {timeout_s:g} s")
            )
        try:
            await reader
        finally:
            self._reader = None
            if timer is not None:
                timer.cancel()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's signature
        if self._ended and self._failure is not None:
            raise httpcore.WriteError(str(self._failure))
        assert self._transport is not None
        self._transport.write(buffer)
        if self._writing_paused:
            await self._wait_to_write(timeout)

    async def _wait_to_write(self, timeout_s: float | None) -> None:
        writer = self._writer = self._loop.create_future()
        timer = None
        if timeout_s is not None:
            timer = self._loop.call_later(timeout_s, _fail, writer, httpcore.WriteTimeout(f"stuck for {timeout_s:g} s"))
        try:
            await writer
        finally:
            self._writer = None
            if timer is not None:
                timer.cancel()

    async def aclose(self) -> None:
        """At once: nothing that is still in flight is wanted, and a polite TLS goodbye can wait for 30 s."""
        if self._transport is not None:
            self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> "SocketStream":
        """Raises Retry("tls_failure")."""
        assert self._transport is not None
        try:
            transport = await self._loop.start_tls(
                self._transport,
                self,
                ssl_context,
                server_hostname=server_hostname,
                ssl_handshake_timeout=timeout,
            )
        except (OSError, ssl.CertificateError) as error:  # SSLError and the handshake's timeout are OSErrors
            self._transport.abort()
            raise Retry("tls_failure", f"{server_hostname}: {error}") from error
        except BaseException:
            self._transport.abort()
            raise
        self._transport = transport
        self._secure = True
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of idle connections: anything to read is a goodbye or a lie
            return self._ended or bool(self._chunks)
        assert self._transport is not None
        name = {"client_addr": "sockname", "server_addr": "peername"}.get(info, info)
        return self._transport.get_extra_info(name) if info != "ssl_object" or self._secure else None


def _wake(waiter: "asyncio.Future[None] | None") -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


def _fail(waiter: "asyncio.Future[None]", error: Exception) -> None:
    if not waiter.done():
        waiter.set_exception(error)


async def open_stream(address: str, port: int) -> SocketStream:
    """Connects to a numeric address; raises OSError."""
    loop = asyncio.get_running_loop()
    _, stream = await loop.create_connection(SocketStream, address, port)
    return stream
