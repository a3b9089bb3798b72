"""``DemoWeb``: the small web as a context manager. Start it, point the pipeline at it, move it to its second state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from pipeline.demo.server import DemoServer, RequestRecord
from pipeline.demo.site import build_web
from pipeline.settings import FeedSettings, Settings

LOOPBACK = "127.0.0.0/8"


class DemoWeb:
    """Invented publishers behind one HTTP server on 127.0.0.1, in two states.

    ``clock_start`` (aware) is the moment the articles are dated from; None: now. They were published in the 50 hours
    before it. While the context is entered, ``feeds`` are the subscriptions, ``resolve`` maps each host name to the
    server (``[fetch] resolve``) and ``requests`` logs what was asked for, in order.
    """

    def __init__(self, clock_start: datetime | None = None) -> None:
        self._injected = clock_start is not None
        self.start = (clock_start or datetime.now(UTC)).astimezone(UTC)
        self._web = build_web(self.start)
        self._server: DemoServer | None = None

    def __enter__(self) -> Self:
        self._server = DemoServer(self._web.resources)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.stop()

    @property
    def server(self) -> DemoServer:
        """The HTTP server. RuntimeError before the context is entered."""
        if self._server is None:
            raise RuntimeError("DemoWeb serves only inside its with block")
        return self._server

    @property
    def feeds(self) -> tuple[FeedSettings, ...]:
        """One for every feed: RSS 2.0, RSS 1.0, Atom and JSON Feed; one publisher has two that overlap.

        Named after the publisher, as a subscriber would, or after themselves where there are several.
        """
        return tuple(
            FeedSettings(
                url=publisher.origin + feed.path, name=publisher.name if len(publisher.feeds) == 1 else feed.title
            )
            for publisher in self._web.publishers
            for feed in publisher.feeds
        )

    @property
    def resolve(self) -> dict[str, str]:
        """Host name to ``127.0.0.1:port``."""
        return {publisher.domain: self.server.address for publisher in self._web.publishers}

    @property
    def requests(self) -> list[RequestRecord]:
        """What was asked for so far, in order (a copy)."""
        return list(self.server.requests)

    @property
    def urls(self) -> dict[str, str]:
        """Article key (``publisher-id/slug``, as in expected.toml) to its address, for all articles that are out."""
        return {key: article.url for key, article in self._web.articles.items()}

    def text(self, key: str) -> str:
        """The true body of an article as it stands now: paragraphs separated by a newline. KeyError: not out."""
        return self._web.articles[key].text

    def settings(self, base: Settings | None = None) -> Settings:
        """``base`` (default: all defaults) with this web's feeds and hosts, loopback allowed, and no delay per host."""
        base = base or Settings()
        fetch = replace(base.fetch, resolve=self.resolve, allow_private_networks=(LOOPBACK,), per_host_delay_s=0.0)
        return replace(base, fetch=fetch, feeds=self.feeds)

    def publish_corrections(self, at: datetime | None = None) -> None:
        """The second state: one article is corrected (its text, headline and the feed's ``updated``), and one outlet
        publishes a late copy. Dated ``at``; by default now, or ten minutes after an injected ``clock_start``.
        """
        default = self.start + timedelta(minutes=10) if self._injected else datetime.now(UTC)
        self._web = build_web(self.start, (at or default).astimezone(UTC))
        self.server.resources = self._web.resources
