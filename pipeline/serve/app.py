"""The application: routes, what is refused, and how errors are said."""

import contextlib
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from pipeline.serve.index import BadCursor
from pipeline.serve.library import Library
from pipeline.serve.web.answers import problem
from pipeline.serve.web.api import Api
from pipeline.serve.web.guard import LOOPBACK_NAMES, Guard
from pipeline.serve.web.openapi import openapi
from pipeline.serve.web.operations import Operations
from pipeline.serve.web.pages import Pages
from pipeline.serve.web.params import BadRequest, NotHere
from pipeline.serve.web.site import STATIC, ServeOptions, Site
from pipeline.serve.web.syndication import Syndication
from storage.errors import StoreError

log = logging.getLogger(__name__)

COMPRESS_FROM_BYTES = 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def create_app(library: Library, options: ServeOptions | None = None) -> Starlette:
    """Everything under one roof. The library's indexer is the caller's to start."""
    options = options or ServeOptions()
    site = Site(library=library, options=options)
    operations = Operations(library)
    routes = _routes(site, operations)
    names = {route.endpoint: route.path for route in routes}
    errors: dict[Any, Any] = {
        BadRequest: _said(site, 400, "That cannot be understood"),
        BadCursor: _said(site, 404, "That page cannot be found again", "cursor: expected what a page gave as its next"),
        NotHere: _said(site, 404, "Not here"),
        HTTPException: _http(site),
        StoreError: _said(site, 503, "The store cannot be read"),
        sqlite3.Error: _said(site, 503, "The store cannot be read"),
    }
    middleware = [
        Middleware(Guard, hosts=_hosts(options), names=names, observe=operations.observe),
        Middleware(GZipMiddleware, minimum_size=COMPRESS_FROM_BYTES, compresslevel=5),
    ]
    return Starlette(
        routes=routes, middleware=middleware, exception_handlers=errors, lifespan=_lifespan(options.threads)
    )


def _routes(site: Site, operations: Operations) -> list[Route]:
    pages, api, feeds = Pages(site), Api(site), Syndication(site)
    table: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("/", pages.stories),
        ("/updates", pages.updates),
        ("/stories/{story_id}", pages.story),
        ("/articles/{article_id}", pages.article),
        ("/diff", pages.diff),
        ("/explain", pages.explain),
        ("/sources", pages.sources),
        ("/feeds", pages.feeds),
        ("/feeds/detail", pages.feed),
        ("/entries", pages.entries),
        ("/about", pages.about),
        ("/stories.atom", feeds.atom),
        ("/stories.json", feeds.json_feed),
        ("/feeds.opml", feeds.opml),
        ("/api/v1/openapi.json", openapi),
        ("/api/v1/stories", api.stories),
        ("/api/v1/stories/{story_id}", api.story),
        ("/api/v1/articles/{article_id}", api.article),
        ("/api/v1/articles/{article_id}/revisions", api.revisions),
        ("/api/v1/diff", api.diff),
        ("/api/v1/explain", api.explain),
        ("/api/v1/sources", api.sources),
        ("/api/v1/feeds", api.feeds),
        ("/api/v1/entries", api.entries),
        ("/api/v1/status", api.status),
        ("/metrics", operations.metrics),
        ("/livez", operations.livez),
        ("/readyz", operations.readyz),
        ("/static/{name}", _static),
    )
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in table]


def _hosts(options: ServeOptions) -> frozenset[str] | None:
    """Behind loopback only its names (and the public one) are answered to; an open address was opened on purpose."""
    if options.host not in LOOPBACK:
        return None
    if options.public_url:
        from urllib.parse import urlsplit

        return LOOPBACK_NAMES | {urlsplit(options.public_url).hostname or ""}
    return LOOPBACK_NAMES


def _lifespan(threads: int) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # Every thread has connections and caches of its own: a few serve as fast as forty.
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads
        yield

    return lifespan


FILES = {path.name: path for path in STATIC.iterdir()}


def _static(request: Request) -> Response:
    path = FILES.get(request.path_params["name"])
    if path is None:
        raise NotHere("there is no such file")
    age = 31_536_000 if "v" in request.query_params else 3600
    return FileResponse(path, headers={"Cache-Control": f"public, max-age={age}, immutable"})


def _said(site: Site, status: int, title: str, detail: str = "") -> Callable[[Request, Exception], Response]:
    def say(request: Request, error: Exception) -> Response:
        text = detail or str(error)
        if status == 503:
            log.warning("cannot read", extra={"problem": text})
        if request.url.path.startswith("/api/"):
            return problem(status, title, text)
        return site.page(request, "problem.html", status=status, title=title, detail=text)

    return say


def _http(site: Site) -> Callable[[Request, HTTPException], Response]:
    """What the router refuses: no such page, a method that would change something."""

    def say(request: Request, error: HTTPException) -> Response:
        title = "Not here" if error.status_code == 404 else "Only GET and HEAD are answered"
        response = _said(site, error.status_code, title, error.detail)(request, error)
        response.headers.update(error.headers or {})
        return response

    return say
