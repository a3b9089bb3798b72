"""Every example in docs/store.md runs as it stands, over a store with sealed and active segments."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from storage.views import StoriesFile

PAGE = Path(__file__).parents[2] / "docs" / "store.md"
EXAMPLES = re.findall(r"^```(sh|python|sql)\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(store, make, tmp_path):
    make.publish(store, 1, 3)
    store.maintain(rotate=True)
    make.publish(store, 4, 5)
    with store.transaction() as tx:
        tx.articles.put(make.article(1, revision=2, title="Revised"), [])
    StoriesFile(store).refresh()
    store.close()
    return tmp_path


def run(command, folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_has_examples():
    """jq, a shell loop, the Python reader, DuckDB, pandas, Polars."""
    assert [language for language, _text in EXAMPLES] == ["sh", "sh", "python", "sql", "python", "python"]


@pytest.mark.parametrize("number", [n for n, (language, _text) in enumerate(EXAMPLES) if language == "sh"])
@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_shell_examples(folder, number):
    """Each prints something for every article or story that it is about."""
    out = run(["bash", "-euo", "pipefail", "-c", EXAMPLES[number][1]], folder)
    assert len(out.splitlines()) == (6 if "type article" in EXAMPLES[number][1] else 5)


@pytest.mark.parametrize("number", [n for n, (language, _text) in enumerate(EXAMPLES) if language == "python"])
def test_python_examples(folder, number):
    """The reader sees every line, pandas the newest revisions, Polars the stories."""
    out = run([sys.executable, "-W", "error", "-c", EXAMPLES[number][1]], folder)
    if "Cursor" in EXAMPLES[number][1]:
        assert [row.split()[0] for row in out.splitlines()] == [str(seq) for seq in range(1, 12)]
        assert run([sys.executable, "-c", EXAMPLES[number][1]], folder) == ""
    elif "pandas" in EXAMPLES[number][1]:
        assert "Revised" in out
        assert "Title 1" not in out
    else:
        assert "story-5" in out


def test_the_sql_example(folder, monkeypatch):
    """Sealed and active segments are read by one glob, each article once."""
    monkeypatch.chdir(folder)
    (query,) = [text for language, text in EXAMPLES if language == "sql"]
    assert duckdb.sql(query).fetchall()[0][:2] == ("a.example", 5)
