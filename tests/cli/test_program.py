"""The program as a whole: help, start-up, exit codes, streams."""

import json
import logging
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from pipeline.cli import commands, invoked, main
from pipeline.cli.outcome import guarded, outcome
from pipeline.errors import ConfigError, Interrupted
from storage.errors import StoreDamaged, StoreInUse, StoreMissing

HEAVY = ("numpy", "scipy", "trafilatura", "datasketch", "httpx", "feedparser", "lxml", "apscheduler", "asyncio", "rich")


def commands_and_verbs() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    root = commands.program()
    for name in root.list_commands(None):
        command = root.get_command(None, name)
        verbs = getattr(command, "commands", {})
        found += [(name, verb) for verb in verbs] or [(name,)]
    return found


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["once", "--help"], ["feeds", "add", "--help"]])
def test_help_imports_nothing_heavy(repository: Path, arguments: list[str]) -> None:
    script = (
        "import sys\nfrom pipeline.cli import main\n"
        f"code = main({arguments!r})\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=repository, capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize("words", commands_and_verbs(), ids=" ".join)
def test_every_command_takes_the_common_options_and_shows_an_example(wirefold, words: tuple[str, ...]) -> None:
    ran = wirefold(*words, "--help")
    assert ran.code == 0
    for option in ("--config", "--data", "--json", "-v", "--help"):
        assert option in ran.out
    assert f"Example: wirefold {' '.join(words)}" in ran.out


@pytest.mark.parametrize("words", commands_and_verbs(), ids=" ".join)
def test_the_first_sentence_of_every_help_fits_the_list_of_commands(wirefold, words: tuple[str, ...]) -> None:
    listing = wirefold(*words[:-1], "--help").out
    line = next(line for line in listing.splitlines() if line.split()[:1] == [words[-1]])
    assert not line.endswith("...")


def test_the_table_of_commands_is_what_help_lists(wirefold) -> None:
    listed = wirefold("--help").out.split("Commands:")[1]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == list(commands.COMMANDS)


def test_the_documentation_tells_of_every_command(repository: Path) -> None:
    text = (repository / "docs" / "commands.md").read_text(encoding="utf-8")
    missing = [
        " ".join(words) for words in commands_and_verbs() if " ".join(words) not in text and words[-1] not in text
    ]
    assert missing == []


def test_version_is_that_of_the_distribution(wirefold) -> None:
    from importlib.metadata import version

    assert wirefold("--version").out == f"wirefold {version('wirefold')}\n"


@pytest.mark.parametrize("argv", [["onc"], ["once", "--al"], ["feeds"], ["feeds", "ad"], ["backfill", "--limit", "0"]])
def test_usage_errors_are_2(wirefold, argv: list[str]) -> None:
    assert wirefold(*argv).code == 2


def test_a_mistyped_command_is_met_with_the_nearest_one(wirefold) -> None:
    assert "did you mean 'once'?" in wirefold("onec").err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigError("config/x.toml:3: fetch.y: no such setting"), 2, "config/x.toml:3: fetch.y: no such setting"),
        (StoreMissing("data holds no store"), 2, "data holds no store"),
        (StoreInUse(Path("data"), 4711), 3, "4711"),
        (StoreDamaged("articles end at 7"), 3, "wirefold store rebuild"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (Interrupted(), 130, "interrupted"),
        (FileNotFoundError(2, "No such file or directory", "x.jsonl"), 2, "x.jsonl: no such file or directory"),
        (OSError(28, "No space left on device", "x.jsonl"), 1, "x.jsonl: no space left on device"),
        (OSError(28, "No space left on device"), 1, "wirefold: no space left on device"),
        (ZeroDivisionError("division by zero"), 1, "unexpected ZeroDivisionError: division by zero"),
    ],
)
def test_whatever_ends_a_command_is_a_code_and_one_clean_message(
    capsys, error: BaseException, code: int, said: str
) -> None:
    def fail() -> int:
        raise error

    assert outcome(fail, verbose=False) == code
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_verbose_shows_where_it_happened(capsys) -> None:
    def fail() -> int:
        raise ZeroDivisionError

    outcome(fail, verbose=True)
    assert "Traceback" in capsys.readouterr().err


def test_a_commands_return_value_is_its_exit_code() -> None:
    with pytest.raises(typer.Exit) as caught:
        guarded(lambda: 3)()
    assert caught.value.exit_code == 3


def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "config").mkdir()
    feeds = "".join(f'[[feeds]]\nurl = "https://h{n}.example/"\n' for n in range(2000))
    (tmp_path / "config" / "feeds.toml").write_text(feeds)
    script = (
        f'"{sys.executable}" "{repository / "run_pipeline.py"}" feeds list --json | head -1; exit ${{PIPESTATUS[0]}}'
    )
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")


def test_run_pipeline_py_is_the_same_program(wirefold_process) -> None:
    done = wirefold_process("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("wirefold ")


def test_a_named_folder_must_exist(wirefold) -> None:
    ran = wirefold("config", "check", "--config", "nowhere")
    assert ran.code == 2
    assert "nowhere: no such folder" in ran.err


def test_without_feeds_the_remedy_is_named(wirefold) -> None:
    for command in ("once", "daemon"):
        ran = wirefold(command)
        assert ran.code == 2
        assert "wirefold feeds add URL" in ran.err


class TestConfigCheck:
    def test_a_good_configuration_is_0_and_names_what_differs_from_the_defaults(self, wirefold, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "pipeline.toml").write_text("[fetch]\ntimeout_s = 9\n")
        ran = wirefold("config", "check")
        assert ran.code == 0
        assert "good" in ran.out
        assert "fetch.timeout_s = 9.0 (default 30.0)" in ran.out

    def test_values_are_printed_as_toml_writes_them(self, wirefold, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        text = '[fetch]\nallow_private_networks = ["127.0.0.0/8"]\nrespect_robots = false\n'
        (tmp_path / "config" / "pipeline.toml").write_text(text)
        out = wirefold("config", "check").out
        assert 'fetch.allow_private_networks = ["127.0.0.0/8"] (default [])' in out
        assert "fetch.respect_robots = false (default true)" in out

    def test_a_duplicate_feed_is_reported_beside_another_mistake(self, wirefold, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        feeds = '[[feeds]]\nurl = "https://a.example/"\n[[feeds]]\nurl = "https://A.example"\ninterval = 3\n'
        (tmp_path / "config" / "feeds.toml").write_text(feeds)
        err = wirefold("config", "check").err
        assert "feeds.toml:4: feeds.url: https://A.example is already listed at config/feeds.toml:2" in err
        assert "feeds.interval: no such setting" in err

    def test_a_bad_one_is_2_and_says_so_on_stderr(self, wirefold, tmp_path: Path) -> None:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "pipeline.toml").write_text("[fetch]\ntimeouts = 9\n")
        ran = wirefold("config", "check")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "wirefold: config/pipeline.toml:2: fetch.timeouts: no such setting; did you mean timeout_s?\n"
        )

    def test_json_prints_the_settings_in_force(self, wirefold, monkeypatch) -> None:
        monkeypatch.setenv("WIREFOLD_FETCH__TIMEOUT_S", "8")
        settings = json.loads(wirefold("config", "check", "--json", "--data", "elsewhere").out)
        assert settings["fetch"]["timeout_s"] == 8.0
        assert settings["store"]["data"] == "elsewhere"


def on_a_terminal(command: list[str], environ: dict[str, str]) -> bytes:
    """What the command writes to a terminal that is its stdout."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environ, check=False)
        return os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)


def test_no_color_is_respected_on_a_terminal(repository: Path) -> None:
    script = "from pipeline.cli.terminal import console\nconsole().print('[red]word[/red]')"
    environ = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
    coloured = on_a_terminal([sys.executable, "-c", script], environ)
    plain = on_a_terminal([sys.executable, "-c", script], environ | {"NO_COLOR": "1"})
    assert b"\x1b[" in coloured
    assert b"\x1b[" not in plain


def printed(repository: Path, environ: dict[str, str]) -> list[str]:
    script = (
        "from pipeline.cli.terminal import console, show_table\nfrom rich.table import Table\n"
        "table = Table('a', 'b', box=None, expand=True)\ntable.add_row('x', 'word ' * 60)\n"
        "console().print(table)\nshow_table(table)\nconsole().print('kept ', end='')"
    )
    bare = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=repository, env=bare | environ, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")


@pytest.mark.parametrize(("environ", "width"), [({}, 160), ({"COLUMNS": "60"}, 60)])
def test_a_pipe_gets_lines_without_trailing_spaces_as_wide_as_columns_says(
    repository: Path, environ: dict[str, str], width: int
) -> None:
    *lines, last = printed(repository, environ)
    assert not any(line.endswith(" ") for line in lines)
    assert width - 10 <= max(map(len, lines)) <= width
    assert last.rstrip() == "kept"


@pytest.mark.parametrize(
    ("called", "on_path", "named"),
    [
        ("venv/bin/wirefold", False, "venv/bin/wirefold"),
        ("venv/bin/wirefold", True, "wirefold"),
        ("a b/run_pipeline.py", False, "python 'a b/run_pipeline.py'"),
        ("-c", False, "wirefold"),
    ],
)
def test_a_proposed_command_can_be_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str, on_path: bool, named: str
) -> None:
    """By the name that it was called with, quoted where the shell would split it."""
    monkeypatch.chdir(tmp_path)
    binary = tmp_path / "venv" / "bin" / "wirefold"
    binary.parent.mkdir(parents=True)
    binary.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(binary.parent) if on_path else str(tmp_path))
    monkeypatch.setattr(sys, "argv", [called])
    assert invoked.command("stories", "list", "--data", "my data") == f"{named} stories list --data 'my data'"


def test_without_a_store_the_remedy_is_named(wirefold, tmp_path: Path) -> None:
    ran = wirefold("stories", "list")
    assert ran.code == 2
    assert "data holds no store yet; --data DIR" in ran.err
    assert "wirefold once`" in ran.err
    assert "wirefold demo`" in ran.err
    (tmp_path / "data" / "demo" / "articles").mkdir(parents=True)
    assert "--data data/demo" in wirefold("stories", "list").err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ["--format", "parqet"],
            "--format: expected one of parquet, jsonl, csv, atom, not 'parqet'; did you mean parquet?",
        ),
        ([], "--format: expected one of parquet, jsonl, csv, atom, or -o FILE"),
        (["-o", "news.txt"], "or -o FILE with one of them as its ending"),
        (["-o", "nowhere/news.csv"], "-o nowhere/news.csv: there is no folder nowhere"),
    ],
)
def test_export_names_what_it_expected(wirefold, argv: list[str], said: str) -> None:
    ran = wirefold("export", *argv)
    assert ran.code == 2
    assert said in ran.err
    assert "Value error" not in ran.err


def test_interrupting_a_follower_is_130(repository: Path, tmp_path: Path) -> None:
    # A shell's background job ignores SIGINT, and so would its children; the program itself leaves that as it is.
    heeding = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        command = [sys.executable, "-c", heeding, "tail", "--follow", "--data", str(tmp_path), "-v"]
        follower = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=repository)
        assert follower.stderr is not None
        assert "following" in follower.stderr.readline()
        follower.send_signal(number)
        assert follower.wait(timeout=20) == 130
        follower.stderr.close()


def test_main_leaves_logging_as_one_handler_however_often_it_runs(wirefold) -> None:
    wirefold("config", "check")
    wirefold("config", "check")
    assert len(logging.getLogger().handlers) == 1
    assert main(["config", "check"]) == 0
