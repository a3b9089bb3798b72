"""One request, one answer, no redirects: the body read under every limit, and every way to fail given its name."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

import httpcore

from pipeline.errors import Fate, Reject, Retry
from pipeline.settings import FetchSettings
from pipeline.text.headers import codings
from pipeline.web.decode import Decoder, Plain
from pipeline.web.origins import Origins, leftover
from pipeline.web.target import Target

HeaderList = list[tuple[bytes, bytes]]
DRAIN = 65536
"""A redirect's body is read this far, so that its connection can be used again; a longer one costs the connection."""


@dataclass(slots=True)
class Answer:
    """``location`` is kept raw: servers put UTF-8 into it. ``cookies``: the raw ``Set-Cookie`` values."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    location: str | None
    body: bytes = b""
    truncated: bool = False
    wire_bytes: int = 0


class Exchange:
    """Sends over the origins' connections; raises Retry or Reject, never an error of the libraries below."""

    def __init__(self, settings: FetchSettings, origins: Origins) -> None:
        self._origins = origins
        self._timeouts = {
            "connect": settings.connect_timeout_s,
            "read": settings.read_timeout_s,
            "write": settings.read_timeout_s,
            "pool": settings.timeout_s,
        }

    async def send(self, target: Target, headers: HeaderList, *, http2: bool, limit: int, deadline_s: float) -> Answer:
        """``limit`` in decoded bytes; ``deadline_s`` for everything together, from connecting to the last byte."""
        try:
            async with asyncio.timeout(deadline_s):
                return await self._send(target, headers, http2=http2, limit=limit)
        except Fate:
            raise
        except TimeoutError as error:
            raise Retry("timeout", f"{target.url}: not done within {deadline_s:.1f} s") from error
        except Exception as error:
            raise _named(target, error) from error

    async def _send(self, target: Target, headers: HeaderList, *, http2: bool, limit: int) -> Answer:
        origin = self._origins.borrow(target, http2=http2)
        try:
            response, line = await origin.send(self._request(target, headers))
            answer = await _read(response, limit)
            if rest := leftover(line):
                answer.truncated = answer.truncated or bool(rest.strip())
                await origin.discard(line)
            return answer
        finally:
            await self._origins.give_back(origin)

    def _request(self, target: Target, headers: HeaderList) -> httpcore.Request:
        url = httpcore.URL(
            scheme=target.scheme.encode("ascii"),
            host=target.host.encode("ascii"),
            port=target.port,
            target=target.path,
        )
        return httpcore.Request("GET", url, headers=headers, extensions={"timeout": self._timeouts})


async def _read(response: httpcore.Response, limit: int) -> Answer:
    answer = _head(response)
    if answer.location is not None and 300 <= answer.status < 400:
        await _drain(response)
        return answer
    announced = answer.headers.get("content-length", "")
    identity = not answer.headers.get("content-encoding")
    if identity and announced.isdigit() and int(announced) > limit:
        await response.aclose()
        raise Reject("too_large", f"announces {announced} bytes")
    await _read_body(response, answer, limit)
    return answer


def _head(response: httpcore.Response) -> Answer:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    location: bytes | None = None
    for raw, value in response.headers:
        name = raw.decode("latin-1").lower()
        headers[name] = value.decode("latin-1")
        if name == "set-cookie":
            cookies.append(headers[name])
        elif name == "location":
            location = value
    return Answer(response.status, headers, cookies, None if location is None else _spelled(location))


def _spelled(location: bytes) -> str:
    try:
        return location.decode("utf-8")
    except UnicodeDecodeError:
        return location.decode("latin-1")


async def _drain(response: httpcore.Response) -> None:
    seen = 0
    with contextlib.suppress(httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        async for chunk in response.aiter_stream():
            seen += len(chunk)
            if seen > DRAIN:
                break
    await response.aclose()


def _decoder(answer: Answer, limit: int) -> "Decoder | Plain":
    """A range is cut out of the encoded bytes (RFC 9110 §14.1.2): it begins anywhere, and cannot be decoded alone."""
    if answer.status == 206:
        return Plain(limit)
    return Decoder(codings(answer.headers.get("content-encoding")), limit)


async def _read_body(response: httpcore.Response, answer: Answer, limit: int) -> None:
    """A body that breaks off is kept as far as it came: ``truncated``."""
    decoder = _decoder(answer, limit)
    broken: Exception | None = None
    try:
        async for chunk in response.aiter_stream():
            answer.wire_bytes += len(chunk)
            if answer.wire_bytes > limit + DRAIN:  # a coding that swallows for ever and yields nothing
                raise Reject("too_large", f"more than {limit} bytes on the wire")
            decoder.feed(chunk)
    except (httpcore.RemoteProtocolError, httpcore.ReadError) as error:
        broken = error
    finally:
        await response.aclose()
    answer.body, complete = decoder.finish()
    answer.truncated = broken is not None or not complete
    if broken is not None and not answer.body:
        raise broken


def _named(target: Target, error: Exception) -> Fate:
    detail = f"{target.url}: {str(error) or type(error).__name__}"
    if isinstance(error, httpcore.ConnectTimeout | httpcore.ConnectError):
        return Retry("connect_failure", detail)
    if isinstance(error, httpcore.TimeoutException):
        return Retry("timeout", detail)
    if isinstance(error, ssl.SSLError):
        return Retry("tls_failure", detail)
    if isinstance(error, httpcore.NetworkError | OSError):
        return Retry("connect_failure", detail)
    return Retry("protocol_error", detail)
