"""A store of self-made articles, the demo's store behind a real server, and a browser where the machine has one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.demo import run as demo
from tests.serve.made import Corpus
from tests.serve.running import Server, serving, until


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    made = Corpus(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def new_corpus(tmp_path: Path) -> Iterator[Callable[[], Corpus]]:
    made: list[Corpus] = []

    def new() -> Corpus:
        made.append(Corpus(tmp_path / f"data{len(made)}"))
        return made[-1]

    yield new
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the real pipeline makes of the demo's small web."""
    folder = tmp_path_factory.mktemp("serve") / "demo"
    demo.run(folder)
    return folder


@pytest.fixture(scope="session")
def server(demo_data: Path) -> Iterator[Server]:
    with serving(demo_data) as running:
        until(lambda: running.get("/readyz").status_code == 200)
        yield running


@pytest.fixture(scope="session")
def told(server: Server) -> dict:
    """A story of the demo with three versions and more, as the API tells it."""
    card = server.json("/api/v1/stories?versions=3")["stories"][0]
    return server.json(f"/api/v1/stories/{card['story_id']}")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine")
    return found
