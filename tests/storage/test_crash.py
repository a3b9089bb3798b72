"""kill -9 at random moments, at random file operations and at every named point: nothing lost, nothing doubled."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("crash.py")


@pytest.mark.parametrize(
    ("mode", "runs", "at_least"),
    [("clock", 40, 30), ("operation", 120, 100), ("point", 120, 100), ("rewrite", 80, 60), ("rebuild", 24, 18)],
)
def test_a_killed_writer_loses_nothing_and_doubles_nothing(tmp_path, mode, runs, at_least):
    """After every death the next start finds contiguous seqs, every acknowledged article once, streams equal to state."""
    done = subprocess.run(
        [sys.executable, "-B", str(SCRIPT), str(tmp_path / "data"), mode, str(runs), "1"],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["killed"] >= at_least
