"""``wirefold serve`` as its users meet it: a process that answers HTTP."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import httpx
import pytest


@dataclass(frozen=True)
class Server:
    """``wirefold serve`` in a process of its own."""

    process: "subprocess.Popen[str]"
    base: str
    data: Path
    http: httpx.Client
    log: TextIO

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
    with tempfile.TemporaryFile("w+") as log:  # a pipe that nobody reads would stop the server when it is full
        yield from _served(command, data, {**os.environ, **(env or {})}, log)


def _served(command: list[str], data: Path, env: dict[str, str], log: TextIO) -> Iterator[Server]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=env)
    try:
        line = process.stdout.readline()
        log.seek(0)
        assert line, log.read()
        base = json.loads(line)["address"]
        with httpx.Client(base_url=base, timeout=30) as http:
            yield Server(process, base, data, http, log)
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def until(true: Callable[[], bool], tries: int = 400) -> None:
    """Waits for what another process does; gives up after twenty seconds."""
    for _ in range(tries):
        if true():
            return
        time.sleep(0.05)
    pytest.fail("it never came true")
