"""Running the program as a user does, in this process or in its own."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pytest

from pipeline.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has set must not reach the tests."""
    for name in [name for name in os.environ if name.startswith("WIREFOLD_") or name == "COLUMNS"]:
        monkeypatch.delenv(name)


@pytest.fixture
def wirefold(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """``wirefold("feeds", "list")`` in this process, from an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: object) -> Ran:
        code = main([str(word) for word in argv])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def wirefold_process(repository: Path, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The program in its own process, from an empty folder."""

    def run(*argv: object, **options: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(repository / "run_pipeline.py"), *map(str, argv)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False, **options)

    return run


PUBLISHED = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
STORY = (
    "The council of the river town voted on Monday to rebuild the old bridge after years of argument about money. "
    "Engineers from two companies said the work would take eighteen months and cost forty million, most of it paid "
    "by the region. Residents who spoke at the meeting were divided: shopkeepers feared the closure while drivers "
    "welcomed it. The mayor said that the first stone would be laid in spring and promised a free ferry meanwhile."
)


def page(title: str, text: str) -> str:
    paragraphs = "".join(f"<p>{part}</p>" for part in text.split(". "))
    return f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"


def rss(title: str, items: dict[str, str]) -> str:
    listed = "".join(
        f"<item><title>{name}</title><link>{{base}}{path}</link><guid>{path}</guid>"
        f"<pubDate>{PUBLISHED:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for path, name in items.items()
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{listed}</channel></rss>"


class Site:
    """Two publishers with one story, and everything that goes wrong at others.

    Serves ``pages`` (path → content type, text) with ETags and remembers what was asked.
    """

    story = STORY
    published = PUBLISHED

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.moved: dict[str, str] = {}
        self.pages: dict[str, tuple[str, str]] = {
            "/gazette.xml": (
                "application/rss+xml",
                rss(
                    "Gazette",
                    {"/a1": "A new bridge", "/doc.pdf": "Paper", "/gone": "Gone", "/thin": "Thin", "/boom": "Boom"},
                ),
            ),
            "/herald.xml": ("application/rss+xml", rss("Herald", {"/a2": "Town to rebuild bridge"})),
            "/html": ("text/html", page("Home", "No feed here. Nothing to see")),
            "/empty.xml": ("application/rss+xml", ""),
            "/a1": ("text/html", page("A new bridge", STORY)),
            "/a2": ("text/html", page("Town to rebuild bridge", STORY)),
            "/doc.pdf": ("application/pdf", "%PDF-1.4 nothing"),
            "/thin": ("text/html", page("Thin", "Hello")),
            "/sitemap.xml": (
                "application/xml",
                "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{base}/a1</loc></url></urlset>",
            ),
        }
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = self._answer()
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            site.asked.append((self.path, status))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status == 301:
                self.send_header("Location", site.moved[self.path])
            self.send_header("Content-Length", str(len(body)))
            if status in (200, 304):
                self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(body)

        def _answer(self) -> tuple[int, str, bytes]:
            if self.path in site.moved:
                return 301, "text/plain", b"moved"
            if self.path == "/boom":
                return 503, "text/plain", b"later"
            if self.path not in site.pages:
                return 404, "text/plain", b"no"
            kind, text = site.pages[self.path]
            return 200, kind, text.replace("{base}", site.base).encode()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        yield site
