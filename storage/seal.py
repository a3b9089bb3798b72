"""Closed segments: their description beside them, and after the grace time their zstd form in place of the plain one.

At every moment a line stands in one file that counts (``Layout.segments``). Each step is a rename, so a crash leaves
either the old or the new; what is left over is removed at the next start.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import zstandard

from storage import codec
from storage.disk import Disk
from storage.errors import StoreDamaged
from storage.layout import STREAMS, Layout, Segment, Stream
from storage.options import StoreOptions
from storage.segments import BLOCK, SegmentMeta, read_meta


def closed_segments(layout: Layout, active: Mapping[Stream, int]) -> list[Segment]:
    """Plain segments that nobody appends to any more."""
    return [
        segment
        for stream in STREAMS
        for segment in layout.segments(stream)
        if not segment.sealed and segment.base != active[stream]
    ]


def seal_closed(
    segments: Iterable[Segment], layout: Layout, options: StoreOptions, disk: Disk, now: datetime
) -> list[Path]:
    """Describes closed segments and seals those whose grace time is over; returns what was sealed."""
    sealed = []
    for segment in segments:
        meta = read_meta(segment) or _describe(segment, disk, now)
        if options.seal and now - meta.closed_at >= timedelta(hours=options.plain_grace_hours):
            sealed.append(_seal(segment, meta, layout, options, disk))
    return sealed


def _describe(segment: Segment, disk: Disk, now: datetime) -> SegmentMeta:
    digest, lines, first, last = hashlib.sha256(), 0, 0, 0
    with segment.path.open("rb") as file:
        for raw in file:
            digest.update(raw)
            last = codec.seq_of(raw)
            first = first or last
            lines += 1
        size = file.tell()
    meta = SegmentMeta(
        stream=segment.stream, first_seq=first, last_seq=last, lines=lines, bytes=size, sha256=digest.hexdigest(),
        schema=codec.SCHEMA, closed_at=now,
    )  # fmt: skip
    disk.point("before meta")
    disk.write_file(segment.meta, msgspec.json.encode(meta) + b"\n")
    return meta


def _seal(segment: Segment, meta: SegmentMeta, layout: Layout, options: StoreOptions, disk: Disk) -> Path:
    target = layout.sealed(segment.stream, segment.base)
    with segment.path.open("rb") as source:
        write_sealed(target, iter(lambda: source.read(BLOCK), b""), meta, options, disk)
    disk.point("sealed, plain still there")
    disk.unlink(segment.path)
    return target


def write_sealed(target: Path, plain: Iterable[bytes], meta: SegmentMeta, options: StoreOptions, disk: Disk) -> None:
    """Writes a sealed segment under ``target``, and only after reading it back and finding the checksum of ``meta``."""
    draft = target.with_name(target.name + ".tmp")
    compressor = zstandard.ZstdCompressor(level=options.zstd_level, write_checksum=True).compressobj()
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        for block in plain:
            disk.write(fd, compressor.compress(block))
        disk.write(fd, compressor.flush())
        disk.point("sealing, before fsync")
        disk.sync(fd)
    finally:
        os.close(fd)
    if _sealed_checksum(draft) != meta.sha256:
        raise StoreDamaged(
            f"{draft} does not decompress to what was sealed", "check the disk; the plain segment is whole"
        )
    disk.point("before seal rename")
    disk.replace(draft, target)


def _sealed_checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
        while block := plain.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def clean(layout: Layout, disk: Disk) -> None:
    """Removes what a crash left half done: drafts, superseded generations, descriptions of nothing."""
    for stream in STREAMS:
        for draft in layout.directory(stream).glob("*.tmp"):
            disk.unlink(draft)
        current = {segment.base: segment for segment in layout.segments(stream)}
        for path, base, generation, suffix in list(layout.files(stream)):
            segment = current.get(base)
            counts = segment and generation == segment.generation
            if not counts or (suffix == "jsonl" and layout.sealed(stream, base).exists()):
                disk.unlink(path)
