"""Reading one segment, whatever form it has on disk, and the description beside a closed one."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from storage import codec
from storage.errors import StoreDamaged
from storage.layout import STREAMS, Layout, Segment, Stream

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMeta:
    """``…meta.json``: ``bytes`` and ``sha256`` are of the plain lines. ``removed`` lists the seq ranges (both ends
    included) that compaction took out; every other seq between the neighbours stands in the other stream.
    """

    stream: str
    first_seq: int
    last_seq: int
    lines: int
    bytes: int
    sha256: str
    schema: str
    closed_at: datetime
    removed: tuple[tuple[int, int], ...] = ()
    redacted: tuple[int, ...] = ()


def read_meta(segment: Segment) -> SegmentMeta | None:
    """The segment's description, None while it is not closed."""
    try:
        return msgspec.json.decode(segment.meta.read_bytes(), type=SegmentMeta)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as problem:
        raise StoreDamaged(f"{segment.meta} cannot be read: {problem}") from problem


@contextmanager
def reading(segment: Segment) -> Iterator[BinaryIO]:
    """The segment's plain bytes, whichever form it has on disk."""
    with open_plain(segment) as raw:
        yield io.BufferedReader(raw, BLOCK)  # type: ignore[type-var]  # a FileIO or a zstd reader: both have readinto


def open_plain(segment: Segment) -> BinaryIO:
    """The same, unbuffered; at the end of an active segment a later ``read`` finds more."""
    try:
        file = segment.path.open("rb", buffering=0)
    except FileNotFoundError:
        segment = _as_it_is_now(segment)
        file = segment.path.open("rb", buffering=0)
    if not segment.sealed:
        return file
    return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=True)


def _as_it_is_now(segment: Segment) -> Segment:
    """The segment after it was sealed or rewritten since it was listed. Raises FileNotFoundError if it is gone."""
    layout = Layout(segment.path.parent.parent)
    now = next((s for s in layout.segments(segment.stream) if s.base == segment.base), None)
    if now is None:
        raise FileNotFoundError(segment.path)
    return now


@dataclass(slots=True, order=True)
class StreamLine:
    """One whole line with the place where it stands."""

    seq: int
    segment: Segment = field(compare=False)
    number: int = field(compare=False)
    raw: bytes = field(compare=False)


def stream_lines(layout: Layout, stream: Stream) -> Iterator[StreamLine]:
    """Every whole line of one stream, in the order of the files."""
    for segment in layout.segments(stream):
        with reading(segment) as file:
            for number, raw in enumerate(file, 1):
                if raw.endswith(b"\n"):
                    yield StreamLine(codec.seq_of(raw), segment, number, raw)


def last_line(path: Path, end: int | None = None) -> bytes:
    """The last line of a plain file's first ``end`` bytes, torn or not; empty for an empty file."""
    with path.open("rb") as file:
        end = file.seek(0, io.SEEK_END) if end is None else end
        step = 1 << 16
        while True:
            start = max(0, end - step)
            file.seek(start)
            data = file.read(end - start)
            newline = data.rfind(b"\n", 0, -1)
            if newline >= 0 or not start:
                return data[newline + 1 :]
            step *= 4


def last_seq(layout: Layout) -> int:
    """The highest seq that the streams hold, 0 if they are empty."""
    return max(last_seq_of(segment) for stream in STREAMS for segment in (None, *layout.segments(stream)[-1:]))


def last_seq_of(segment: Segment | None) -> int:
    """The segment's last whole line's seq; 0 if there is none."""
    if segment is None:
        return 0
    meta = read_meta(segment)
    if meta:
        return meta.last_seq
    raw = last_line(segment.path)
    if not raw.endswith(b"\n"):
        raw = last_line(segment.path, segment.path.stat().st_size - len(raw))
    return codec.seq_of(raw) if raw.endswith(b"\n") else 0
