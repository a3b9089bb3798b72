"""Proof that the streams are what they promise to be, line by line, with the first violation by file and line.

Checked: every line is whole, parses, and matches its JSON Schema (the record types are its source, and decoding into them
is its check); keys in order; seq rises in each stream and is contiguous over both (but for what retention and compaction
declare); a closed segment's checksum, lines and seqs; every story names known articles and known stories.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path
from typing import NoReturn

import msgspec
import zstandard

from storage import codec
from storage.consume import Reader
from storage.errors import REBUILD, StoreDamaged
from storage.layout import STREAMS, Layout, Segment, Stream
from storage.lock import held
from storage.records import Article, Story
from storage.retired import Gaps
from storage.segments import SegmentMeta, read_meta, reading
from storage.state import connect_reader, promised_seq

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was checked, and the first violation (None: all is well): ``file``, ``line`` (0: the file as a whole), why."""

    lines: int
    articles: int
    stories: int
    segments: int
    last_seq: int
    file: Path | None = None
    line: int = 0
    violation: str | None = None

    @property
    def ok(self) -> bool:
        return self.violation is None


class _Violation(Exception):
    def __init__(self, file: Path, line: int, why: str) -> None:
        super().__init__(file, line, why)
        self.file, self.line, self.why = file, line, why


@dataclass(slots=True)
class _Seen:
    lines: int = 0
    segments: int = 0
    seq: int = 0
    articles: set[str] = field(default_factory=set)
    stories: set[str] = field(default_factory=set)
    placed: dict[str, tuple[Path, int]] = field(default_factory=dict)
    """Stories that an article names and that have not been met yet, with the place that names them."""


@dataclass(slots=True, order=True)
class _Line:
    seq: int
    path: Path = field(compare=False)
    number: int = field(compare=False)
    raw: bytes = field(compare=False)
    stream: Stream = field(compare=False)

    def refuse(self, why: str) -> NoReturn:
        raise _Violation(self.path, self.number, why)


def verify(data: Path | str, *, progress: Progress | None = None) -> Report:
    """Reads everything once, in bounded memory but for the ids. A live writer is fine: only whole lines count."""
    layout, seen = Layout(Path(data)), _Seen()
    problem: _Violation | None = None
    try:
        _verify(layout, seen, progress or (lambda _lines: None))
    except _Violation as found:
        problem = found
    except (OSError, StoreDamaged, sqlite3.DatabaseError, zstandard.ZstdError) as found:
        problem = _Violation(Path(data), 0, str(found))
    return Report(
        lines=seen.lines, articles=len(seen.articles), stories=len(seen.stories), segments=seen.segments,
        last_seq=seen.seq, file=problem.file if problem else None, line=problem.line if problem else 0,
        violation=problem.why if problem else None,
    )  # fmt: skip


def _verify(layout: Layout, seen: _Seen, progress: Progress) -> None:
    gaps, live = Gaps(layout), held(layout.lock)
    for line in merge(*(_stream_lines(layout, stream, seen) for stream in STREAMS)):
        if not gaps.legal(seen.seq + 1, line.seq - 1):
            if live and _was_on_its_way(layout, seen.seq, line.seq):
                return
            line.refuse(f"seq {line.seq} follows {seen.seq}: {line.seq - seen.seq - 1} lines are missing")
        _check_order(line, seen)
        _check_line(line, seen, lenient=gaps.any)
        progress(seen.lines)
    if not live:
        _check_promises(layout, seen)
    if seen.placed and not (gaps.any or live):
        story, (path, number) = next(iter(seen.placed.items()))
        raise _Violation(path, number, f"names story {story}, which no line tells of")


def _was_on_its_way(layout: Layout, last: int, seq: int) -> bool:
    """A live writer: the other stream had not brought the missing line when its end was read."""
    following = Reader(layout.data, after=last).next()
    return following is None or following.seq < seq


def _check_order(line: _Line, seen: _Seen) -> None:
    if line.seq <= seen.seq:
        line.refuse(f"seq {line.seq} comes after {seen.seq}")
    seen.seq = line.seq
    seen.lines += 1


def _check_line(line: _Line, seen: _Seen, *, lenient: bool) -> None:
    kind = "article" if line.stream == "articles" else "story"
    head = b'{"seq":%d,"type":"%b","schema":"%b","time":"' % (line.seq, kind.encode(), codec.SCHEMA.encode())
    if not line.raw.startswith(head):
        line.refuse(f"does not begin with {head.decode()!r}")
    try:
        record = codec.article(line.raw) if kind == "article" else codec.story(line.raw)
    except msgspec.DecodeError as problem:
        line.refuse(f"does not match {kind}.schema.json: {problem}")
    if isinstance(record, Article):
        _check_article(record, line, seen)
    else:
        _check_story(record, line, seen, lenient=lenient)


def _check_article(article: Article, line: _Line, seen: _Seen) -> None:
    seen.articles.add(article.id)
    if article.story_id not in seen.stories:
        seen.placed.setdefault(article.story_id, (line.path, line.number))


def _check_story(story: Story, line: _Line, seen: _Seen, *, lenient: bool) -> None:
    seen.stories.add(story.story_id)
    seen.placed.pop(story.story_id, None)
    if story.canonical not in story.members:
        line.refuse(f"canonical {story.canonical} is not a member")
    if lenient:
        return
    if unknown := [member for member in story.members if member not in seen.articles]:
        line.refuse(f"names article {unknown[0]}, which no earlier line tells of")
    if unknown := [old for old in story.merged_from if old not in seen.stories]:
        line.refuse(f"merged story {unknown[0]}, which no earlier line tells of")


def _stream_lines(layout: Layout, stream: Stream, seen: _Seen) -> Iterator[_Line]:
    segments = layout.segments(stream)
    for segment in segments:
        seen.segments += 1
        meta = read_meta(segment)
        yield from _segment_lines(segment, meta, active=segment is segments[-1] and meta is None)


def _segment_lines(segment: Segment, meta: SegmentMeta | None, *, active: bool) -> Iterator[_Line]:
    digest, number, seq = hashlib.sha256(), 0, 0
    with reading(segment) as file:
        for number, raw in enumerate(file, 1):
            if not raw.endswith(b"\n"):
                if active:
                    return
                raise _Violation(segment.path, number, "the last line is torn")
            digest.update(raw)
            seq = _seq(segment.path, number, raw)
            yield _Line(seq, segment.path, number, raw, segment.stream)
    if meta and not _agrees(meta, number, seq, digest.hexdigest()):
        raise _Violation(segment.path, 0, f"does not agree with {segment.meta.name} (checksum, lines or seqs)")


def _agrees(meta: SegmentMeta, lines: int, seq: int, sha256: str) -> bool:
    last = seq == meta.last_seq or (bool(meta.removed) and seq < meta.last_seq)
    return last and (meta.lines, meta.sha256) == (lines, sha256)


def _seq(path: Path, number: int, raw: bytes) -> int:
    try:
        return codec.seq_of(raw)
    except ValueError as problem:
        raise _Violation(path, number, str(problem)) from problem


def _check_promises(layout: Layout, seen: _Seen) -> None:
    """What the state has committed stands in the streams, or waits in the outbox for the next start."""
    if not layout.database.exists():
        return
    with closing(connect_reader(layout.database)) as db:
        promised = promised_seq(db)
        waiting = db.execute("SELECT count(*) FROM outbox WHERE seq > ?", (seen.seq,)).fetchone()[0]
    if promised != seen.seq + waiting:
        raise _Violation(layout.database, 0, f"the state ends at seq {promised}, the streams at {seen.seq}; {REBUILD}")
