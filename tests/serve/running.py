"""``wirefold serve`` as its users meet it: a process that answers HTTP."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest


@dataclass(frozen=True)
class Server:
    """``wirefold serve`` in a process of its own."""

    process: "subprocess.Popen[str]"
    base: str
    data: Path
    http: httpx.Client

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.http.get(path, **options)

    def json(self, path: str) -> dict:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def serving(data: Path, *options: str, env: dict[str, str] | None = None) -> Iterator[Server]:
    program = "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "serve", "--data", str(data), "--port", "0", "--json", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
    )
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        base = json.loads(line)["address"]
        with httpx.Client(base_url=base, timeout=30) as http:
            yield Server(process, base, data, http)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def until(true: Callable[[], bool], tries: int = 400) -> None:
    """Waits for what another process does; gives up after twenty seconds."""
    for _ in range(tries):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("it never came true")
