"""Reading a corpus to be grouped: JSONL from files (plain, gzip, zstd) or standard input, line by line."""

import gzip
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from pipeline.stages.group import Prepared, Subject, prepare

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it was read; ``number`` counts from 1."""

    path: str
    number: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is not a record, and why."""

    path: str
    number: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.number}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record ready to be placed; ``id`` is the input's own (a number stays a number), ``path``:``number`` its line."""

    path: str
    number: int
    id: str | int
    prepared: Prepared


class _Row(msgspec.Struct):
    """The keys that are read; ``text`` and ``published`` are aliases. Unknown keys are ignored."""

    id: str | int
    content_text: str | None = None
    text: str | None = None
    title: str | None = None
    date_published: str | None = None
    published: str | None = None
    date_first_seen: str | None = None
    source: object = None
    language: str | None = None
    type: str | None = None
    status: str | None = None


_DECODER = msgspec.json.Decoder(_Row)


def read_lines(paths: list[str]) -> Iterator[Line]:
    """The lines of all files in turn, empty ones left out; ``-`` is standard input."""
    for path in paths:
        with _opened(path) as stream:
            for number, data in enumerate(stream, 1):
                if data.strip():
                    yield Line(path=path, number=number, data=data)


def _opened(path: str) -> IO[bytes] | gzip.GzipFile:
    if path == "-":
        return sys.stdin.buffer
    if path.endswith(".gz"):
        return gzip.open(path, "rb")
    if path.endswith(".zst"):
        import zstandard

        return io.BufferedReader(zstandard.open(path, "rb"))
    return Path(path).open("rb")


def read_records(lines: list[Line], num_perm: int) -> list[Record | BadLine]:
    """Decodes and prepares some lines: the part that runs in worker processes."""
    return [_record(line, num_perm) for line in lines]


def _record(line: Line, num_perm: int) -> Record | BadLine:
    try:
        row = _DECODER.decode(line.data)
        prepared = _without_text(prepare(_subject(row), num_perm))
        return Record(path=line.path, number=line.number, id=row.id, prepared=prepared)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        return BadLine(path=line.path, number=line.number, reason=str(error))


def _subject(row: _Row) -> Subject:
    if row.type is not None and row.type != "article":
        raise ValueError(f"a record of type {row.type!r} is not an article")
    text = row.content_text if row.content_text is not None else row.text
    if text is None:
        if row.status != "withdrawn":
            raise ValueError("the record has no `content_text` (nor `text`)")
        text = ""
    time = _time(row.date_published or row.published) or _time(row.date_first_seen)
    return Subject(
        article_id=str(row.id),
        site=_site(row.source),
        title=row.title,
        text=text,
        language=row.language,
        event_time=time or UNDATED,
        dated=time is not None,
    )


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _site(source: object) -> str:
    if isinstance(source, dict):
        return str(source.get("domain") or source.get("name") or "")
    return source if isinstance(source, str) else ""


def _without_text(prepared: Prepared) -> Prepared:
    """The text has served; it need not travel between processes."""
    from dataclasses import replace

    return replace(prepared, subject=replace(prepared.subject, text=""))
