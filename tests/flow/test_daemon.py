"""The daemon: runs until asked to stop, survives bad feeds, finishes what is in hand, refuses a second writer."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def config(served, tmp_path):
    """One good feed, one that is HTML, one whose host does not exist."""
    items = []
    for number in range(5):
        words = " ".join(f"w{number}{n * n % 97}" for n in range(200))
        html = f"<html><head><title>S{number}</title></head><body><article><h1>S{number}</h1><p>{words}</p></article></body></html>"
        served.docs[f"/{number}.html"] = served.Doc(html.encode())
        link = f"{served.origin}/{number}.html"
        items.append(f"<item><title>S{number}</title><link>{link}</link><guid>{link}</guid></item>")
    good = served.feed("/feed.xml", items)
    served.docs["/page"] = served.Doc(b"<!doctype html><html><body>no feed</body></html>")
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "pipeline.toml").write_text(
        '[fetch]\nallow_private_networks = ["127.0.0.0/8"]\nper_host_delay_s = 0.0\nper_host_concurrency = 8\n[extract]\nworkers = 1\n'
        "[schedule]\ntick_s = 0.2\nshutdown_grace_s = 20.0\n"
    )
    feeds = [good, f"{served.origin}/page", "http://no-such-host.invalid/feed"]
    (folder / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in feeds))
    return folder


def start(config: Path, data: Path, command: str = "daemon") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "run_pipeline.py"), command, "--config", str(config), "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition, what: str, seconds: float = 40) -> None:
    """Waits for another process, whose clock cannot be injected."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_daemon_with_zero_and_a_store_that_verifies(config, tmp_path, lines, number):
    from storage.verify import verify

    data = tmp_path / "data"
    daemon = start(config, data)
    try:
        wait_for(lambda: len([1 for line in lines(data) if line["type"] == "article"]) == 5, "five articles")
        second = start(config, data, "once")
        _, refused = second.communicate(timeout=60)
        assert second.returncode == 3, refused
        assert str(daemon.pid) in refused
        daemon.send_signal(number)
        _, log = daemon.communicate(timeout=60)
    finally:
        daemon.kill()
    assert daemon.returncode == 0, log
    assert verify(data).ok
    assert (data / "stories.jsonl").read_text().count("\n") == 5


def test_what_is_in_hand_at_the_signal_is_finished(config, served, tmp_path, lines):
    """A page that is being served when SIGTERM arrives is stored all the same."""
    import threading

    released, asked = threading.Event(), threading.Event()
    slow = served.docs["/3.html"]

    class SlowDoc(type(slow)):
        @property
        def etag(self) -> str:
            asked.set()
            released.wait(30)
            return '"slow"'

    served.docs["/3.html"] = SlowDoc(slow.body)
    data = tmp_path / "data"
    daemon = start(config, data)
    try:
        wait_for(asked.is_set, "the slow page to be asked for")
        daemon.send_signal(signal.SIGTERM)
        wait_for(lambda: len([1 for line in lines(data) if line["type"] == "article"]) >= 4, "the other pages")
        released.set()
        _, log = daemon.communicate(timeout=60)
    finally:
        daemon.kill()
    assert daemon.returncode == 0, log
    assert sorted(line["title"] for line in lines(data) if line["type"] == "article") == [f"S{n}" for n in range(5)]
