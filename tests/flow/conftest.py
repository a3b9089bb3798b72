"""A real web server on loopback that tests fill with documents and ask what was requested."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipeline.settings import ExtractSettings, FeedSettings, FetchSettings, Settings

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass
class Doc:
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return '"' + hashlib.sha256(self.body).hexdigest()[:16] + '"'


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    status: int


class Served:
    """``docs`` by path; ``requests`` in order. Answers If-None-Match with 304."""

    Doc = Doc

    def __init__(self) -> None:
        self.docs: dict[str, Doc] = {}
        self.requests: list[Request] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                doc = served.docs.get(self.path, Doc(b"nothing here", status=404))
                unchanged = doc.status == 200 and self.headers.get("If-None-Match") == doc.etag
                status = 304 if unchanged else doc.status
                body = b"" if unchanged else doc.body
                served.requests.append(Request(self.path, dict(self.headers.items()), status))
                self.send_response(status)
                if doc.status == 200:
                    self.send_header("ETag", doc.etag)
                for name, value in doc.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", doc.content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def feed(self, path: str, items: list[str], title: str = "A feed") -> str:
        """Serves an RSS feed of ``items`` (XML of ``<item>`` elements) and returns its URL."""
        xml = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{"".join(items)}</channel></rss>'
        self.docs[path] = Doc(xml.encode(), "application/rss+xml")
        return self.origin + path

    def asked(self, prefix: str = "/") -> list[str]:
        return [request.path for request in self.requests if request.path.startswith(prefix)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shared_data() -> Path:
    """The real data beside the project; tests that need it skip where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("the real data lies beside the project, not in it")
    return SHARED


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served()
    yield server
    server.close()


@pytest.fixture
def settings_for():
    """Settings that may reach loopback, without spacing, over these feeds."""

    def build(*feeds: str | FeedSettings, **fetch: object) -> Settings:
        wanted = tuple(feed if isinstance(feed, FeedSettings) else FeedSettings(url=feed) for feed in feeds)
        values: dict[str, object] = {
            "allow_private_networks": ("127.0.0.0/8",),
            "per_host_delay_s": 0.0,
            "per_host_concurrency": 8,
            **fetch,
        }
        return Settings(fetch=FetchSettings(**values), extract=ExtractSettings(workers=2), feeds=wanted)

    return build


@pytest.fixture
def lines():
    """Every published line of a data folder, in seq order."""
    import msgspec

    def read(data: Path) -> list[dict]:
        found = []
        for stream in ("articles", "stories"):
            for path in sorted((data / stream).glob("*.jsonl")):
                found += [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
        return sorted(found, key=lambda line: line["seq"])

    return read
