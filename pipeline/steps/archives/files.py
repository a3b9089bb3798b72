"""Local files as sources: which version of one was read, and its lines with their places."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import zstandard

MAX_LINE = 64 << 20
"""Bytes of one line; a longer one is no article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A place in another version of a file means nothing."""

    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePlace:
    """The lines before ``number`` (from 0) have been read; ``offset`` is where it begins, in a file that is not compressed."""

    version: Version
    number: int
    offset: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``place`` is behind the line; ``data`` is None where it is too long."""

    place: LinePlace
    data: bytes | None
    share: float


def version_of(path: Path) -> Version:
    stat = path.stat()
    return Version(size=stat.st_size, modified_ns=stat.st_mtime_ns)


def read_lines(path: Path, after: LinePlace | None = None) -> Iterator[Line]:
    """The lines of a file (plain, ``.gz``, ``.zst``) behind a place in this very version of it."""
    version = version_of(path)
    number, offset = 0, None
    with path.open("rb") as raw, _unpacked(path, raw) as stream:
        plain = stream is raw
        if after is not None and after.version == version:
            number, offset = after.number, after.offset
            _skip(stream, number, offset if plain else None)
        while line := stream.readline(MAX_LINE):
            whole = line.endswith(b"\n") or len(line) < MAX_LINE
            while not line.endswith(b"\n") and len(line) == MAX_LINE:
                line = stream.readline(MAX_LINE)
            number += 1
            place = LinePlace(version=version, number=number, offset=stream.tell() if plain else None)
            yield Line(place=place, data=line if whole else None, share=raw.tell() / max(version.size, 1))


def _unpacked(path: Path, raw: IO[bytes]) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast("IO[bytes]", gzip.open(raw, "rb"))
    if path.suffix == ".zst":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True))
    return raw


def _skip(stream: IO[bytes], lines: int, offset: int | None) -> None:
    if offset is not None:
        stream.seek(offset)
        return
    for _ in range(lines):
        stream.readline()
