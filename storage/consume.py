"""Reading the streams as a consumer: both in seq order, whole lines only, at least once with a cursor.

Line n + 1 never comes before line n: while n may still be on its way, the reader waits. Numbers that compaction or
retention took out are passed over. Rotation, sealing and compaction under a reader change nothing for it.
"""

import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

import msgspec

from storage import codec
from storage.disk import Disk
from storage.errors import VERIFY, StoreDamaged, StoreError
from storage.layout import STREAM_OF_TYPE, STREAMS, Layout, Segment, Stream
from storage.records import Article, Story
from storage.segments import BLOCK, last_seq, last_seq_of, open_plain, read_meta
from storage.state import connect_reader, promised_seq

LineType = Literal["article", "story"]
BATCH_LINES = 1000
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Line:
    """One published line. ``raw`` are its bytes with the newline."""

    seq: int
    type: LineType
    raw: bytes

    def record(self) -> Article | Story:
        """The record without its envelope; keys that this version does not know are ignored."""
        return codec.article(self.raw) if self.type == "article" else codec.story(self.raw)

    def json(self) -> dict[str, Any]:
        """The line as a dict, every key."""
        return msgspec.json.decode(self.raw, type=dict[str, Any])


class Reader:
    """Lines with ``seq`` > ``after``, in seq order. A reader keeps its place: ``read`` again goes on where it stopped."""

    def __init__(self, data: Path | str, *, after: int = 0, types: Collection[LineType] = ("article", "story")) -> None:
        self._layout = Layout(Path(data))
        self._after = after
        self._tails: list[_Tail] = []
        for kind in sorted(set(types)):
            self._tails.append(_Tail(self._layout, STREAM_OF_TYPE[kind], kind, after))

    @property
    def position(self) -> int:
        """The seq of the last line that was given out (``after`` before the first)."""
        return self._after

    def read(self) -> Iterator[Line]:
        """Every line up to the present end of the streams."""
        while (line := self.next()) is not None:
            yield line

    def follow(self, wait: Callable[[], bool] | None = None) -> Iterator[Line]:
        """Every line, then every new one; ``wait`` is called when there is nothing new and ends it by returning False."""
        wait = wait or pause
        while True:
            yield from self.read()
            if not wait():
                return

    def next(self) -> Line | None:
        """The next line, None if it has not been published yet."""
        heads = self._heads()
        if heads and self._may_be_on_its_way(heads):
            if heads[0][0] - 1 > _settled(self._layout):
                return None
            # Published since the first look, or gone for good: a second look tells.
            heads = self._heads()
        if not heads:
            return None
        seq, raw, tail = heads[0]
        tail.pop()
        self._after = seq
        return Line(seq, tail.kind, raw)

    def _heads(self) -> list[tuple[int, bytes, "_Tail"]]:
        """The next line of each stream that has one, in seq order."""
        heads = [(*head, tail) for tail in self._tails if (head := tail.peek()) is not None]
        return sorted(heads, key=lambda head: head[0])

    def _may_be_on_its_way(self, heads: list[tuple[int, bytes, "_Tail"]]) -> bool:
        """Is a number left out that a stream which has not gone past it may still bring?"""
        return heads[0][0] != self._after + 1 and len(heads) < len(self._tails)

    def close(self) -> None:
        """Closes the files; a reader that is merely dropped does so too."""
        for tail in self._tails:
            tail.close()

    def __del__(self) -> None:
        self.close()


class _Tail:
    """The reading end of one stream."""

    def __init__(self, layout: Layout, stream: Stream, kind: LineType, after: int) -> None:
        self.kind = kind
        self._layout = layout
        self._stream = stream
        self._after = after
        self._segment: Segment | None = None
        self._file: BinaryIO | None = None
        self._rest = b""
        self._lines: deque[bytes] = deque()
        self._head: tuple[int, bytes] | None = None
        self._read_seq = 0

    def peek(self) -> tuple[int, bytes] | None:
        while self._head is None:
            if not self._lines and not self._fill():
                return None
            raw = self._lines.popleft() + b"\n"
            seq = self._read_seq = codec.seq_of(raw)
            if seq > self._after:
                self._head = (seq, raw)
        return self._head

    def pop(self) -> None:
        if self._head:
            self._after = self._head[0]
        self._head = None

    def _fill(self) -> bool:
        """Reads on, into the next segment where this one is over; False at the present end."""
        while not self._lines:
            if not self._read() and not self._advance():
                return False
        return True

    def _read(self) -> bool:
        block = self._file.read(BLOCK) if self._file else b""
        if block:
            *lines, self._rest = (self._rest + block).split(b"\n")
            self._lines.extend(lines)
        return bool(block)

    def _advance(self) -> bool:
        """Opens the segment behind the present one. That it exists proves that the present one is complete."""
        following = self._following()
        if following is None:
            return False
        if self._read():
            return True
        self._check_end()
        file = open_plain(following)
        self.close()
        self._file, self._segment, self._rest = file, following, b""
        return True

    def _check_end(self) -> None:
        """A closed segment says where it ends: one that was cut must not pass for a gap."""
        meta = read_meta(self._segment) if self._segment else None
        if meta and not meta.removed and self._read_seq < meta.last_seq:
            raise StoreDamaged(
                f"{meta.stream} segment {meta.first_seq:020d} ends before its last line, {meta.last_seq}", VERIFY
            )

    def _following(self) -> Segment | None:
        segments = self._layout.segments(self._stream)
        if self._segment is not None:
            return next((segment for segment in segments if segment.base > self._segment.base), None)
        # Bases are first seqs: the last one that is not beyond the next line holds it, or the one after it does.
        earlier = [segment for segment in segments if segment.base <= self._after + 1]
        return earlier[-1] if earlier else next(iter(segments), None)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _settled(layout: Layout) -> int:
    """Everything up to here is published: a segment is closed only when both streams are complete up to its end."""
    closed = ([s for s in layout.segments(stream) if s.closed] for stream in STREAMS)
    return max((last_seq_of(segments[-1]) for segments in closed if segments), default=0)


class Cursor:
    """A named place in the streams, kept in the data folder: everything up to ``seq`` was handled."""

    def __init__(self, data: Path | str, name: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) or name.startswith("."):
            raise StoreError(f"cursor name {name!r}: letters, digits, '.', '_' and '-' only")
        layout = Layout(Path(data))
        layout.cursors.mkdir(parents=True, exist_ok=True)
        self._path = layout.cursors / f"{name}.json"
        self._disk = Disk()
        self.seq = self._load()

    def move(self, seq: int) -> None:
        """Call this only after the line was written out, or it may be lost; durable when it returns."""
        self._disk.write_file(self._path, b'{"seq":%d}\n' % seq)
        self.seq = seq

    def _load(self) -> int:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])["seq"]
        except FileNotFoundError:
            return 0
        except (msgspec.DecodeError, KeyError) as problem:
            raise StoreError(f"{self._path} is not a cursor ({problem}); remove it to start over") from problem


def tail(
    data: Path | str,
    out: BinaryIO,
    *,
    after: int = 0,
    cursor: str | None = None,
    types: Collection[LineType] = ("article", "story"),
    wait: Callable[[], bool] | None = None,
) -> int:
    """Writes lines to ``out`` and returns how many; a cursor replaces ``after`` and moves only past what was flushed.

    Without ``wait`` it ends at the present end of the streams, otherwise when ``wait()`` returns False.
    Raises StoreError if the cursor stands beyond the end of the streams (they were replaced).
    """
    place = Cursor(data, cursor) if cursor else None
    reader = Reader(data, after=place.seq if place else after, types=types)
    if place and place.seq > _end(Layout(Path(data))):
        raise StoreError(f"cursor {cursor!r} stands at {place.seq}, but the streams end before it: were they replaced?")
    written = 0
    try:
        while True:
            batch = list(islice(reader.read(), BATCH_LINES))
            if batch:
                out.write(b"".join(line.raw for line in batch))
                out.flush()
                written += len(batch)
                if place:
                    place.move(batch[-1].seq)
            elif wait is None or not wait():
                return written
    finally:
        reader.close()


def _end(layout: Layout) -> int:
    """The last seq that was ever given: after a power loss the streams may end before it, until a writer starts again."""
    if not layout.database.exists():
        return last_seq(layout)
    with closing(connect_reader(layout.database)) as db:
        return max(last_seq(layout), promised_seq(db))


def pause() -> bool:
    """Waits a moment for new lines; for ever."""
    time.sleep(POLL_S)
    return True
