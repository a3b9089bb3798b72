"""WARC files (ISO 28500) as a source of pages: plain, gzip and zstd, streamed; digests checked; damage stepped over.

Memory holds one record at a time. Compressed files are sequences of members, one a record, so that reading can begin at any
of them; where a file is compressed as a whole, the records before a place are passed over instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

KEPT_HEADERS = (
    "content-type", "content-encoding", "transfer-encoding", "content-language", "content-location", "last-modified", "link",
)  # fmt: skip
MAGICS = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"WARC/1.", b"WARC/0.")
MAX_DAMAGES = 1000
"""Broken places after which a file is given up."""
_CHUNK = 1 << 20
_TYPES = WarcRecordType.response | WarcRecordType.resource
_HTML = ("html", "xml", "text/plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The last record that was dealt with: its offset in the file, its id, and how many came before it."""

    offset: int
    id: str
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """One response. ``body`` as it came over the wire (``headers`` name its codings); ``fault`` a slug where it is not to be
    trusted (``digest_mismatch``, ``too_large``, ``bad_record``), with an empty body.
    """

    place: Place
    url: str
    taken: datetime | None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A stretch that could not be read; what follows it is."""

    offset: int
    detail: str


def read_warc(
    stream: BinaryIO, *, max_bytes: int, wanted: Callable[[str], bool] = bool, after: Place | None = None
) -> Iterator[ArchivedPage | Damage]:
    """The successful HTML responses of a seekable stream whose address is ``wanted``, after ``after`` where that is found.

    ``max_bytes`` bounds one body. Statuses other than 200 and media that are no text are passed over.
    """
    return _Reader(stream, max_bytes, wanted).read(after)


class _Reader:
    def __init__(self, stream: BinaryIO, max_bytes: int, wanted: Callable[[str], bool]) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._wanted = wanted
        self._count = 0
        self._last = -1

    def read(self, after: Place | None) -> Iterator[ArchivedPage | Damage]:
        start, skip = self._find(after)
        for _ in range(MAX_DAMAGES):
            try:
                yield from self._from(start, skip)
                break
            except (OSError, ValueError) as error:
                start = self._next_magic(max(self._last, start) + 1)
                yield Damage(offset=max(self._last, 0), detail=str(error))
                skip = max(0, skip - self._count)
                if start < 0:
                    break

    def _find(self, after: Place | None) -> tuple[int, int]:
        """(where to begin, how many records to pass over)."""
        if after is None:
            return 0, 0
        self._stream.seek(after.offset)
        try:
            first = next(iter(ArchiveIterator(self._stream, parse_http=False, record_types=_TYPES)), None)
        except (OSError, ValueError):
            first = None
        if first is not None and _id(first) == after.id:
            self._count = after.before
            return after.offset, after.before + 1
        return 0, after.before + 1

    def _from(self, start: int, skip: int) -> Iterator[ArchivedPage]:
        self._stream.seek(start)
        for record in ArchiveIterator(self._stream, parse_http=False, record_types=_TYPES):
            place = Place(offset=record.stream_pos, id=_id(record), before=self._count)
            self._last = place.offset
            self._count += 1
            if self._count > skip:
                page = self._page(record, place)
                if page is not None:
                    yield page

    def _page(self, record: WarcRecord, place: Place) -> ArchivedPage | None:
        url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
        if not self._wanted(url):
            return None
        date: datetime | None = record.record_date
        taken = date.astimezone(UTC) if date is not None else None
        fault = _mismatch(record, "Block")
        headers = _http(record) if fault is None else {}
        if headers is None:
            return None
        body = b""
        if fault is None:
            fault = None if "WARC-Block-Digest" in record.headers else _mismatch(record, "Payload")
            body = record.reader.read(self._max_bytes + 1)
            fault = fault or ("too_large" if len(body) > self._max_bytes else None)
        return ArchivedPage(
            place=place, url=url, taken=taken, headers=headers, body=b"" if fault else bytes(body), fault=fault
        )

    def _next_magic(self, start: int) -> int:
        """The next offset at which a record may begin; -1 where there is none."""
        tail = b""
        self._stream.seek(start)
        while chunk := self._stream.read(_CHUNK):
            block = tail + chunk
            found = [at for magic in MAGICS if (at := block.find(magic)) >= 0]
            if found:
                return start - len(tail) + min(found)
            start += len(chunk)
            tail = block[-8:]
        return -1


def _id(record: WarcRecord) -> str:
    return str(record.record_id or "")


def _mismatch(record: WarcRecord, of: str) -> str | None:
    if f"WARC-{of}-Digest" not in record.headers:
        return None
    good = record.verify_block_digest(consume=False) if of == "Block" else record.verify_payload_digest(consume=False)
    return None if good else "digest_mismatch"


def _http(record: WarcRecord) -> dict[str, str] | None:
    """The response's headers; None for what is no successful response with text in it."""
    if record.record_type == WarcRecordType.resource:
        headers = {"content-type": record.headers.get("Content-Type") or ""}
    else:
        record.parse_http(auto_decode="none")
        if record.http_headers.status_code != 200:
            return None
        named = ((name.lower(), value) for name, value in record.http_headers.items())
        headers = {name: value for name, value in named if name in KEPT_HEADERS}
    kind = headers.get("content-type", "").lower()
    return headers if not kind or any(one in kind for one in _HTML) else None


def share_read(place: Place, size: int) -> float:
    """How much of a file of ``size`` bytes lies before ``place``."""
    return min(1.0, place.offset / size) if size else 1.0
