"""Keeping the streams small: old segments go, superseded lines go. Seqs are never given anew.

``retain`` removes whole segments, oldest first; ``compact`` takes out of sealed segments every line that a later line has
replaced: the last revision of each article stays, the last state of each story, and every line by which an old story id
resolves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from storage import codec
from storage.layout import STREAMS, Layout, Segment, Stream
from storage.retired import retire
from storage.rewrite import Change, rewrite
from storage.segments import read_meta, stream_lines
from storage.store import Store

MIB = 1 << 20


@dataclass(slots=True, kw_only=True)
class CompactReport:
    segments: int = 0
    lines: int = 0
    bytes_before: int = 0
    bytes_after: int = 0


def retain(
    store: Store, now: datetime, *, max_age: timedelta | None = None, max_mib: float | None = None
) -> list[Path]:
    """Removes sealed segments that were closed longer than ``max_age`` ago, and the oldest ones of a stream beyond
    ``max_mib`` for that stream. A stream's last segment always stays. Returns what was removed.

    The current state of the removed articles stays in the state, not in the streams.
    """
    removed = []
    with store.rewriting() as disk:
        for stream in STREAMS:
            for segment in _expired(store.layout.segments(stream), now, max_age, max_mib):
                meta = read_meta(segment)
                assert meta is not None, "a sealed segment has its description"
                retire(store.layout, stream, disk, meta.last_seq, meta.lines)
                disk.point("retired, still there")
                disk.unlink(segment.path)
                disk.unlink(segment.meta)
                removed.append(segment.path)
    return removed


def _expired(segments: list[Segment], now: datetime, max_age: timedelta | None, max_mib: float | None) -> list[Segment]:
    """From the oldest on, as long as one is too old or the stream is too large."""
    size = sum(segment.path.stat().st_size for segment in segments)
    expired = []
    for segment in segments[:-1]:
        meta = read_meta(segment)
        if not segment.sealed or meta is None:
            break
        too_old = max_age is not None and now - meta.closed_at > max_age
        if not (too_old or (max_mib is not None and size > max_mib * MIB)):
            break
        expired.append(segment)
        size -= segment.path.stat().st_size
    return expired


def compact(store: Store, *, progress: Callable[[int], None] | None = None) -> CompactReport:
    """Rewrites sealed segments without their superseded lines. May be interrupted and repeated at any time."""
    report = CompactReport()
    changes: dict[Stream, Change] = {"articles": _latest_articles(store), "stories": _latest_stories(store)}
    with store.rewriting() as disk:
        for stream in STREAMS:
            for segment in store.layout.segments(stream):
                if segment.sealed:
                    before = segment.path.stat().st_size
                    lines = rewrite(segment, changes[stream], store.layout, store.options, disk)
                    report.segments += bool(lines)
                    report.lines += lines
                    report.bytes_before += before
                    report.bytes_after += _size(store.layout, segment)
                    if progress:
                        progress(report.lines)
    return report


def _size(layout: Layout, old: Segment) -> int:
    return next(s.path.stat().st_size for s in layout.segments(old.stream) if s.base == old.base)


def _latest_articles(store: Store) -> Change:
    def change(seq: int, raw: bytes) -> bytes | None:
        latest = store.articles.seq_of(codec.id_of(raw))
        return raw if latest is None or latest <= seq else None

    return change


def _latest_stories(store: Store) -> Change:
    evidence = _redirect_evidence(store.layout)

    def change(seq: int, raw: bytes) -> bytes | None:
        latest = store.stories.seq_of(codec.id_of(raw))
        return raw if seq in evidence or (latest is not None and latest <= seq) else None

    return change


def _redirect_evidence(layout: Layout) -> set[int]:
    """The seq of the last line that says, of each merged story id, into which story it went."""
    last: dict[str, int] = {}
    for line in stream_lines(layout, "stories"):
        if b'"merged_from":[]' not in line.raw:
            last.update(dict.fromkeys(codec.story(line.raw).merged_from, line.seq))
    return set(last.values())
