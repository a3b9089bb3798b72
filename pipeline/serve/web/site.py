"""What every handler has at hand: the library, the options, the templates, the sums that are kept for a while."""

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import Response

from pipeline.serve.library import Library
from pipeline.serve.web.answers import answer
from pipeline.serve.web.params import NotHere
from pipeline.serve.web.wording import FILTERS
from storage.records import Article, Story

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
KEPT_S = 20.0
"""How long a sum over everything is used again: the choices of a filter need not be younger."""
STALE_S = 300.0
"""Beyond this an old sum is no longer better than a wait."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """``public_url``: under which address the outside sees this server (None: as the request says)."""

    host: str = "127.0.0.1"
    port: int = 8480
    public_url: str | None = None
    threads: int = 4


@dataclass(slots=True)
class _Kept:
    value: Any
    until: float


@dataclass(slots=True)
class Site:
    """Shared by all handlers; safe from any thread."""

    library: Library
    options: ServeOptions
    templates: Environment = field(init=False)
    _kept: dict[object, _Kept] = field(default_factory=dict)
    _making: dict[object, threading.Lock] = field(default_factory=dict)
    _background: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "sums"))

    def __post_init__(self) -> None:
        self.templates = Environment(
            loader=FileSystemLoader(ROOT / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters.update(FILTERS)
        self.templates.globals["static"] = _Static()

    def page(self, request: Request, template: str, *, here: str = "", status: int = 200, **values: Any) -> Response:
        """One page, with an entity tag."""
        progress = self.library.indexer.progress
        text = self.templates.get_template(template).render(here=here, progress=progress, **values)
        if status != 200:
            return Response(text, status, media_type="text/html", headers={"Cache-Control": "no-store"})
        return answer(request, text.encode("utf-8", "replace"), "text/html; charset=utf-8")

    def kept(self, key: object, make: Callable[[], T]) -> T:
        """``make()``, or what it gave a moment ago. Nobody waits for a fresher one, unless the last is really old."""
        found, now = self._kept.get(key), time.monotonic()
        if found is None or found.until + STALE_S < now:
            with self._making.setdefault(key, threading.Lock()):
                found = self._kept.get(key)
                if found is None or found.until + STALE_S < now:
                    found = self._make(key, make)
        elif found.until < now:
            found.until = now + KEPT_S  # one refresh at a time
            self._background.submit(self._make, key, make)
        value: T = found.value
        return value

    def _make(self, key: object, make: Callable[[], Any]) -> _Kept:
        found = self._kept[key] = _Kept(make(), time.monotonic() + KEPT_S)
        return found

    def story(self, story_id: str) -> Story:
        """Raises NotHere."""
        story = self.library.store().stories.get(story_id)
        if story is None:
            raise NotHere(f"there is no story {story_id}")
        return story

    def article(self, article_id: str, revision: int = 0) -> Article:
        """The latest revision, or the one asked for. Raises NotHere."""
        if revision:
            found = next((one for one in self.library.revisions(article_id) if one.revision == revision), None)
        else:
            found = self.library.store().articles.get(article_id)
        if found is None:
            which = f" in revision {revision}" if revision else ""
            raise NotHere(f"there is no article {article_id}{which}")
        return found

    def base(self, request: Request) -> str:
        """The address of this server as the outside sees it, without a slash at the end."""
        return (self.options.public_url or str(request.base_url)).rstrip("/")


class _Static:
    """The address of a file of ours, with its version: browsers may keep it for a year."""

    def __init__(self) -> None:
        self._versions = {
            path.name: hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest() for path in STATIC.iterdir()
        }

    def __call__(self, name: str) -> str:
        return f"/static/{name}?v={self._versions[name]}"
