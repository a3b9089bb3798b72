"""The demo's run: the bundled small web, the real pipeline over it, twice, and what the store then holds."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pipeline.demo.web import DemoWeb
from pipeline.engines import once
from pipeline.engines.summary import Report, RunSummary
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from storage.records import Article, Story
from storage.store import Store

MARK = ".wirefold-demo"
"""A folder with this file in it was made by a demo and may be made anew by the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRun:
    """What two passes over the small web left in ``data``; ``publishers`` counts its sites."""

    data: Path
    publishers: int
    passes: tuple[RunSummary, RunSummary]
    requests: int
    articles: dict[str, Article]
    stories: tuple[Story, ...]


def run(data: Path, *, settings: Settings | None = None, report: Report | None = None) -> DemoRun:
    """Serves the small web on loopback, polls it, lets it publish its corrections, polls it again, and stops it.

    Raises ConfigError where ``data`` holds something that no demo made.
    """
    clear(data)
    with DemoWeb() as web:
        chosen = web.settings(settings)
        chosen = replace(chosen, store=replace(chosen.store, data=str(data), batch_wait_s=0.05))
        first = once.run(chosen, data, report=report)
        web.publish_corrections()
        second = once.run(chosen, data, all_feeds=True, report=report)
        requests, publishers = len(web.requests), len(web.resolve)
    articles, stories = read(data)
    return DemoRun(
        data=data,
        publishers=publishers,
        passes=(first, second),
        requests=requests,
        articles=articles,
        stories=stories,
    )


def clear(data: Path) -> None:
    """Makes ``data`` an empty folder of the demo's own."""
    if data.exists() and any(data.iterdir()) and not (data / MARK).exists():
        raise ConfigError(f"{data}: holds something that no demo made; name another folder with --data")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    (data / MARK).touch()


def read(data: Path) -> tuple[dict[str, Article], tuple[Story, ...]]:
    """Current articles by id, and the stories."""
    with Store.open(data, clock=lambda: datetime.now(UTC), write=False) as store:
        return {article.id: article for article in store.articles.current()}, tuple(store.stories.current())


def lines_of(data: Path, stream: str) -> Sequence[Path]:
    """The segments of a stream, oldest first."""
    return sorted((data / stream).glob("*.jsonl"))
