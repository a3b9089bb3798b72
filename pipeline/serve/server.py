"""The server process: uvicorn around the application, the indexer beside it, an orderly end."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from pipeline.engines.signals import stop_on_signals
from pipeline.errors import ConfigError
from pipeline.serve.app import create_app
from pipeline.serve.library import Library
from pipeline.serve.web.site import ServeOptions
from pipeline.settings import Settings

log = logging.getLogger(__name__)

GRACE_S = 5
BACKLOG = 256
IDLE_S = 15


class _Server(uvicorn.Server):
    """Uvicorn's own way with signals ends the process by the signal; an orderly stop is exit code 0 here."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(
    settings: Settings,
    data: Path,
    options: ServeOptions,
    *,
    index: Path | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT. ``ready`` is called with the address once connections are accepted.

    Raises StoreMissing, StoreDamaged; ConfigError where the address cannot be used.
    """
    library = Library(data, settings, index=index)
    library.store()
    listening = _listen(options)
    try:
        with library.following():
            asyncio.run(_serve(library, options, listening, ready))
    finally:
        listening.close()


def _listen(options: ServeOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # asyncio switches Nagle's algorithm off (40 ms an answer) only where the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((options.host, options.port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"--host {options.host} --port {options.port}: {(error.strerror or str(error)).lower()}"
        ) from error
    return listening


async def _serve(
    library: Library, options: ServeOptions, listening: socket.socket, ready: Callable[[str], None] | None
) -> None:
    config = uvicorn.Config(
        create_app(library, options),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=IDLE_S,
        proxy_headers=False,
    )
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def started() -> None:
        log.info("serving", extra={"address": address})
        if ready is not None:
            ready(address)

    server = _Server(config, started)
    with stop_on_signals() as stop:
        serving = asyncio.create_task(server.serve([listening]))
        stopping = asyncio.create_task(stop.event.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        stopping.cancel()
        log.info("stopped")
