"""The small web, running, and a client that asks it as a pipeline would: one connection address, many host names."""

import gzip
import http.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from pipeline.demo.web import DemoWeb

START = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(web: DemoWeb, url: str, method: str = "GET", **headers: str) -> Answer:
    """``headers`` with underscores for hyphens."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(web.server.address, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers={"Host": parts.netloc, **named})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    received = {name.lower(): value for name, value in response.getheaders()}
    if received.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Answer(status=response.status, headers=received, body=body)


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    with DemoWeb(START) as running:
        yield running


@pytest.fixture(scope="module")
def corrected() -> Iterator[DemoWeb]:
    """A small web that has moved to its second state."""
    with DemoWeb(START) as running:
        running.publish_corrections()
        yield running


@pytest.fixture(scope="session")
def get() -> Callable[..., Answer]:
    return ask
