"""``group``: groups an existing corpus, with no network and no state.

    lines ──chunks──▶ workers: decode, prepare ──in order──▶ place one by one ──at the end──▶ one output line a record

Input streams through a bounded number of chunks; what stays in memory is the index and a few words a record (shingles
lie in a temporary file). Stories may still merge when the last record has come, so the output is written at the end.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from typing import IO

import msgspec

from pipeline.engines.corpus import BadLine, Line, Record, read_lines, read_records
from pipeline.settings import GroupSettings
from pipeline.stages.group import Grouper, Offline
from storage.records import Match

_CHUNK = 64
_INLINE_CHUNKS = 16
"""A corpus of this many chunks or fewer is done before worker processes would be up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What a run did. ``failed`` lines were reported and skipped (exit code 1)."""

    records: int
    stories: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    id: str | int
    match: Match | None


def run(
    in_paths: list[str],
    out: IO[bytes],
    settings: GroupSettings,
    *,
    report: Callable[[str], None],
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Grouped:
    """Reads records, groups them in input order, writes one JSON line for each to ``out``.

    ``report`` gets one message for each line that cannot be read or whose id another line has already (file, line
    number, reason); ids are compared as text, and written as they came. ``progress`` gets the number of records placed
    so far; ``workers`` defaults to one per core (0 or 1: none). Raises OSError for a file that cannot be opened.
    """
    grouper = Grouper(settings)
    memory = Offline()
    seen: list[_Seen] = []
    failed = 0
    lines = read_lines(in_paths)
    for item in _unique(_prepared(lines, settings.num_perm, os.cpu_count() or 1 if workers is None else workers)):
        if isinstance(item, BadLine):
            failed += 1
            report(str(item))
            continue
        placement = grouper.place(item.prepared, memory)
        seen.append(_Seen(id=item.id, match=placement.match))
        if progress is not None:
            progress(len(seen))
    stories = _write(seen, memory, out)
    return Grouped(records=len(seen), stories=stories, failed=failed)


def _unique(items: Iterable[Record | BadLine]) -> Iterator[Record | BadLine]:
    """The records with an id of their own; a repeated id is a bad line, for no output line could say which is meant."""
    first: dict[str, tuple[str, int]] = {}
    for item in items:
        if isinstance(item, BadLine):
            yield item
            continue
        used = first.get(str(item.id))
        if used is None:
            first[str(item.id)] = (item.path, item.number)
            yield item
        else:
            reason = f"the id {json.dumps(item.id, ensure_ascii=False)} was used before, at {used[0]}:{used[1]}"
            yield BadLine(path=item.path, number=item.number, reason=reason)


def _prepared(lines: Iterator[Line], num_perm: int, workers: int) -> Iterator[Record | BadLine]:
    chunks = iter(lambda: list(islice(lines, _CHUNK)), [])
    first = list(islice(chunks, _INLINE_CHUNKS + 1))
    if len(first) <= _INLINE_CHUNKS or workers <= 1:
        for part in chain(first, chunks):
            yield from read_records(part, num_perm)
        return
    yield from _in_workers(chain(first, chunks), num_perm, workers)


def _in_workers(chunks: Iterable[list[Line]], num_perm: int, workers: int) -> Iterator[Record | BadLine]:
    """Like ``read_records`` chunk by chunk, in order, with at most a few chunks under way."""
    waiting: deque[Future[list[Record | BadLine]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for part in chunks:
            waiting.append(pool.submit(read_records, part, num_perm))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _write(seen: list[_Seen], memory: Offline, out: IO[bytes]) -> int:
    encoder = msgspec.json.Encoder()
    stories = set()
    for record in seen:
        story_id = memory.fingerprints.story_of(str(record.id))
        stories.add(story_id)
        match = record.match
        out.write(
            encoder.encode(
                {
                    "id": record.id,
                    "story_id": story_id,
                    "relation": None if match is None else match.relation,
                    "match_id": None if match is None else match.article_id,
                    "similarity": None if match is None else round(match.similarity, 4),
                }
            )
            + b"\n"
        )
    return len(stories)
