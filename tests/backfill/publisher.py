"""A publisher with 500 posts on loopback, and what tests do with it: read sources, collect, look at the store."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

from pipeline.engines import backfill
from pipeline.engines.request import BackfillRequest
from pipeline.engines.session import open_session
from pipeline.engines.summary import RunSummary
from pipeline.settings import Settings
from pipeline.world import Clock, SystemClock
from storage.store import Store

POSTS = 500
BEGAN = datetime(2019, 1, 1, 12, tzinfo=UTC)
VOCABULARY = [a + b + c for a in "bdfgklmnprst" for b in ("ar", "en", "ilo", "ou") for c in ("t", "ding", "vel")]


@dataclass
class Answer:
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


MISSING = Answer(b"nothing here", status=404)
Route = Callable[[dict[str, str]], Answer]


class Publisher:
    """``routes`` by path; whatever else is asked is a post or missing. ``asked`` counts paths with their queries."""

    def __init__(self, posts: int = POSTS) -> None:
        self.posts = posts
        self.routes: dict[str, Route] = {}
        self.asked: list[str] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                answer = publisher.answer(self.path, dict(self.headers.items()))
                self.send_response(answer.status)
                for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, target: str, headers: dict[str, str]) -> Answer:
        self.asked.append(target)
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        route = self.routes.get(parts.path)
        if route is not None:
            return route({**query, **{f"header:{name.lower()}": value for name, value in headers.items()}})
        number = parts.path.removeprefix("/posts/")
        if number.isdigit() and 1 <= int(number) <= self.posts:
            return Answer(page(int(number)))
        return MISSING

    def url(self, number: int) -> str:
        return f"{self.origin}/posts/{number}"

    def pages_asked(self) -> Counter[str]:
        return Counter(path for path in self.asked if path.startswith("/posts/"))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def published(number: int) -> datetime:
    return BEGAN + timedelta(hours=7 * number)


def text(number: int) -> str:
    words = random.Random(number)
    return "\n".join(" ".join(words.choice(VOCABULARY) for _ in range(60)) for _ in range(2))


def page(number: int, *, dated: bool = True) -> bytes:
    meta = f'<meta property="article:published_time" content="{published(number).isoformat()}">' if dated else ""
    paragraphs = "".join(f"<p>{line}.</p>" for line in text(number).split("\n"))
    return (
        f"<!doctype html><html lang=en><head><title>Post {number}</title>{meta}</head>"
        f"<body><article><h1>Post {number}</h1>{paragraphs}</article></body></html>"
    ).encode()


def rss(publisher: Publisher, numbers: list[int], links: str = "") -> Answer:
    """A feed of these posts, newest first as given; ``links`` are channel elements such as ``<atom:link rel=...>``."""
    items = "".join(
        f"<item><title>Post {n}</title><link>{publisher.url(n)}</link><guid>{publisher.url(n)}</guid>"
        f"<pubDate>{published(n):%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for n in numbers
    )
    xml = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>P</title>'
        f"{links}{items}</channel></rss>"
    )
    return Answer(xml.encode(), "application/rss+xml")


def newest(publisher: Publisher) -> list[int]:
    return list(range(publisher.posts, 0, -1))


class Hurried(SystemClock):
    """Waits for nothing: what would be slept has passed."""

    def __init__(self) -> None:
        self._skipped_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._skipped_s)

    def monotonic(self) -> float:
        return super().monotonic() + self._skipped_s

    async def sleep(self, delay_s: float) -> None:
        self._skipped_s += delay_s
        await asyncio.sleep(0)


def announce(settings: Settings, data: Path, clock: Clock | None = None, **request: object) -> RunSummary:
    """Reads the sources to their ends and commits what they announce; collects nothing."""

    async def run() -> RunSummary:
        asked = BackfillRequest(**request)
        async with open_session(settings, data, "backfill", clock=clock) as session:
            reading = backfill.reading_of(asked, session.world, session.summary.noted)
            for name, source in backfill.sources(reading, asked):
                session.flow.read_archive(name, source)
            session.flow.page_limit = 0
            await session.flow.pump(lambda limit, in_hand: [], stop=asyncio.Event(), until_idle=True)
        return session.summary

    return asyncio.run(run())


def waiting(data: Path) -> int:
    """Entries that the frontier holds to be collected."""
    with Store.open(data, clock=lambda: datetime.now(UTC), write=False) as store:
        return store.frontier.counts().get("pending", {}).get("", 0)


def fates(data: Path) -> dict[str, int]:
    with Store.open(data, clock=lambda: datetime.now(UTC), write=False) as store:
        counts = store.frontier.counts()
    return {f"{status}/{slug}": n for status, slugs in counts.items() for slug, n in slugs.items()}


def articles(data: Path) -> list[dict]:
    """Every published article line, in order."""
    lines = [line for path in sorted((data / "articles").glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    return [msgspec.json.decode(line) for line in lines]
