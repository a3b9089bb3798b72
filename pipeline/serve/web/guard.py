"""What every answer carries, and what is refused before anything is read.

A page may load nothing but our own style and script, talk to nobody but us and be framed by nobody. A server on loopback
answers only to names of loopback: a page elsewhere whose name was made to lead here (DNS rebinding) gets nothing.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("pipeline.serve.requests")

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

Observe = Callable[[str, str, int, float], None]
"""(route, method, status, seconds)."""


class Guard:
    """``hosts``: the names that this server answers to (None: to all); ``names``: what a route is called in metrics."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None, names: Mapping[Any, str], observe: Observe) -> None:
        self._app = app
        self._hosts = hosts
        self._names = names
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if self._welcome(scope):
                await self._app(scope, receive, guarded)
            else:
                refusal = PlainTextResponse("this server does not answer to that name\n", 421)
                await refusal(scope, receive, guarded)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _welcome(self, scope: Scope) -> bool:
        if self._hosts is None:
            return True
        host = Headers(scope=scope).get("host", "")
        name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
        return name.lower() in self._hosts

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        self._observe(self._names.get(scope.get("endpoint"), "other"), scope["method"], status, seconds)
        log.info(
            "answered",
            extra={"method": scope["method"], "path": scope["path"], "status": status, "ms": round(1000 * seconds, 1)},
        )
