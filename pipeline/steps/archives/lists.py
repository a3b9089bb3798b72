"""Addresses that a person listed: files of them, or a tuple."""

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from pipeline.archives.urllist import entries_of
from pipeline.steps.archives.reading import BATCH, Reading
from pipeline.steps.keep import Announced


async def url_list(reading: Reading, urls: Iterable[str], name: str = "urls") -> AsyncIterator[Announced]:
    """Announces the addresses in their order. There is no place to keep: what was announced is known next time."""
    lines, read = iter(urls), 0
    while batch := list(itertools.islice(lines, BATCH)):
        entries, refused = entries_of(batch, fetched_at=reading.world.clock.now(), first_line=read + 1)
        read += len(batch)
        for line in refused:
            reading.problem(f"{name}: {line}")
        within = [entry for entry in entries if reading.bounds.holds(entry.date_published)]
        yield reading.announced(name, within, passed=len(entries) - len(within))
    yield reading.announced(name, mark=reading.mark(name, None), share=1.0)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file, as they are read."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        yield from file
