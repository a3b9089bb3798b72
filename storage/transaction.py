"""A running transaction: every table, readable and writable, and the lines that it will publish."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from storage import codec
from storage.layout import STREAM_OF_TYPE, Stream
from storage.records import Article, Story
from storage.tables.articles import Articles
from storage.tables.base import Connect, feed_number
from storage.tables.claims import Claims
from storage.tables.frontier import Frontier
from storage.tables.grouping import BoilerplateTable, Fingerprints
from storage.tables.history import History
from storage.tables.stories import Stories
from storage.tables.web import Checkpoints, Feeds, Hosts


class Transaction:
    """Read and write access to every table; what it publishes becomes visible to consumers only after the commit."""

    def __init__(self, connect: Connect, claims: Claims, now: datetime, seq: int) -> None:
        self.now = now
        self.seq = seq
        self.lines: dict[Stream, list[tuple[int, bytes]]] = {"articles": [], "stories": []}
        self._feed_numbers: dict[str, int] = {}
        self.actions: list[Callable[[], None]] = []
        self._db = connect
        self.feeds = Feeds(connect)
        self.frontier = Frontier(connect, claims, self)
        self.articles = Articles(connect, self)
        self.stories = Stories(connect, self, self.articles)
        self.fingerprints = Fingerprints(connect)
        self.boilerplate = BoilerplateTable(connect)
        self.hosts = Hosts(connect)
        self.checkpoints = Checkpoints(connect)
        self.history = History(connect)

    @property
    def published(self) -> Counter[Stream]:
        """Lines so far, by stream."""
        return Counter({stream: len(lines) for stream, lines in self.lines.items()})

    def publish(self, record: Article | Story) -> tuple[int, bytes]:
        """Makes the record's line; returns its seq and its bytes. Called by the tables."""
        self.seq += 1
        kind = "article" if isinstance(record, Article) else "story"
        line = codec.line(self.seq, kind, self.now, record)
        self.lines[STREAM_OF_TYPE[kind]].append((self.seq, line))
        return self.seq, line

    def promise(self, seq: int, row: int) -> None:
        """Puts the line into the outbox: its bytes are those of row ``row`` of its table."""
        stream = next(stream for stream, lines in self.lines.items() if lines and lines[-1][0] == seq)
        self._db().execute("INSERT INTO outbox VALUES (?, ?, ?, NULL)", (seq, stream, row))

    def feed_number(self, url: str) -> int:
        """The small number that stands for a feed URL."""
        number = self._feed_numbers.get(url)
        if number is None:
            number = self._feed_numbers[url] = feed_number(self._db(), url)
        return number

    def afterwards(self, action: Callable[[], None]) -> None:
        """Runs ``action`` once the transaction has committed."""
        self.actions.append(action)
