"""The steady state: the daemon over 10,000 feeds that it has known for long, against plain httpx over the same polls.

    python -m benchmarks.steady [--feeds 10000] [--seconds 60] [--rate 100]

One process serves the feeds (``benchmarks.steady_server``): one a host, nine of ten answer 304 to their validators, every
tenth a changed body of 20 items. The store is made beforehand as such a store is after weeks: every feed with validators
and a learned rhythm, every item known, those of the feeds that change with an article each. So no page is fetched and
nothing is grouped: what is measured is polling. The daemon is the program itself (``run_pipeline.py daemon``) with its
default settings, but for private addresses. Lateness is what the server sees: request received − ``next_due``.

1. Paced: the due times of all feeds are spread so that ``--rate`` of them come each second.
2. Saturated: all feeds are due at once; the daemon, and before and after it plain httpx (one ``AsyncClient``, as many
   requests at a time, the same validators, no policy, no parsing, nothing kept), go once through all of them.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.processes import available_cores, cpu_s, pss_mib, tree
from benchmarks.steady_server import CHANGING, ITEMS, LAST_MODIFIED, changes, document, etag_of, serve, url_of
from pipeline.cadence import after_success
from pipeline.records import Response
from pipeline.settings import FetchSettings, ScheduleSettings
from pipeline.stages.discover import parse_feed
from pipeline.stages.poll import Verdict
from storage import Store, StoreOptions
from storage.records import Article, Entry, EntryFate, Extraction, Feed, Source, Validators

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = '[fetch]\nallow_private_networks = ["127.0.0.0/8"]\n'
TAIL_S = 2.0
"""What was asked last is committed by then."""


@dataclass(slots=True)
class Web:
    """The serving process, and what it tells through shared memory."""

    port: int
    first_asked: MutableSequence[float]
    count: MutableSequence[int]

    def forget(self) -> None:
        for number in range(len(self.first_asked)):
            self.first_asked[number] = 0.0
        self.count[0] = 0

    @property
    def asked(self) -> list[float]:
        return sorted(moment for moment in self.first_asked if moment)


@contextmanager
def web(feeds: int) -> Iterator[Web]:
    context = multiprocessing.get_context("spawn")
    first_asked, count = context.RawArray("d", feeds), context.RawArray("l", 1)
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, first_asked, count), daemon=True)
    process.start()
    try:
        yield Web(ours.recv(), first_asked, count)
    finally:
        process.kill()
        process.join()


# The store as it is after weeks


def fill(data: Path, port: int, feeds: int) -> None:
    with _store(data) as store:
        for start in range(0, feeds, 100):
            with store.transaction() as tx:
                for number in range(start, min(start + 100, feeds)):
                    feed, entries = _known(number, port)
                    tx.feeds.put(feed)
                    tx.frontier.announce(entries, _now())
                    for index, entry in enumerate(entries):
                        article_id = f"{number * ITEMS + index:016x}"
                        if changes(number):
                            tx.articles.put(_article(article_id, entry), [entry.key])
                        tx.frontier.settle(EntryFate(key=entry.key, fate="done", slug="stored", article_id=article_id))


def _known(number: int, port: int) -> tuple[Feed, list[Entry]]:
    """A feed that was read in full once and has been honest since, and all its items."""
    url, now = url_of(number, port), _now()
    body = document(number, port, 0, shown=ITEMS)
    response = Response(request_url=url, url=url, status=200, headers={}, body=body, fetched_at=now)
    parsed = parse_feed(body, url=url, headers={}, fetched_at=now, base_url=url)
    verdict = Verdict(kind="parse", body_hash="0" * 64)
    feed = Feed(url=url, added_at=now)
    feed = after_success(feed, verdict, response, parsed, set(), ScheduleSettings(), now, random.Random(number))
    believed = Validators(etag=etag_of(number), last_modified=LAST_MODIFIED, body_hash="0" * 64, honest_at=now)
    entries = [replace(entry, feed_url=url, first_seen=now) for entry in parsed.entries]
    return replace(feed, validators=believed), entries


def _article(article_id: str, entry: Entry) -> Article:
    return Article(
        id=article_id, revision=1, status="usable", url=entry.url, canonical_url=None,
        source=Source(name=None, domain="bench.example"), feeds=(entry.feed_url or "",), entry_id=entry.entry_id,
        via="feed", backfill=False, kind="article", title=entry.title, authors=(), summary=None, section=None, tags=(),
        image=None, language="en", date_published=entry.date_published, date_published_raw=None,
        date_published_from="feed", date_modified=None, date_first_seen=_now(), date_fetched=_now(),
        content_text=entry.summary or "", credits=(), dateline=None,
        extraction=Extraction(method="feed", recipe="bench/1"), content_hash=article_id * 2,
        story_id=f"s{article_id[1:]}", match=None,
    )  # fmt: skip


def make_due(data: Path, first: datetime, spacing_s: float) -> dict[str, float]:
    """Feed URL → when it is due (epoch seconds), in an order that mixes the feeds that change among the others."""
    with _store(data) as store:
        feeds = store.feeds.all()
        random.Random(7).shuffle(feeds)
        dues = [first + timedelta(seconds=spacing_s * place) for place in range(len(feeds))]
        with store.transaction() as tx:
            for feed, due in zip(feeds, dues, strict=True):
                tx.feeds.put(replace(feed, next_due=due))
        return {feed.url: due.timestamp() for feed, due in zip(feeds, dues, strict=True)}


def _store(data: Path) -> Store:
    return Store.open(data, StoreOptions(fsync="none"), clock=_now)


def _now() -> datetime:
    return datetime.now(UTC)


# Running and watching


@dataclass(slots=True)
class Watched:
    """What a process tree used between two moments."""

    cpu_s: float = 0.0
    peak_mib: float = 0.0
    idle_mib: float = 0.0


class Daemon:
    """The program, started before its feeds are due."""

    def __init__(self, config: Path, data: Path, log: Path) -> None:
        self._log = log
        command = [
            sys.executable,
            str(ROOT / "run_pipeline.py"),
            "daemon",
            "--config",
            str(config),
            "--data",
            str(data),
        ]
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)

    def wait_until(self, due: float) -> None:
        while "watching" not in self._log.read_text("utf-8"):
            if self.process.poll() is not None:
                raise SystemExit(f"the daemon ended:\n{self._log.read_text('utf-8')[-3000:]}")
            if time.time() > due:
                raise SystemExit("the daemon was not ready when the first feed was due: raise --lead")
            time.sleep(0.1)
        time.sleep(max(0.0, due - time.time()))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(120) not in (0, 1):
            raise SystemExit(f"the daemon ended badly:\n{self._log.read_text('utf-8')[-3000:]}")


@contextmanager
def watching(pid: int) -> Iterator[Watched]:
    seen, done = Watched(), threading.Event()
    seen.idle_mib = sum(pss_mib(one) for one in tree(pid))

    def sample() -> None:
        while not done.wait(0.5):
            seen.peak_mib = max(seen.peak_mib, sum(pss_mib(one) for one in tree(pid)))

    sampler = threading.Thread(target=sample)
    sampler.start()
    before = cpu_s(pid)
    try:
        yield seen
    finally:
        seen.cpu_s = cpu_s(pid) - before
        done.set()
        sampler.join()


def run_daemon(folder: Path, web: Web, spacing_s: float, seconds: float, lead_s: float) -> tuple[Watched, list[float]]:
    """Until all feeds were asked, at most ``seconds``; what it used, and each due feed's lateness (those never asked as
    late as they were at the end).
    """
    data, config = folder / "data", folder / "config"
    first = _now() + timedelta(seconds=lead_s)
    dues = make_due(data, first, spacing_s)
    web.forget()
    daemon = Daemon(config, data, folder / "daemon.log")
    try:
        daemon.wait_until(first.timestamp())
        with watching(daemon.process.pid) as seen:
            ends = first.timestamp() + seconds
            while time.time() < ends and web.count[0] < len(dues):
                time.sleep(0.05)
            ended = time.time()
            time.sleep(TAIL_S)
        daemon.stop()
    finally:
        daemon.process.kill()
    due_of = [dues[url_of(number, web.port)] for number in range(len(dues))]
    late = [(asked or ended) - due for asked, due in zip(web.first_asked, due_of, strict=True) if due < ended]
    return seen, late


def run_plain(web: Web) -> tuple[float, float]:
    """Polls per second and per CPU second."""
    web.forget()
    command = [
        sys.executable,
        "-m",
        "benchmarks.steady",
        "--plain",
        str(web.port),
        "--feeds",
        str(len(web.first_asked)),
    ]
    out = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    rate, per_cpu = json.loads(out)
    assert web.count[0] == len(web.first_asked)
    return rate, per_cpu


async def plain(port: int, feeds: int) -> None:
    limit = asyncio.Semaphore(FetchSettings().concurrency)
    numbers = list(range(feeds))
    random.Random(7).shuffle(numbers)
    async with httpx.AsyncClient(timeout=30) as client:

        async def poll(number: int) -> None:
            async with limit:
                headers = {"If-None-Match": etag_of(number), "If-Modified-Since": LAST_MODIFIED}
                await client.get(url_of(number, port), headers=headers)

        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*[poll(number) for number in numbers])
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps([feeds / wall, feeds / cpu]))


# The report


def paced(folder: Path, web: Web, asked: argparse.Namespace) -> None:
    seen, late = run_daemon(folder, web, 1 / asked.rate, asked.seconds, asked.lead)
    late.sort()
    polls = len(web.asked)
    print(
        f"paced at {asked.rate:g}/s for {asked.seconds:g} s: {polls} polls,"
        f" {1000 * seen.cpu_s / polls:.2f} ms CPU per poll ({seen.cpu_s / (asked.seconds + TAIL_S):.2f} cores)"
    )
    print(
        f"  lateness p50 {late[len(late) // 2]:.2f} s, p99 {late[len(late) * 99 // 100]:.2f} s, worst {late[-1]:.2f} s"
        f" (target: p99 < 5 s)"
    )
    print(f"  memory {seen.peak_mib:.0f} MiB peak, {seen.idle_mib:.0f} MiB before the first poll (target: < 250 MiB)")


def saturated(folder: Path, web: Web, asked: argparse.Namespace) -> None:
    peers = [run_plain(web)]
    seen, _late = run_daemon(folder, web, 0.0, 600.0, asked.lead)
    moments = web.asked
    peers.append(run_plain(web))
    rate, per_cpu = len(moments) / (moments[-1] - moments[0]), len(moments) / seen.cpu_s
    plain_rate, plain_per_cpu = (statistics.mean(column) for column in zip(*peers, strict=True))
    print(f"saturated, {len(moments)} polls over {available_cores()} cores (which the server shares):")
    print(f"  wirefold    {rate:6.0f} polls/s, {per_cpu:6.0f} per CPU second, {seen.peak_mib:.0f} MiB peak")
    print(f"  plain httpx {plain_rate:6.0f} polls/s, {plain_per_cpu:6.0f} per CPU second")
    print(
        f"  wirefold / plain httpx: {rate / plain_rate:.2f} of its rate,"
        f" {per_cpu / plain_per_cpu:.2f} per CPU second (target: 0.6)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the paced part")
    parser.add_argument("--rate", type=float, default=100.0, help="feeds that come due a second in the paced part")
    parser.add_argument("--lead", type=float, default=15.0, help="seconds that the daemon has to start")
    parser.add_argument("--only", choices=["paced", "saturated"])
    parser.add_argument("--plain", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.plain:
        asyncio.run(plain(asked.plain, asked.feeds))
        return
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a text stream
    asked.seconds = min(asked.seconds, asked.feeds / asked.rate)
    with tempfile.TemporaryDirectory(prefix="wirefold-steady-") as name, web(asked.feeds) as served:
        run(Path(name), served, asked)


def run(folder: Path, served: Web, asked: argparse.Namespace) -> None:
    config = folder / "config"
    config.mkdir()
    (config / "pipeline.toml").write_text(SETTINGS, "utf-8")
    urls = [url_of(number, served.port) for number in range(asked.feeds)]
    (config / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls), "utf-8")
    started = time.perf_counter()
    fill(folder / "data", served.port, asked.feeds)
    print(
        f"{asked.feeds} feeds on as many hosts, {asked.feeds * ITEMS} known items, every {CHANGING}th feed changes"
        f" (made in {time.perf_counter() - started:.0f} s)"
    )
    if asked.only != "saturated":
        paced(folder, served, asked)
    if asked.only != "paced":
        saturated(folder, served, asked)


if __name__ == "__main__":
    main()
