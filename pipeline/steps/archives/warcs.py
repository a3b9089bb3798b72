"""WARC files → pages: local ones, and such as lie on the web (Common Crawl's news), read by ranges."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from pipeline.archives.warc import ArchivedPage, Damage, Place, read_warc, share_read
from pipeline.errors import Fate, Reject
from pipeline.records import Page
from pipeline.stages.download import KEPT_HEADERS
from pipeline.steps.archives.files import Version, version_of
from pipeline.steps.archives.ranged import RangedFile
from pipeline.steps.archives.reading import Reading
from pipeline.steps.archives.supply import Item, supply
from pipeline.steps.keep import Announced, Supplied
from pipeline.text.headers import codings
from pipeline.text.urls import is_home_page, is_http, normalise, site_of, url_key
from pipeline.web.decode import Decoder
from storage.records import Entry

MAX_LIST = 64 << 20
BUFFER = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WarcPlace:
    """Where a file is, and which version of it."""

    version: Version | None
    place: Place


async def warc(reading: Reading, name: str) -> AsyncIterator[Announced | Supplied]:
    """The pages of one WARC file (a path, or an address); of a list of files (``warc.paths.gz``), each in turn."""
    if name.endswith((".paths", ".paths.gz")):
        for one in await _listed(reading, name):
            async for record in _file(reading, one):
                yield record
        return
    async for record in _file(reading, name):
        yield record


async def _file(reading: Reading, name: str) -> AsyncIterator[Announced | Supplied]:
    source = f"warc {name}"
    done = reading.resumed(source, WarcPlace)
    version = None if is_http(name) else version_of(Path(name))
    stream = _opened(reading, name)
    after = done.place if done is not None and done.version == version else None
    try:
        async for record in supply(reading, source, _items(reading, name, stream, version, after)):
            yield record
    finally:
        if isinstance(raw := getattr(stream, "raw", None), RangedFile):
            raw.stop()
        await asyncio.to_thread(stream.close)  # the reading thread may still hold it


def _opened(reading: Reading, name: str) -> BinaryIO:
    if is_http(name):
        # Buffered, since fastwarc takes a short read for the end.
        return io.BufferedReader(RangedFile(reading, name), BUFFER)
    return Path(name).open("rb")


async def _listed(reading: Reading, name: str) -> list[str]:
    """The files that a list names; relative ones lie on the list's own host (https://data.commoncrawl.org/)."""
    body = (await reading.get(name)).body if is_http(name) else await asyncio.to_thread(Path(name).read_bytes)
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    lines = [line.strip() for line in body[:MAX_LIST].decode("utf-8", "replace").splitlines()]
    base = urljoin(name, "/") if is_http(name) else ""
    return [urljoin(base, line) if base else str(Path(name).parent / line) for line in lines if line]


def _items(
    reading: Reading, name: str, stream: BinaryIO, version: Version | None, after: Place | None
) -> Iterator[Item]:
    """Runs in a thread, a few records at a time."""
    max_bytes = int(reading.world.settings.fetch.max_body_mib * (1 << 20))
    damages = 0
    for found in read_warc(stream, max_bytes=max_bytes, wanted=lambda url: _wanted(reading, url), after=after):
        if isinstance(found, Damage):
            damages += 1
            if damages == 1:
                yield Item(problem=f"{name}: damaged at byte {found.offset} ({found.detail}); reading on behind it")
            continue
        size = version.size if version else _size_of(stream)
        yield _item(reading, found, WarcPlace(version=version, place=found.place), max_bytes, size)


def _size_of(stream: BinaryIO) -> int:
    raw = getattr(stream, "raw", None)
    return (raw.size or 0) if isinstance(raw, RangedFile) else 0


def _wanted(reading: Reading, url: str) -> bool:
    return is_http(url) and not is_home_page(url) and (not reading.sites or site_of(url) in reading.sites)


def _item(reading: Reading, found: ArchivedPage, place: WarcPlace, max_bytes: int, size: int) -> Item:
    share = share_read(found.place, size) if size else None
    since = reading.bounds.since
    if since is not None and found.taken is not None and found.taken < since:
        return Item(place=place, share=share, passed=True)  # copied before: published before
    entry = Entry(
        key=url_key(found.url),
        url=normalise(found.url),
        feed_url=None,
        entry_id=None,
        via="warc",
        revision_hash="",
        date_modified=found.taken,
    )
    if found.fault:
        fate = Reject(found.fault, f"record {found.place.id} at byte {found.place.offset}")
        return Item(entry=entry, supplied=fate, place=place, share=share)
    try:
        page = _page(reading, found, max_bytes)
    except Fate as fate:
        return Item(entry=entry, supplied=fate, place=place, share=share)
    return Item(entry=entry, supplied=page, fetched_at=page.fetched_at, place=place, share=share)


def _page(reading: Reading, found: ArchivedPage, max_bytes: int) -> Page:
    """The body decoded as it would have been on its way from the server. Raises Reject."""
    headers = found.headers
    body = _unchunked(found.body) if "chunked" in headers.get("transfer-encoding", "").lower() else found.body
    decoder = Decoder(codings(headers.get("content-encoding")), max_bytes)
    decoder.feed(body)
    body, _complete = decoder.finish()
    return Page(
        requested_url=found.url,
        url=normalise(found.url),
        content_type=headers.get("content-type", "text/html").lower(),
        body=body,
        fetched_at=found.taken or reading.world.clock.now(),
        headers={name: headers[name] for name in KEPT_HEADERS if name in headers},
    )


def _unchunked(body: bytes) -> bytes:
    """Chunks put together; a body that only claims to be chunked (Common Crawl undoes it and keeps the header) as it is."""
    parts: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        try:
            size = int(body[at:end].split(b";")[0], 16)
        except ValueError:
            return body if not parts else b"".join(parts)
        if size == 0:
            break
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return b"".join(parts) or body
