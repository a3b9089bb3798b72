"""Pages over many stories while a daemon writes, beside a bare starlette route of the same process, in one run.

python -m benchmarks.serve --stories 100000

Makes a store of invented stories (kept with --keep DIR), builds the index, starts `wirefold serve` and a bare server, and
asks each in turn over one kept connection while another process publishes ten articles a second. Prints medians.
"""

import argparse
import http.client
import json
import multiprocessing
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.serve.library import Library
from pipeline.settings import Settings
from storage.options import StoreOptions
from storage.records import Article, Credit, Extraction, Origin, Source, Story, Version
from storage.store import Store, Transaction

START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCES, AGENCIES, VOCABULARY, WORDS = 400, 12, 20_000, 120
LANGUAGES = ("en", "en", "en", "ar", "ckb")
BATCH = 500

BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
body = "x" * int(sys.argv[2])
def page(request):
    return HTMLResponse(body)
uvicorn.run(Starlette(routes=[Route("/", page)]), port=int(sys.argv[1]), log_level="error", access_log=False)
"""


def words(dice: random.Random) -> str:
    """Zipf's law, roughly: a common word stands in every text, a rare one in few."""
    return " ".join(f"w{int(VOCABULARY ** dice.random())}" for _ in range(WORDS))


def article(number: int, dice: random.Random) -> Article:
    source = dice.randrange(SOURCES)
    out = START + timedelta(minutes=number)
    agency = f"Agency {dice.randrange(AGENCIES)}"
    return Article(
        id=f"a-{number:016d}", revision=1, status="usable", url=f"https://source{source}.example/{number}",
        canonical_url=None, source=Source(name=f"Source {source}", domain=f"source{source}.example"), feeds=(),
        entry_id=None, via="feed", backfill=dice.random() < 0.1, kind="article", title=f"Story {words(dice)[:60]}",
        authors=(), summary=None, section=None, tags=(), image=None, language=dice.choice(LANGUAGES), date_published=out,
        date_published_raw=None, date_published_from="feed", date_modified=None, date_first_seen=out, date_fetched=out,
        content_text=words(dice), credits=(Credit(role="agency", name=agency, text=agency),) if number % 3 == 0 else (),
        dateline=None, extraction=Extraction(method="b", recipe="b"), content_hash=f"{number:x}", story_id="", match=None,
    )  # fmt: skip


def story(members: list[Article]) -> Story:
    first = members[0]
    versions = tuple(
        Version(
            article_id=one.id, source=one.source.name or "", url=one.url, title=one.title,
            date_published=one.date_published, date_first_seen=one.date_first_seen, words=WORDS,
            based_on=None if one is first else first.id, relation=None if one is first else "near",
            similarity=None if one is first else 0.7, containment=None if one is first else 0.8,
        )
        for one in members
    )  # fmt: skip
    return Story(
        story_id=f"s-{first.id[2:]}", change="created", members=tuple(one.id for one in members), canonical=first.id,
        origin=Origin(article_id=first.id, name=first.source.name, evidence=()), merged_from=(), related=(),
        title=first.title, date_first_published=first.date_published, date_updated=members[-1].date_first_seen,
        languages=tuple({one.language or "" for one in members}), sources=tuple(one.source.name or "" for one in members),
        versions=versions,
    )  # fmt: skip


def publish(tx: Transaction, number: int, dice: random.Random) -> int:
    """One story of one to six articles; returns the next number."""
    members = [article(number + k, dice) for k in range(1 if dice.random() < 0.7 else dice.randrange(2, 7))]
    told = story(members)
    for one in members:
        tx.articles.put(replace(one, story_id=told.story_id), [one.url])
    tx.stories.put(told)
    return number + len(members)


def fill(data: Path, stories: int) -> None:
    dice, number = random.Random(7), 1
    with Store.open(data, StoreOptions(fsync="none"), clock=lambda: START) as store:
        for start in range(0, stories, BATCH):
            with store.transaction() as tx:
                for _ in range(min(BATCH, stories - start)):
                    number = publish(tx, number, dice)


def keep_writing(data: Path, stop: "multiprocessing.synchronize.Event") -> None:
    """A daemon's share: ten articles a second, each transaction synced."""
    dice, number = random.Random(8), 10_000_000
    with Store.open(data, clock=lambda: datetime.now(UTC)) as store:
        while not stop.wait(0.2):
            with store.transaction() as tx:
                number = publish(tx, number, dice)


@contextmanager
def served(*command: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def asking(address: str) -> Callable[[str], float]:
    """Milliseconds to a whole answer over one kept connection."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)

    def ask(path: str) -> float:
        started = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        return 1000 * (time.perf_counter() - started)

    return ask


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.05)


def answers(address: str) -> bool:
    try:
        asking(address)("/")
    except OSError:
        return False
    return True


def paths(ask_json: Callable[[str], dict[str, list[dict[str, str]]]]) -> dict[str, Callable[[int], str]]:
    """What is asked for, by name; the number varies it so that no answer is the last one's."""
    page = ask_json("/api/v1/stories?limit=200&versions=5")["stories"]
    return {
        "stories, first page": lambda _: "/",
        "stories, a source": lambda n: f"/?source=source{n % SOURCES}.example",
        "stories, agency and language": lambda n: f"/?agency=Agency%20{n % AGENCIES}&language=ckb",
        "stories, 5 versions and more": lambda n: f"/?versions=5&since=2026-01-{1 + n % 28:02d}",
        "search, a rare word": lambda n: f"/?q=w{19_000 + n}",
        "search, a word in every text": lambda n: f"/?q=w1&versions={1 + n % 3}",
        "a story": lambda n: f"/stories/{page[n % len(page)]['story_id']}",
        "API, stories": lambda n: f"/api/v1/stories?limit={30 + n % 5}",
        "Atom, an agency": lambda n: f"/stories.atom?agency=Agency%20{n % AGENCIES}",
    }


def measure(data: Path, rounds: int) -> None:
    bare_port = 18_477
    serve = (sys.executable, "-c", "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))", "serve")
    stop = multiprocessing.get_context("spawn").Event()
    writer = multiprocessing.get_context("spawn").Process(target=keep_writing, args=(data, stop))
    with served(*serve, "--data", str(data), "--port", "0", "--json") as process:
        assert process.stdout
        address = json.loads(process.stdout.readline())["address"]
        place = urlsplit(address)

        def ask_json(path: str) -> dict[str, list[dict[str, str]]]:
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
            connection.request("GET", path)
            found: dict[str, list[dict[str, str]]] = json.loads(connection.getresponse().read())
            return found

        asked = paths(ask_json)
        with served(sys.executable, "-c", BARE, str(bare_port), "24000"):
            until(lambda: answers(f"http://127.0.0.1:{bare_port}"))
            ask, ask_bare = asking(address), asking(f"http://127.0.0.1:{bare_port}")
            writer.start()
            try:
                report(asked, ask, ask_bare, rounds)
            finally:
                stop.set()
                writer.join()


def report(
    asked: dict[str, Callable[[int], str]], ask: Callable[[str], float], ask_bare: Callable[[str], float], rounds: int
) -> None:
    took: dict[str, list[float]] = {name: [] for name in asked}
    bare: list[float] = []
    for n in range(-3, rounds):  # the first three rounds warm the caches
        bare.append(ask_bare("/"))
        for name, path in asked.items():
            took[name].append(ask(path(n + 3)))
    base = statistics.median(bare[3:])
    print(f"{'':34} median ms    p95 ms   × bare")
    print(f"{'a bare starlette route (24 kB)':34} {base:9.1f} {_p95(bare):9.1f}      1.0")
    for name, times in took.items():
        middle = statistics.median(times[3:])
        print(f"{name:34} {middle:9.1f} {_p95(times):9.1f} {middle / base:8.1f}")


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times[3:], n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="where the store lies or is made; it stays")
    options = parser.parse_args()
    data = options.keep or Path(tempfile.mkdtemp(prefix="wirefold-serve-"))
    try:
        if not (data / "state").exists():
            started = time.perf_counter()
            fill(data, options.stories)
            print(f"{options.stories:,} stories made in {time.perf_counter() - started:.0f} s")
        started = time.perf_counter()
        library = Library(data, Settings())
        progress = library.indexer.catch_up()
        library.close()
        size = (data / "state" / "serve.db").stat().st_size
        print(f"index: {progress.seq:,} lines in {time.perf_counter() - started:.0f} s, {size / 2**20:.0f} MiB")
        measure(data, options.rounds)
    finally:
        if options.keep is None:
            shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
