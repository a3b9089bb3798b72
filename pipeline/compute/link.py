"""One end of a socket pair on the event loop: framed pickles out, answers in, the end seen at once."""

import asyncio
import pickle
import socket
from collections.abc import Callable
from typing import Any, Self

from pipeline.compute.worker import LENGTH

Answer = tuple[str, Any, float]


class Link(asyncio.Protocol):
    """Never blocks the loop: a page larger than the socket's buffer is written as the worker reads it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._on_answer: Callable[[Answer], None] | None = None
        self._on_end: Callable[[], None] | None = None

    @classmethod
    async def open(cls, sock: socket.socket) -> Self:
        sock.setblocking(False)
        _, link = await asyncio.get_running_loop().create_connection(cls, sock=sock)
        return link

    def attach(self, on_answer: Callable[[Answer], None], on_end: Callable[[], None]) -> None:
        self._on_answer, self._on_end = on_answer, on_end
        if self._transport is None or self._transport.is_closing():
            asyncio.get_running_loop().call_soon(on_end)

    def send(self, frame: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame)

    def close(self) -> None:
        self._on_answer = self._on_end = None
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            payload = bytes(memoryview(self._buffer)[LENGTH.size : end])
            del self._buffer[:end]
            if self._on_answer is not None:
                self._on_answer(pickle.loads(payload))  # noqa: S301 - written by our own worker over a private socket

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio.Protocol's signature
        self._transport = None
        if self._on_end is not None:
            self._on_end()
