"""The store's cost: durable appends, the frontier, reading, rebuilding, exporting, and bytes per article.

    python -m benchmarks.store [--articles 20000] [--pending 200000] [--rebuild 20000] [--folder DIR]

Everything that is compared runs in the same process, one after the other, ``--rounds`` times; the best of each counts.
``--rebuild 1000000 --pending 1000000`` is the issue's size and takes half an hour. Texts are random words with the
frequencies of English and as long as news articles (median about 500 words), so that nothing is a copy of anything.
"""

import argparse
import io
import os
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from storage import Reader, Store, StoreOptions, codec, host_of, tail
from storage.export import FORMATS, Kind, export_file
from storage.rebuild import Placement, rebuild
from storage.records import Article, Entry, Extraction, Fingerprint, Origin, PairLink, Source, Story
from storage.retention import compact
from storage.state import connect_writer
from storage.tables.articles import Articles
from storage.tables.base import feed_number
from storage.verify import verify

START = datetime(2026, 1, 1, tzinfo=UTC)
VOCABULARY = 30_000
BATCHES = (1, 100, 1000)


def clock() -> datetime:
    return START + timedelta(days=1)


class Texts:
    """Random words, Zipf-distributed, capitalised and punctuated enough to compress like prose."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        letters = "etaoinshrdlcumwfgypbvk"
        weights = [1 / (rank + 2) for rank in range(len(letters))]
        self._words = ["".join(self._random.choices(letters, weights, k=2 + rank % 9)) for rank in range(VOCABULARY)]
        total = 0.0
        self._cumulative = [total := total + 1 / (rank + 5) for rank in range(VOCABULARY)]

    def text(self) -> str:
        count = min(4000, max(60, int(self._random.lognormvariate(6.1, 0.6))))
        words = self._random.choices(self._words, cum_weights=self._cumulative, k=count)
        return "\n".join(" ".join(words[at : at + 60]) + "." for at in range(0, count, 60))


def articles(count: int, texts: Texts, first: int = 0) -> Iterator[Article]:
    for number in range(first, first + count):
        host = f"h{number % 997}.example"
        at = START + timedelta(seconds=number)
        yield Article(
            id=f"{random.Random(number).getrandbits(64):016x}", revision=1, status="usable",
            url=f"https://{host}/2026/01/{number}-some-words-of-a-headline.html",
            canonical_url=f"https://{host}/2026/01/{number}-some-words-of-a-headline.html",
            source=Source(name=f"Paper {number % 997}", domain=host), feeds=(f"https://{host}/feed.xml",),
            entry_id=f"{host}-{number}", via="feed", backfill=False, kind="article",
            title=f"Title {number} of an article", authors=(), summary=None, section="World", tags=(),
            image=f"https://{host}/{number}.jpg", language="en", date_published=at, date_published_raw=at.isoformat(),
            date_published_from="feed", date_modified=None, date_first_seen=at, date_fetched=at,
            content_text=texts.text(), credits=(), dateline=None,
            extraction=Extraction(method="trafilatura", recipe="bench/1"), content_hash=f"{number:032x}",
            story_id=f"s{number:015x}", match=None,
        )  # fmt: skip


def story(article: Article) -> Story:
    return Story(
        story_id=article.story_id, change="created", members=(article.id,), canonical=article.id,
        origin=Origin(article_id=article.id, name=article.source.name, evidence=()), merged_from=(), related=(),
        title=article.title, date_first_published=article.date_published, date_updated=article.date_first_seen,
        languages=("en",), sources=(article.source.domain,), versions=(),
    )  # fmt: skip


def best(rounds: int, contestants: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The highest rate of each, taking turns."""
    rates: dict[str, float] = dict.fromkeys(contestants, 0.0)
    for _round in range(rounds):
        for name, run in contestants.items():
            rates[name] = max(rates[name], run())
    return rates


def rate(count: int, run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return count / (time.perf_counter() - started)


def store_appends(folder: Path, records: Sequence[Article], batch: int) -> float:
    """Articles a second through the whole store: state, keys, outbox, stream."""
    data = folder / "store"
    with Store.open(data, StoreOptions(), clock=clock) as store:

        def run() -> None:
            for at in range(0, len(records), batch):
                with store.transaction() as tx:
                    for article in records[at : at + batch]:
                        tx.articles.put(article, [article.url])

        result = rate(len(records), run)
    shutil.rmtree(data)
    return result


class _StateOnly:
    """What the tables need of a transaction, without outbox and streams."""

    now = START

    def __init__(self, db: sqlite3.Connection) -> None:
        self.seq = 0
        self.feed_number = cache(partial(feed_number, db))

    def publish(self, record: Article | Story) -> tuple[int, bytes]:
        self.seq += 1
        return self.seq, codec.line(self.seq, "article", self.now, record)

    def promise(self, seq: int, row: int) -> None:
        pass

    def afterwards(self, action: Callable[[], None]) -> None:
        pass


def state_appends(folder: Path, records: Sequence[Article], batch: int) -> float:
    """SQLite alone doing the same job: ids, keys and packed lines in the store's own tables, and no streams."""
    path = folder / "state.db"
    db = connect_writer(path, "batch")
    table = Articles(lambda: db, _StateOnly(db))

    def run() -> None:
        for at in range(0, len(records), batch):
            db.execute("BEGIN IMMEDIATE")
            for article in records[at : at + batch]:
                table.put(article, [article.url])
            db.execute("COMMIT")

    result = rate(len(records), run)
    db.close()
    path.unlink()
    return result


def sqlite_appends(folder: Path, lines: Sequence[bytes], batch: int) -> float:
    """The same lines into one table of one column, WAL, synchronous=FULL."""
    path = folder / "alone.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE lines (seq INTEGER PRIMARY KEY, line BLOB)")

    def run() -> None:
        for at in range(0, len(lines), batch):
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO lines (line) VALUES (?)", [(line,) for line in lines[at : at + batch]])
            db.execute("COMMIT")

    result = rate(len(lines), run)
    db.close()
    path.unlink()
    return result


def file_appends(folder: Path, lines: Sequence[bytes], batch: int) -> float:
    """write + fsync, and nothing else."""
    path = folder / "alone.jsonl"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def run() -> None:
        for at in range(0, len(lines), batch):
            os.write(fd, b"".join(lines[at : at + batch]))
            os.fsync(fd)

    result = rate(len(lines), run)
    os.close(fd)
    path.unlink()
    return result


def measure_appends(folder: Path, count: int, rounds: int) -> None:
    records = list(articles(count, Texts()))
    lines = [codec.line(seq, "article", START, article) for seq, article in enumerate(records, 1)]
    print(f"durable appends a second ({sum(map(len, lines)) / count:.0f} bytes a line)")
    print("SQLite alone: the same state without streams; queue: the lines in one table and nothing else")
    print(
        f"{'batch':>8} {'store':>9} {'SQLite alone':>13} {'queue':>9} {'write+fsync':>12} {'/ alone':>9} {'/ slowest':>10}"
    )
    for batch in BATCHES:
        part = max(batch, count if batch > 1 else count // 10)
        rates = best(
            rounds,
            {
                "store": lambda part=part, batch=batch: store_appends(folder, records[:part], batch),  # type: ignore[misc]
                "alone": lambda part=part, batch=batch: state_appends(folder, records[:part], batch),  # type: ignore[misc]
                "queue": lambda part=part, batch=batch: sqlite_appends(folder, lines[:part], batch),  # type: ignore[misc]
                "file": lambda part=part, batch=batch: file_appends(folder, lines[:part], batch),  # type: ignore[misc]
            },
        )
        ours, others = rates["store"], (rates["alone"], rates["queue"], rates["file"])
        print(
            f"{batch:>8} {ours:>9.0f} {others[0]:>13.0f} {others[1]:>9.0f} {others[2]:>12.0f}"
            f" {ours / others[0]:>9.2f} {ours / min(others):>10.2f}"
        )


class Derive:
    """Fingerprints of the real size, without the real computation: what is measured is the store."""

    def keys(self, article: Article) -> list[str]:
        return [article.url]

    def fingerprints(self, placements: Sequence[Placement]) -> list[Fingerprint | None]:
        return [self._fingerprint(placement) for placement in placements]

    def _fingerprint(self, placement: Placement) -> Fingerprint:
        article = placement.article
        words = article.content_text.count(" ")
        return Fingerprint(
            article_id=article.id, profile="bench", site=article.source.domain, story_id=article.story_id,
            event_time=article.date_first_seen, arrival=placement.arrival, words=words, title=article.title or "",
            text_hash=b"\0" * 16, signature=os.urandom(512), shingles=os.urandom(8 * words), numbers=(),
            aggregate=False, arrived=placement.arrived,
        )  # fmt: skip

    def links(self, members: Sequence[Fingerprint]) -> list[PairLink]:
        del members
        return []


def fill(data: Path, count: int) -> float:
    texts, batch = Texts(), 500
    spent = 0.0
    with Store.open(data, StoreOptions(plain_grace_hours=0), clock=clock) as store:
        for at in range(0, count, batch):
            made = list(articles(min(batch, count - at), texts, at))
            started = time.perf_counter()
            with store.transaction() as tx:
                for article in made:
                    tx.articles.put(article, [article.url])
                    tx.stories.put(story(article))
            spent += time.perf_counter() - started
        started = time.perf_counter()
        store.maintain()
    return spent + time.perf_counter() - started


def size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.rglob(pattern))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_streams(folder: Path, count: int) -> None:
    data = folder / "streams"
    spent = fill(data, count)
    plain = sum(len(line.raw) for line in Reader(data, types=["article"]).read())
    total = plain + sum(len(line.raw) for line in Reader(data, types=["story"]).read())
    print(
        f"\n{count} articles with their stories written in {spent:.1f} s; peak memory {peak_mib():.0f} MiB from here on"
    )
    for _round in range(2):
        started = time.perf_counter()
        tail(data, _Null())
        print(f"tail: {total / 2**20 / (time.perf_counter() - started):.0f} MiB/s")
    started = time.perf_counter()
    assert verify(data).ok
    print(f"verify: {total / 2**20 / (time.perf_counter() - started):.0f} MiB/s")
    print(f"bytes an article: stream {plain / count:.0f} plain, state {size(data / 'state', 'state.db*') / count:.0f}")
    with Store.open(data, StoreOptions(), clock=clock) as store:
        started = time.perf_counter()
        store.maintain(rotate=True, seal_all=True)
        sealed = size(data / "articles", "*.zst")
        print(f"sealed in {time.perf_counter() - started:.1f} s: {sealed / count:.0f} bytes an article in the stream")
        for form in FORMATS:
            kind: Kind = "stories" if form == "atom" else "articles"
            started = time.perf_counter()
            rows = export_file(store, kind, form, folder / f"out.{form}")
            seconds = time.perf_counter() - started
            print(f"export {form}: {rows / seconds:.0f} {kind}/s, peak memory {peak_mib():.0f} MiB")
        started = time.perf_counter()
        compact(store)
        print(f"compaction that finds nothing: {count / (time.perf_counter() - started):.0f} articles/s")
    started = time.perf_counter()
    report = rebuild(data, Derive(), StoreOptions(), clock=clock)
    seconds = time.perf_counter() - started
    print(f"rebuild: {report.articles} articles, {report.stories} stories in {seconds:.1f} s ({count / seconds:.0f}/s)")
    with Store.open(data, StoreOptions(), clock=clock) as store:
        started = time.perf_counter()
        live = sum(1 for _fingerprint in store.fingerprints.live(START))
        print(f"fingerprints read back: {live / (time.perf_counter() - started):.0f}/s")
    print(f"bytes an article with fingerprints: state {size(data / 'state', 'state.db*') / count:.0f}")


class _Null(io.BytesIO):
    def write(self, data: object) -> int:
        return len(data)  # type: ignore[arg-type]  # bytes


def measure_frontier(folder: Path, pending: int, hosts: int) -> None:
    entries = (
        Entry(
            key=f"https://h{n % hosts}.example/{n}", url=f"https://h{n % hosts}.example/{n}", feed_url=f"f{n % hosts}",
            entry_id=str(n), via="feed", revision_hash="r", title=f"Title {n}",
        )
        for n in range(pending)
    )  # fmt: skip
    with Store.open(folder / "frontier", StoreOptions(), clock=clock) as store:
        started = time.perf_counter()
        for _batch in range(0, pending, 1000):
            with store.transaction() as tx:
                tx.frontier.announce([entry for entry, _ in zip(entries, range(1000), strict=False)], START)
        spent = time.perf_counter() - started
        print(f"\nfrontier: {pending} entries on {hosts} hosts announced at {pending / spent:.0f}/s")
        times, seen = [], set()
        for _claim in range(200):
            started = time.perf_counter()
            claimed = store.frontier.claim(clock(), 32, per_host=2)
            times.append(time.perf_counter() - started)
            seen |= {host_of(entry.url) for entry in claimed}
        times.sort()
        print(
            f"claim of 32: median {times[100] * 1e3:.2f} ms, worst {times[-1] * 1e3:.2f} ms, {len(seen)} hosts served"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--rebuild", type=int, default=20_000)
    parser.add_argument("--pending", type=int, default=200_000)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--folder", type=Path, help="on the disk to be measured [default: the system's temporary folder]"
    )
    asked = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream
    with tempfile.TemporaryDirectory(prefix="wirefold-store-", dir=asked.folder) as name:
        folder = Path(name)
        measure_appends(folder, asked.articles, asked.rounds)
        measure_streams(folder, asked.rebuild)
        measure_frontier(folder, asked.pending, asked.hosts)


if __name__ == "__main__":
    main()
