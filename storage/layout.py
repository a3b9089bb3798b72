"""Where everything lies in the data folder, and how segments are named and listed.

DATA/articles/articles-<20-digit first seq>.jsonl            active, or closed and in its grace time
              articles-<20-digit first seq>[.cN].jsonl.zst   sealed (N: how often it was rewritten)
              articles-<20-digit first seq>[.cN].meta.json   of a closed segment: seqs, lines, sha256
DATA/stories/…                                               the same
DATA/stories.jsonl                                           the current view
DATA/state/state.db, lock, cursors/<name>.json
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Stream = Literal["articles", "stories"]
STREAMS: tuple[Stream, Stream] = ("articles", "stories")
STREAM_OF_TYPE: dict[str, Stream] = {"article": "articles", "story": "stories"}

_NAME = re.compile(r"(?:articles|stories)-(\d{20})(?:\.c(\d+))?\.(jsonl|jsonl\.zst|meta\.json)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment as it lies on disk. ``path`` is the file to read; ``generation`` counts its rewrites."""

    stream: Stream
    base: int
    generation: int
    path: Path
    meta: Path
    closed: bool

    @property
    def sealed(self) -> bool:
        return self.path.suffix == ".zst"


@dataclass(frozen=True, slots=True)
class Layout:
    data: Path

    @property
    def state(self) -> Path:
        return self.data / "state"

    @property
    def database(self) -> Path:
        return self.state / "state.db"

    @property
    def lock(self) -> Path:
        return self.state / "lock"

    @property
    def cursors(self) -> Path:
        return self.state / "cursors"

    @property
    def stories_view(self) -> Path:
        return self.data / "stories.jsonl"

    def directory(self, stream: Stream) -> Path:
        return self.data / stream

    def plain(self, stream: Stream, base: int) -> Path:
        return self._file(stream, base, 0, "jsonl")

    def sealed(self, stream: Stream, base: int, generation: int = 0) -> Path:
        return self._file(stream, base, generation, "jsonl.zst")

    def meta(self, stream: Stream, base: int, generation: int = 0) -> Path:
        return self._file(stream, base, generation, "meta.json")

    def _file(self, stream: Stream, base: int, generation: int, suffix: str) -> Path:
        mark = f".c{generation}" if generation else ""
        return self.directory(stream) / f"{stream}-{base:020d}{mark}.{suffix}"

    def create(self) -> None:
        for folder in (self.cursors, *map(self.directory, STREAMS)):
            folder.mkdir(parents=True, exist_ok=True)

    def segments(self, stream: Stream) -> list[Segment]:
        """The stream's segments by first seq; of several files of one segment, the one that counts."""
        found: dict[int, list[tuple[int, bool, Path]]] = {}
        for path, base, generation, suffix in self.files(stream):
            if suffix != "meta.json":
                found.setdefault(base, []).append((generation, suffix == "jsonl", path))
        return [self._segment(stream, base, *max(files)) for base, files in sorted(found.items())]

    def _segment(self, stream: Stream, base: int, generation: int, _plain: bool, path: Path) -> Segment:
        # The newest generation counts; between plain and zst of one generation the plain one, as long as it lasts.
        meta = self.meta(stream, base, generation)
        return Segment(stream=stream, base=base, generation=generation, path=path, meta=meta, closed=meta.exists())

    def files(self, stream: Stream) -> Iterator[tuple[Path, int, int, str]]:
        """Every file of the stream's segments: path, first seq, generation, suffix."""
        directory = self.directory(stream)
        for path in directory.iterdir() if directory.is_dir() else ():
            match = _NAME.fullmatch(path.name)
            if match:
                yield path, int(match[1]), int(match[2] or 0), match[3]
