"""What is rightly missing from a stream: ``DATA/<stream>/retired.json``, written by retention and by rebuild."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from storage.disk import Disk
from storage.errors import StoreDamaged
from storage.layout import STREAMS, Layout, Stream
from storage.segments import read_meta

Range = tuple[int, int]
"""Two seqs, both included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """Retention removed this stream's lines up to ``through_seq``; rebuild found the ranges in ``lost`` missing."""

    through_seq: int = 0
    lines: int = 0
    lost: tuple[Range, ...] = ()


def read_retired(layout: Layout, stream: Stream) -> Retired:
    path = layout.directory(stream) / "retired.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Retired)
    except FileNotFoundError:
        return Retired()
    except msgspec.DecodeError as problem:
        raise StoreDamaged(f"{path} cannot be read: {problem}") from problem


def retire(layout: Layout, stream: Stream, disk: Disk, through_seq: int, lines: int) -> None:
    """Declares, before the files go, that the stream begins after ``through_seq``."""
    known = read_retired(layout, stream)
    _write(
        layout, stream, disk, replace(known, through_seq=max(known.through_seq, through_seq), lines=known.lines + lines)
    )


def declare_lost(layout: Layout, disk: Disk, ranges: Iterable[Range]) -> None:
    """Declares seqs that no file holds any more. Which stream they belonged to is not known: the articles' file says so."""
    known = read_retired(layout, "articles")
    _write(layout, "articles", disk, replace(known, lost=tuple(sorted({*known.lost, *ranges}))))


def _write(layout: Layout, stream: Stream, disk: Disk, retired: Retired) -> None:
    disk.write_file(layout.directory(stream) / "retired.json", msgspec.json.encode(retired) + b"\n")


class Gaps:
    """The seqs that may be missing. ``any``: lines are gone, so what they told of cannot be asked for."""

    def __init__(self, layout: Layout) -> None:
        ranges: list[Range] = []
        for stream in STREAMS:
            retired = read_retired(layout, stream)
            ranges += [(1, retired.through_seq), *retired.lost]
            for segment in layout.segments(stream):
                meta = read_meta(segment)
                ranges += meta.removed if meta else ()
        self._ranges = merged(ranges)
        self.any = bool(self._ranges)

    def legal(self, first: int, last: int) -> bool:
        """May ``first`` to ``last``, both included, be missing?"""
        at = bisect_right(self._ranges, (first, float("inf"))) - 1
        return first > last or (at >= 0 and self._ranges[at][1] >= last)


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The ranges in order, touching ones joined."""
    joined: list[Range] = []
    for first, last in sorted(r for r in ranges if r[0] <= r[1]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
