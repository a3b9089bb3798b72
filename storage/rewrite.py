"""Rewriting one sealed segment: the same name and seqs, fewer or emptied lines, a generation more. One rename commits."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import msgspec

from storage import codec
from storage.disk import Disk
from storage.layout import Layout, Segment
from storage.options import StoreOptions
from storage.retired import Range, merged
from storage.seal import write_sealed
from storage.segments import SegmentMeta, read_meta, reading

Change = Callable[[int, bytes], bytes | None]
"""Given a line's seq and bytes: the bytes that take its place (the same object: unchanged), or None to remove it."""


@dataclass(slots=True)
class _Result:
    lines: int = 0
    size: int = 0
    changed: list[int] | None = None
    removed: list[Range] | None = None


def rewrite(segment: Segment, change: Change, layout: Layout, options: StoreOptions, disk: Disk) -> int:
    """Applies ``change`` to every line of a sealed segment; returns how many lines it changed or removed.

    The segment is read twice, so that memory does not grow with it; nothing is written if nothing changes.
    """
    meta = read_meta(segment)
    assert meta is not None, "a sealed segment has its description"
    after, touched = _plan(segment, change, meta)
    if not touched:
        return 0
    generation = segment.generation + 1
    disk.write_file(layout.meta(segment.stream, segment.base, generation), msgspec.json.encode(after) + b"\n")
    disk.point("rewriting, description written")
    write_sealed(layout.sealed(segment.stream, segment.base, generation), _apply(segment, change), after, options, disk)
    disk.point("rewritten, old still there")
    disk.unlink(segment.path)
    disk.unlink(segment.meta)
    return touched


def _plan(segment: Segment, change: Change, meta: SegmentMeta) -> tuple[SegmentMeta, int]:
    """What the rewritten segment will be, and how many lines it differs in."""
    digest, lines, size = hashlib.sha256(), 0, 0
    removed, changed = list(meta.removed), set(meta.redacted)
    before = len(changed)
    gone = 0
    for raw, new in _changes(segment, change):
        seq = codec.seq_of(raw)
        if new is None:
            removed.append((seq, seq))
            gone += 1
            continue
        if new is not raw:
            changed.add(seq)
        digest.update(new)
        lines, size = lines + 1, size + len(new)
    after = replace(
        meta, lines=lines, bytes=size, sha256=digest.hexdigest(), removed=tuple(merged(removed)),
        redacted=tuple(sorted(changed)),
    )  # fmt: skip
    return after, gone + len(changed) - before


def _apply(segment: Segment, change: Change) -> Iterator[bytes]:
    return (new for _raw, new in _changes(segment, change) if new is not None)


def _changes(segment: Segment, change: Change) -> Iterator[tuple[bytes, bytes | None]]:
    with reading(segment) as file:
        for raw in file:
            yield raw, change(codec.seq_of(raw), raw)
