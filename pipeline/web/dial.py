"""Makes connections: resolves, asks the guard about every address, connects to one that it permits and stays with it.

httpcore calls ``Dialer.connect_tcp`` for each new connection, so the check happens where the connection is made, on the
number that the socket gets: a name that resolves differently the second time (rebinding) gains nothing.
"""

import asyncio
import errno
import ipaddress
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpcore

from pipeline.errors import Reject, Retry
from pipeline.web.guard import Guard
from pipeline.web.stream import SocketStream, open_stream

STAGGER_S = 0.25
"""Head start of one address over the next (RFC 8305 §5)."""
MAX_ADDRESSES = 6
MAX_LOOKUPS = 64


class Dialer(httpcore.AsyncNetworkBackend):
    """``resolve`` maps ``host`` or ``host:port`` to ``address:port``, as curl's --connect-to; the guard still decides."""

    def __init__(self, guard: Guard, resolve: Mapping[str, str] | None = None) -> None:
        self._guard = guard
        self._resolve = {name.lower(): _address_port(to) for name, to in (resolve or {}).items()}
        self._lookups = asyncio.Semaphore(MAX_LOOKUPS)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> SocketStream:
        """Raises Reject("blocked_address"), Retry("dns_failure") or Retry("connect_failure")."""
        del local_address, socket_options
        try:
            async with asyncio.timeout(timeout):
                addresses, port = await self._addresses(host, port)
                return await _race(addresses, port)
        except TimeoutError as error:
            raise Retry("connect_failure", f"{host}:{port}: no connection within {timeout:g} s") from error
        except OSError as error:
            raise Retry("connect_failure", f"{host}:{port}: {error.strerror or error}") from error

    async def _addresses(self, host: str, port: int) -> tuple[list[str], int]:
        mapped = self._resolve.get(f"{host}:{port}") or self._resolve.get(host)
        if mapped:
            host, port = mapped
        found = [host] if _is_numeric(host) else await self._lookup(host, port)
        permitted = [address for address in found if self._guard.permits(address)]
        if not permitted:
            raise Reject("blocked_address", f"{host} is {', '.join(found[:3])}, not a public address")
        return permitted[:MAX_ADDRESSES], port

    async def _lookup(self, host: str, port: int) -> list[str]:
        """In a thread of its own: a resolver that hangs can neither hold the pool of threads nor the program's exit."""
        await self._lookups.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()

        def settle(result: list[Any] | None, error: Exception | None) -> None:
            self._lookups.release()
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result or [])

        def work() -> None:
            result, error = None, None
            try:
                result = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as caught:
                error = caught
            try:
                loop.call_soon_threadsafe(settle, result, error)
            except RuntimeError:  # the loop has ended, and nobody waits
                return

        threading.Thread(target=work, name=f"resolve {host}", daemon=True).start()
        try:
            found = await answer
        except socket.gaierror as error:
            raise Retry("dns_failure", _dns_detail(host, error)) from error
        except UnicodeError as error:
            raise Reject("bad_url", f"host {host!r}: {error}") from error
        return _interleave(list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))


def _dns_detail(host: str, error: socket.gaierror) -> str:
    kind = "temporary: " if error.errno == socket.EAI_AGAIN else ""
    return f"{host}: {kind}{error.strerror}"


def _interleave(addresses: list[str]) -> list[str]:
    """Families in turn (RFC 8305 §4), the resolver's first choice first."""
    first_is_6 = ":" in addresses[0] if addresses else False
    one = [a for a in addresses if (":" in a) == first_is_6]
    other = [a for a in addresses if (":" in a) != first_is_6]
    mixed = [a for pair in zip(one, other, strict=False) for a in pair]
    shorter = min(len(one), len(other))
    return mixed + one[shorter:] + other[shorter:]


async def _race(addresses: Sequence[str], port: int) -> SocketStream:
    """Happy eyeballs (RFC 8305): the next address starts when the one before failed or had its head start."""
    if len(addresses) == 1:
        return await open_stream(addresses[0], port)
    errors: list[OSError] = []
    running: set[asyncio.Task[SocketStream]] = set()
    waiting = list(addresses)
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(open_stream(waiting.pop(0), port)))
            done, running = await asyncio.wait(
                running, timeout=STAGGER_S if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            winner = await _first_open(done, errors)
            if winner is not None:
                return winner
    finally:
        await _abandon(running)
    raise errors[0] if errors else OSError(errno.EHOSTUNREACH, "no address answered")


async def _first_open(done: set[asyncio.Task[SocketStream]], errors: list[OSError]) -> SocketStream | None:
    winner: SocketStream | None = None
    for task in done:
        error = task.exception()
        if isinstance(error, OSError):
            errors.append(error)
        elif error is not None:
            raise error
        elif winner is None:
            winner = task.result()
        else:
            await task.result().aclose()
    return winner


async def _abandon(running: set[asyncio.Task[SocketStream]]) -> None:
    for task in running:
        task.cancel()
    for outcome in await asyncio.gather(*running, return_exceptions=True):
        if isinstance(outcome, SocketStream):
            await outcome.aclose()


def _address_port(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    return True
