"""``kill -9`` at any moment of a run loses nothing and duplicates nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
PAGES = 40


@pytest.fixture
def config(served, tmp_path):
    """A configuration folder over three feeds of small pages, half of which are copies of the other half."""
    rng = random.Random(7)
    vocabulary = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in ("ar", "en", "ilo", "ou") for c in ("t", "ding", "vel")]
    urls = []
    for number in range(PAGES):
        seed = random.Random(number // 2)
        words = " ".join(seed.choice(vocabulary) for _ in range(260))
        paragraphs = "".join(f"<p>{words[i : i + 400]}</p>" for i in range(0, len(words), 400))
        html = f"<html><head><title>Story {number}</title></head><body><article><h1>Story {number}</h1>{paragraphs}</article>"
        path = f"/p/{number}.html"
        served.docs[path] = served.Doc(html.encode())
        urls.append(served.origin + path)
    rng.shuffle(urls)
    feeds = [
        served.feed(
            f"/feeds/{n}.xml", [f"<item><title>x</title><link>{u}</link><guid>{u}</guid></item>" for u in urls[n::3]]
        )
        for n in range(3)
    ]
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "pipeline.toml").write_text(
        '[fetch]\nallow_private_networks = ["127.0.0.0/8"]\nper_host_delay_s = 0.0\nper_host_concurrency = 8\n'
        "[extract]\nworkers = 2\n[store]\nbatch_articles = 7\n"
    )
    (folder / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in feeds))
    return folder


def start(config: Path, data: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        str(ROOT / "run_pipeline.py"),
        "once",
        "--all",
        "--config",
        str(config),
        "--data",
        str(data),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)


def killed_after(process: subprocess.Popen[bytes], delay_s: float) -> bool:
    """Kills the pipeline's own process (its workers must notice by themselves); False if it had ended before."""
    try:
        process.communicate(timeout=delay_s)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


@pytest.mark.timeout(400)
def test_twenty_random_kills_lose_nothing_and_duplicate_nothing(config, tmp_path, lines):
    from storage.verify import verify

    rng = random.Random(20)
    began = time.monotonic()
    whole = start(config, tmp_path / "whole")
    _, errors = whole.communicate()
    assert whole.returncode == 0, errors.decode()[-2000:]
    whole_s = time.monotonic() - began
    expected = stories_of(lines(tmp_path / "whole"))

    kills, folder = 0, 0
    while kills < KILLS:
        data = tmp_path / f"data-{folder}"
        folder += 1
        while kills < KILLS and killed_after(start(config, data), rng.uniform(0.2, 1.0) * whole_s):
            kills += 1
        process = start(config, data)
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()[-2000:]
        written = lines(data)
        assert [line["seq"] for line in written] == list(range(1, len(written) + 1))
        articles = [(line["id"], line["revision"]) for line in written if line["type"] == "article"]
        assert len(articles) == len(set(articles)) == PAGES
        assert stories_of(written) == expected
        assert verify(data).ok


def stories_of(written: list[dict]) -> set[frozenset[str]]:
    """The partition of the articles that the log tells."""
    last = {line["story_id"]: line for line in written if line["type"] == "story"}
    merged = {old for line in last.values() for old in line["merged_from"]}
    return {frozenset(line["members"]) for story, line in last.items() if story not in merged}
