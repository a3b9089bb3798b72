"""Pages beyond reason: each is answered within the deadline or costs only itself, and good pages beside it are untouched."""

import asyncio

from pipeline.compute import WorkerPool
from pipeline.errors import Drop, Fate, Retry
from pipeline.records import Extracted
from pipeline.settings import ExtractSettings
from pipeline.stages.extract import PRELOAD, extract, extract_cheaply
from tests.extract.making import STORY, html, page
from tests.extract.pathological import PAGES, READABLE

SETTINGS = ExtractSettings()
DEADLINE_S = 20.0
"""Twice the default: these tests share two cores with others."""


async def outcome(pool: WorkerPool, body: bytes | str) -> Extracted | Fate:
    """As the steps do it: a page that cost a worker is tried once more with the cheap extractor."""
    try:
        return await pool.run(extract, page(body), None, SETTINGS)
    except Retry:
        pass
    except Fate as fate:
        return fate
    try:
        return await pool.run(extract_cheaply, page(body), None, SETTINGS)
    except Fate as fate:
        return fate


def test_every_pathological_page_is_answered_and_costs_no_other_page() -> None:
    async def main() -> None:
        async with WorkerPool(2, DEADLINE_S, SETTINGS.memory_mib, 2000, PRELOAD) as pool:
            good = [asyncio.create_task(pool.run(extract, page(html()), None, SETTINGS)) for _ in range(5)]
            few = asyncio.Semaphore(3)  # not all of them in memory at once

            async def one(name: str) -> tuple[str, Extracted | Fate]:
                async with few:
                    return name, await outcome(pool, PAGES[name]())

            outcomes = dict(await asyncio.gather(*map(one, PAGES)))
            good += [asyncio.create_task(pool.run(extract, page(html()), None, SETTINGS)) for _ in range(5)]
            for found in await asyncio.gather(*good):
                assert found.content_text.split("\n") == list(STORY)
        unreadable = {name: fate for name, fate in outcomes.items() if isinstance(fate, Fate)}
        assert all(isinstance(fate, Drop) for fate in unreadable.values()), unreadable
        lost = [
            name
            for name in READABLE
            if isinstance(found := outcomes[name], Fate) or not all(line[:60] in found.content_text for line in STORY)
        ]
        assert lost == []

    asyncio.run(main())


def test_pages_beyond_the_bounds_go_to_the_cheap_extractor_at_once() -> None:
    for name in ("50,000 links", "class attribute of 5 MB", "table of 20,000 rows", "id attribute of 200 kB"):
        found = extract(page(PAGES[name]()), None, SETTINGS)
        assert found.extraction.method == "resiliparse", name
        assert any("resiliparse only" in note for note in found.notes)


def test_harmless_bulk_is_not_beyond_the_bounds() -> None:
    for name in ("inline picture of 3 MB", "data attribute of 3 MB"):
        assert extract(page(PAGES[name]()), None, SETTINGS).extraction.method == "trafilatura", name
