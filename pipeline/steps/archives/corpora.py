"""JSONL corpora → articles with their texts: nothing is fetched, and known ones are passed over."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from pipeline.archives.corpus import CorpusRecord, read_record
from pipeline.errors import Reject
from pipeline.steps.archives.files import Line, LinePlace, read_lines
from pipeline.steps.archives.reading import Reading
from pipeline.steps.archives.supply import Item, supply
from pipeline.steps.keep import Announced, Supplied
from pipeline.text.urls import site_of

MAX_TOLD = 20
"""Lines that cannot be read, told one by one; of more only the number."""


async def corpus(reading: Reading, path: Path, places: Mapping[str, str]) -> AsyncIterator[Announced | Supplied]:
    """The articles of one file. ``places``: field → path into a record, where it is not one of the usual ones."""
    source = f"jsonl {path}"
    after = reading.resumed(source, LinePlace)
    async for record in supply(reading, source, _items(reading, path, places, after)):
        yield record


def _items(reading: Reading, path: Path, places: Mapping[str, str], after: LinePlace | None) -> Iterator[Item]:
    """Runs in a thread, a few lines at a time."""
    bad = 0
    for line in read_lines(path, after):
        try:
            record = _record(reading, line, places)
        except Reject as fate:
            bad += 1
            told = f"{path}:{line.place.number}: {fate}" if bad <= MAX_TOLD else None
            yield Item(place=line.place, share=line.share, problem=told)
            continue
        yield _item(reading, record, line)
    if bad > MAX_TOLD:
        yield Item(problem=f"{path}: {bad} lines could not be read in all")


def _record(reading: Reading, line: Line, places: Mapping[str, str]) -> CorpusRecord | None:
    if line.data is not None and not line.data.strip():
        return None
    min_words = reading.world.settings.extract.min_words
    return read_record(line.data or b"", places, now=reading.world.clock.now(), min_words=min_words)


def _item(reading: Reading, record: CorpusRecord | None, line: Line) -> Item:
    if record is None or (reading.sites and site_of(record.entry.url) not in reading.sites):
        return Item(place=line.place, share=line.share)
    if not reading.bounds.holds(record.entry.date_published):
        return Item(place=line.place, share=line.share, passed=True)
    return Item(
        entry=record.entry,
        supplied=record.extracted or record.page or record.fate,
        fetched_at=record.fetched_at,
        place=line.place,
        share=line.share,
        revision=record.revision,
    )
