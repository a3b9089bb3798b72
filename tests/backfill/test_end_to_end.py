"""The command over a real web: resumable after ``kill -9``, nothing twice, limits that advance, bounds that may change."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from storage.verify import verify
from tests.backfill.publisher import MISSING, Answer, Publisher, articles, fates, newest, published, rss

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = """
[fetch]
allow_private_networks = ["127.0.0.0/8"]
per_host_delay_s = 0.0
per_host_concurrency = 8
[extract]
workers = 2
"""
NS = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "pipeline.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wirefold(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict]:
    def run(*argv: object, code: int = 0) -> dict:
        ended = main(["backfill", *map(str, argv), "--json"])
        out = capsys.readouterr()
        assert ended == code, out.err + out.out
        return json.loads(out.out)

    return run


def sitemap(publisher: Publisher, path: str, numbers: list[int]) -> str:
    """A sitemap of these posts, each changed last when it was published."""
    urls = "".join(
        f"<url><loc>{publisher.url(n)}</loc><lastmod>{published(n).isoformat()}</lastmod></url>" for n in numbers
    )
    publisher.routes[path] = lambda query: Answer(f"<urlset {NS}>{urls}</urlset>".encode(), "application/xml")
    return publisher.origin + path


def paged(publisher: Publisher, size: int = 10) -> str:
    def route(query: dict[str, str]) -> Answer:
        number = int(query.get("paged", 1))
        numbers = newest(publisher)[(number - 1) * size : number * size]
        return rss(publisher, numbers) if numbers else MISSING

    publisher.routes["/feed"] = route
    return publisher.origin + "/feed"


def test_one_article_through_every_source_is_one_article(wirefold, home, publisher):
    """Feed, sitemap and list name the same posts: each is fetched once, and stored once."""
    publisher.posts = 30
    (home / "urls.txt").write_text("".join(f"{publisher.url(n)}?utm_source=list\n" for n in range(1, 31)))
    command = (
        "--feed",
        paged(publisher),
        "--sitemap",
        sitemap(publisher, "/s.xml", newest(publisher)),
        "--urls",
        "urls.txt",
    )
    summary = wirefold(*command)
    assert summary["entries"]["done"] == {"stored": 30}
    assert sum(publisher.pages_asked().values()) == 30
    assert sum(source["new"] for source in summary["sources"]) == 30
    assert all(source["ended"] and source["found"] == 30 for source in summary["sources"])
    lines = articles(home / "data")
    assert {line["via"] for line in lines} <= {"feed", "archive", "sitemap", "urls"}
    assert all(line["backfill"] for line in lines)
    again = wirefold(*command)
    assert (again["entries"]["done"], len(articles(home / "data"))) == ({}, 30)


def test_a_limit_counts_what_is_new_and_the_same_command_advances(wirefold, home, publisher):
    publisher.posts = 25
    command = ("--feed", paged(publisher), "--sitemap", sitemap(publisher, "/s.xml", newest(publisher)), "--limit", 10)
    stored = [wirefold(*command)["entries"]["done"].get("stored", 0) for _ in range(4)]
    assert stored == [10, 10, 5, 0]
    assert len(articles(home / "data")) == 25


def test_what_other_bounds_dropped_is_looked_at_again(wirefold, home, publisher):
    """The sitemap states no dates, so the pages tell; what lay outside is fetched again only where the new bounds hold it."""
    publisher.posts = 12
    urls = "".join(f"<url><loc>{publisher.url(n)}</loc></url>" for n in newest(publisher))
    publisher.routes["/s.xml"] = lambda query: Answer(f"<urlset {NS}>{urls}</urlset>".encode(), "application/xml")
    base = ("--sitemap", publisher.origin + "/s.xml", "--since")
    first = wirefold(*base, published(9).isoformat())
    assert (first["entries"]["done"], first["entries"]["dropped"]) == ({"stored": 4}, {"out_of_range": 8})
    assert wirefold(*base, published(9).isoformat())["entries"]["dropped"] == {}
    second = wirefold(*base, published(5).isoformat())
    assert (second["entries"]["done"], second["entries"]["dropped"]) == ({"stored": 4}, {})
    assert wirefold(*base[:2])["entries"]["done"] == {"stored": 4}
    assert len(articles(home / "data")) == 12


def test_what_failed_is_tried_again_when_asked(wirefold, home, publisher):
    publisher.posts = 5
    command = ("--sitemap", sitemap(publisher, "/s.xml", [1, 2, 3, 4, 5]))
    publisher.routes["/posts/3"] = lambda query: Answer(b"broken", status=400)
    first = wirefold(*command, code=1)
    assert first["entries"]["rejected"] == {"client_error": 1}
    assert first["sources"][0]["entries"] == {"done/stored": 4, "rejected/client_error": 1}
    del publisher.routes["/posts/3"]
    assert wirefold(*command)["entries"]["done"] == {}
    assert wirefold(*command, "--retry-failed")["entries"]["done"] == {"stored": 1}


def test_a_dry_run_tells_how_much_there_is_and_writes_nothing(wirefold, home, publisher):
    publisher.posts = 300
    command = ("--feed", paged(publisher), "--sitemap", sitemap(publisher, "/s.xml", list(range(1, 51))))
    plan = wirefold(*command, "--since", published(31).isoformat(), "--dry-run")
    by_name = {source["source"].split()[0]: source for source in plan["sources"]}
    assert (by_name["sitemap"]["found"], by_name["sitemap"]["new"], by_name["sitemap"]["whole"]) == (50, 20, True)
    assert by_name["feed"]["new"] == 120
    assert plan["at_least"]
    assert not (home / "data").exists()
    assert not publisher.pages_asked()


def test_a_store_that_is_in_use_is_refused_and_a_plan_is_not(wirefold, home, publisher):
    from datetime import UTC, datetime

    from storage.store import Store

    publisher.posts = 5
    command = ["backfill", "--sitemap", sitemap(publisher, "/s.xml", [1, 2])]
    with Store.open(home / "data", clock=lambda: datetime.now(UTC)):
        assert main(command) == 3
        assert main([*command, "--dry-run"]) == 0


def start(home: Path, *argv: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "run_pipeline.py"), "backfill", *argv]
    return subprocess.Popen(
        command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.timeout(300)
def test_killed_at_any_point_it_goes_on_and_repeats_at_most_one_page(home, publisher):
    publisher.posts = 50
    command = ("--feed", paged(publisher, 5), "--sitemap", sitemap(publisher, "/s.xml", newest(publisher)[:30]))
    answer, asked, rng = publisher.answer, itertools.count(1), random.Random(6)
    deadly = {rng.randrange(4, 12), rng.randrange(24, 40)}
    running: list[subprocess.Popen[bytes]] = []

    def answer_or_kill(target: str, headers: dict[str, str]) -> Answer:
        if next(asked) in deadly:
            os.kill(running[-1].pid, signal.SIGKILL)
        return answer(target, headers)

    publisher.answer = answer_or_kill
    for _ in range(5):
        running.append(start(home, *command))
        _, errors = running[-1].communicate()
        if running[-1].returncode != -signal.SIGKILL:
            break
    assert running[-1].returncode == 0, errors.decode()[-2000:]
    kills = len(running) - 1
    assert kills == 2
    ids = [(line["id"], line["revision"]) for line in articles(home / "data")]
    assert len(ids) == len(set(ids)) == 50
    assert fates(home / "data") == {"done/stored": 50}
    assert verify(home / "data").ok
    feeds = [path for path in publisher.asked if path.startswith("/feed?paged")]
    assert len(feeds) - len(set(feeds)) <= kills


def test_an_interrupt_ends_within_seconds_and_the_same_command_finishes(home, publisher):
    publisher.posts = 30
    command = ("--sitemap", sitemap(publisher, "/s.xml", newest(publisher)))
    answer, asked = publisher.answer, itertools.count(1)
    running: list[subprocess.Popen[bytes]] = []

    def answer_or_interrupt(target: str, headers: dict[str, str]) -> Answer:
        if next(asked) == 10:
            running[-1].send_signal(signal.SIGINT)
        return answer(target, headers)

    publisher.answer = answer_or_interrupt
    running.append(start(home, *command))
    running[-1].communicate(timeout=30)
    assert running[-1].returncode == 130
    assert len(articles(home / "data")) < 30
    running.append(start(home, *command))
    running[-1].communicate()
    assert running[-1].returncode == 0
    assert len(articles(home / "data")) == 30
