"""Running the program as a user does, in this process or in its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.cli import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has set must not reach the tests."""
    for name in [name for name in os.environ if name.startswith("WIREFOLD_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def wirefold(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """``wirefold("feeds", "list")`` in this process, from an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: object) -> Ran:
        code = main([str(word) for word in argv])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def wirefold_process(repository: Path, tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The program in its own process, from an empty folder."""

    def run(*argv: object, **options: object) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(repository / "run_pipeline.py"), *map(str, argv)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False, **options)

    return run
