"""A small HTTP/1.1 server on loopback for many hosts: conditional requests, compression, keep-alive, a log of requests."""

import gzip
import socket
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.demo.site import Resource, target_of

COMPRESS_FROM = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One answered request. ``conditional``: it carried If-None-Match or If-Modified-Since."""

    method: str
    host: str
    target: str
    status: int
    conditional: bool
    user_agent: str

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.target}"


class DemoServer:
    """Serves ``resources`` (by host and target) on an ephemeral port of 127.0.0.1 from threads of its own, until ``stop``.

    ``resources`` may be replaced at any time; ``requests`` only grows.
    """

    def __init__(self, resources: Mapping[tuple[str, str], Resource]) -> None:
        self.resources = resources
        self.requests: list[RequestRecord] = []
        self._http = _HTTPServer(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="demo-web")
        self._thread.start()

    @property
    def address(self) -> str:
        """``127.0.0.1:port``."""
        return f"127.0.0.1:{self._http.server_port}"

    def stop(self) -> None:
        """Closes the listening socket and every open connection; returns when all threads have ended."""
        self._http.shutdown()
        self._thread.join()
        self._http.hang_up()
        self._http.server_close()


class _HTTPServer(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, demo: DemoServer) -> None:
        self.demo = demo
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer.server_bind looks its own name up in the DNS; there is none here.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """Ends idle keep-alive connections, whose threads would wait for ever."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; a mistake of the server's own is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body in one segment: without it, delayed ACKs cost 40 ms a request
    server: _HTTPServer

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").lower().partition(":")[0]
        resource = self.server.demo.resources.get((host, target_of(self.path)))
        if resource is None:
            self._answer(host, HTTPStatus.NOT_FOUND, b"Not found\n", {"Content-Type": "text/plain; charset=utf-8"})
        elif self._is_fresh(resource):
            self._answer(host, HTTPStatus.NOT_MODIFIED, b"", _validators(resource))
        else:
            headers = {"Content-Type": resource.content_type, **_validators(resource)}
            self._answer(host, HTTPStatus.OK, resource.body, headers)

    do_HEAD = do_GET  # noqa: N815  # the name is the base class's

    def _is_fresh(self, resource: Resource) -> bool:
        """RFC 9110 §13.2.2: If-None-Match decides alone where it is sent."""
        if (tags := self.headers.get("If-None-Match")) is not None:
            wanted = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return resource.etag is not None and resource.etag.removeprefix("W/") in wanted
        since = _http_date(self.headers.get("If-Modified-Since"))
        return since is not None and resource.last_modified is not None and resource.last_modified <= since

    def _answer(self, host: str, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        headers["Vary"] = "Accept-Encoding"
        if len(body) >= COMPRESS_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 5, mtime=0), "gzip"
        if status != HTTPStatus.NOT_MODIFIED:
            headers["Content-Length"] = str(len(body))
        self._record(host, status)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _record(self, host: str, status: HTTPStatus) -> None:
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        self.server.demo.requests.append(
            RequestRecord(
                method=self.command,
                host=host,
                target=self.path,
                status=int(status),
                conditional=conditional,
                user_agent=self.headers.get("User-Agent", ""),
            )
        )

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base class's
        """The log is ``DemoServer.requests``."""


def _validators(resource: Resource) -> dict[str, str]:
    out = {}
    if resource.etag is not None:
        out["ETag"] = resource.etag
    if resource.last_modified is not None:
        out["Last-Modified"] = format_datetime(resource.last_modified, usegmt=True)
    return out


def _http_date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
