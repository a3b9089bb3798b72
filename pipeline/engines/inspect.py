"""Pages one by one, without a store: what the extractor makes of a file or an address."""

import asyncio
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError, Fate
from pipeline.records import Extracted, Page, Request
from pipeline.settings import Settings
from pipeline.stages.download import to_page
from pipeline.stages.extract import extract
from pipeline.steps.articles import hash_of
from pipeline.text.urls import article_id, is_http, site_of, url_key
from pipeline.web.client import HttpWeb
from pipeline.world import Clock, SystemClock, Web
from storage.codec import SCHEMA
from storage.records import Article, Entry, HostState, Source

HEAD_BYTES = 300_000
_DECLARING_TAG = re.compile(r"<link\b[^>]*\brel=[\"']?canonical\b[^>]*>|<meta\b[^>]*\bog:url\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:href|content)=[\"']?([^\"'\s>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One page. Exactly one of ``record`` (the keys of a line of the articles stream) and ``fate`` is set."""

    place: str
    record: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    fate: Fate | None = None


def run(settings: Settings, places: Sequence[str], *, published_at: str | None = None) -> Iterator[Inspected]:
    """Reads each file or address. ``published_at`` is the address of a file: links and dates in it need one.

    Raises ConfigError for a file that cannot be read.
    """
    clock = SystemClock()
    for place in places:
        try:
            page = _fetch(settings, clock, place) if is_http(place) else _read(place, published_at, clock.now())
            extracted = extract(page, None, settings.extract)
        except Fate as fate:
            yield Inspected(place=place, fate=fate)
        else:
            yield Inspected(place=place, record=record_of(page, extracted, clock.now()), notes=extracted.notes)


def record_of(page: Page, extracted: Extracted, now: datetime) -> dict[str, Any]:
    """A line of the articles stream; what only the store knows (seq, time, story_id, match) is None."""
    canonical = extracted.canonical_url
    own = canonical if canonical and site_of(canonical) == site_of(page.url) else page.url
    local = not is_http(page.requested_url)
    known: dict[str, Any] = {
        **{one.name: getattr(extracted, one.name) for one in fields(Extracted)},
        "id": article_id(url_key(own)),
        "revision": 1,
        "status": "usable",
        "url": page.url,
        "source": Source(name=extracted.site_name, domain=site_of(page.url)),
        "feeds": (),
        "via": "urls",
        "backfill": False,
        "date_first_seen": now,
        "date_fetched": None if local else page.fetched_at,
        "content_hash": hash_of(extracted.content_text),
    }
    envelope: dict[str, Any] = {"seq": None, "type": "article", "schema": SCHEMA, "time": None}
    return envelope | {one.name: known.get(one.name) for one in fields(Article)}


def _read(place: str, published_at: str | None, now: datetime) -> Page:
    path = Path(place)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{place}: {(error.strerror or str(error)).lower()}") from error
    url = published_at or declared_address(body) or path.resolve().as_uri()
    return Page(requested_url=place, url=url, content_type="text/html", body=body, fetched_at=now)


def declared_address(body: bytes) -> str | None:
    """The address that a saved page names as its own: a file has none, and without one its canonical looks foreign."""
    head = body[:HEAD_BYTES].decode("latin-1")
    for tag in _DECLARING_TAG.findall(head):
        address = _ADDRESS.search(tag)
        if address and is_http(html.unescape(address[1])):
            return html.unescape(address[1])
    return None


def _fetch(settings: Settings, clock: Clock, url: str) -> Page:
    return asyncio.run(_get(settings, clock, url))


async def _get(settings: Settings, clock: Clock, url: str) -> Page:
    web: Web = HttpWeb(settings.fetch, clock, ForgetfulHosts())
    try:
        response = await web.get(Request(url=url, kind="page"))
    finally:
        await web.aclose()
    return to_page(
        response, Entry(key=url_key(url), url=url, feed_url=None, entry_id=None, via="urls", revision_hash="")
    )


class ForgetfulHosts:
    """The web's memory of hosts for one command."""

    def __init__(self) -> None:
        self._states: dict[str, HostState] = {}

    def get(self, host: str) -> HostState | None:
        return self._states.get(host)

    def put(self, state: HostState) -> None:
        self._states[state.host] = state
