"""Metrics for Prometheus, and whether this server lives and is ready.

Names and units follow https://prometheus.io/docs/practices/naming/; labels are closed sets (routes, status classes, the
slugs of ``pipeline.errors``): never a host, a feed or a story.
"""

import sqlite3
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pipeline.serve.library import Library
from pipeline.serve.views.feeds import feed_views
from storage.errors import StoreError
from storage.store import Store

NO_STORE = {"Cache-Control": "no-store"}
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD"})
BEHIND_LINES = 10_000
"""Ready means: not further behind the store than this."""


class Operations:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(StoreCollector(library))
        self._requests = Histogram(
            "wirefold_http_request_duration_seconds",
            "Time to answer a request.",
            ("route", "method", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        known = method if method in METHODS else "other"
        self._requests.labels(route, known, f"{status // 100}xx").observe(seconds)

    def metrics(self, _: Request) -> Response:
        return Response(generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST, **NO_STORE})

    def livez(self, _: Request) -> Response:
        return PlainTextResponse("ok\n", headers=NO_STORE)

    def readyz(self, _: Request) -> Response:
        """200 as soon as the lists show (nearly) everything; the body says what is missing."""
        problem = self._problem()
        return PlainTextResponse(f"{problem or 'ok'}\n", 503 if problem else 200, headers=NO_STORE)

    def _problem(self) -> str:
        try:
            last = self._library.store().last_seq
        except (StoreError, sqlite3.Error) as error:
            return str(error)
        progress = self._library.indexer.progress
        if progress.problem:
            return f"the index stands still: {progress.problem}"
        if not progress.complete or last - progress.seq > BEHIND_LINES:
            return f"the index is being built: line {progress.seq} of {last}"
        return ""


class StoreCollector:
    """Reads the store when it is asked; nothing is counted twice."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def collect(self) -> Iterator[Metric]:
        progress = self._library.indexer.progress
        try:
            store = self._library.store()
            gauges = list(self._of_store(store))
        except (StoreError, sqlite3.Error):
            yield _gauge("wirefold_store_up", "Whether the store can be read.", 0)
            return
        yield _gauge("wirefold_store_up", "Whether the store can be read.", 1)
        yield from gauges
        yield _gauge("wirefold_index_seq", "The last line that the lists reflect.", progress.seq)
        yield _gauge("wirefold_index_complete", "Whether the index has everything.", int(progress.complete))

    def _of_store(self, store: Store) -> Iterator[Metric]:
        lines = CounterMetricFamily("wirefold_store_lines", "Lines published so far (the last seq).")
        lines.add_metric([], store.last_seq)
        yield lines
        yield _gauge("wirefold_store_articles", "Articles in the store.", store.articles.count())
        yield _gauge("wirefold_store_stories", "Stories in the store.", store.stories.count())
        entries = GaugeMetricFamily(
            "wirefold_entries", "Announced entries by what became of them.", labels=["status", "slug"]
        )
        for status, slugs in store.frontier.counts().items():
            for slug, number in slugs.items():
                entries.add_metric([status, slug or "none"], number)
        yield entries
        yield from self._of_feeds(store)

    def _of_feeds(self, store: Store) -> Iterator[Metric]:
        now = self._library.now()
        views = [view for view in feed_views(store, now) if view.active]
        feeds = GaugeMetricFamily("wirefold_feeds", "Active feeds by health.", labels=["health"])
        for health in ("well", "warning", "failing", "new"):
            feeds.add_metric([health], sum(view.health == health for view in views))
        yield feeds
        late = [(now - view.next_due).total_seconds() for view in views if view.next_due]
        yield _gauge("wirefold_feeds_overdue_seconds", "How late the feed that waits longest is.", max(0.0, *late, 0.0))
        last = max((view.last_polled.timestamp() for view in views if view.last_polled), default=0.0)
        yield _gauge("wirefold_last_poll_timestamp_seconds", "When a feed was last polled.", last)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
