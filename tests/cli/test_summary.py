"""The summary of a run: what it counts, when it fails, and that it says what happened to every feed and entry."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.cli import summary as view
from pipeline.cli.terminal import Bars, away, run_progress
from pipeline.engines.summary import EXAMPLES_PER_SLUG, Progress, RunSummary
from pipeline.errors import SLUGS
from storage.records import EntryFate, Poll

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def poll(url: str, outcome: str = "ok", *, entries: int = 0, new: int = 0, detail: str | None = None) -> Poll:
    return Poll(
        feed_url=url, at=NOW, outcome=outcome, status=200, duration=timedelta(seconds=1), bytes_read=1000,
        entries=entries, new=new, detail=detail,
    )  # fmt: skip


def fate(kind: str, slug: str, detail: str | None = None) -> EntryFate:
    return EntryFate(key="k", fate=kind, slug=slug, detail=detail)


@pytest.fixture
def run() -> RunSummary:
    run = RunSummary(command="once", started=NOW, ended=NOW + timedelta(seconds=3))
    run.polled(poll("http://a.example/feed", entries=4, new=3), name="A [red]")
    run.polled(poll("http://b.example/feed", "unchanged"))
    run.settled(fate("done", "stored"), url="http://a.example/1", feed_url="http://a.example/feed")
    run.settled(
        fate("dropped", "not_html", "application/pdf"), url="http://a.example/2", feed_url="http://a.example/feed"
    )
    run.placed(["created"])
    return run


def shown(capsys: pytest.CaptureFixture[str], run: RunSummary, **options: bool) -> str:
    view.show(run, data="./data", as_json=False, **options)
    return capsys.readouterr().out


def test_a_run_fails_when_something_is_to_be_read_again_or_cannot_be_read(run: RunSummary) -> None:
    assert not run.failed
    for kind in ("retry", "rejected"):
        worse = RunSummary(command="once", started=NOW)
        worse.settled(fate(kind, "timeout"), url="http://a.example/3")
        assert worse.failed
    run.polled(poll("http://c.example/feed", "dns_failure"))
    assert run.failed


def test_a_problem_outside_any_feed_is_a_failure_too(run: RunSummary) -> None:
    run.noted("the sitemap of sitemaps has no end")
    assert run.failed


def test_a_page_that_is_no_article_is_no_failure(run: RunSummary) -> None:
    assert run.of_fate("dropped") == {"not_html": 1}
    assert not run.failed


def test_every_feed_and_entry_is_accounted_for(run: RunSummary, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, run)
    assert "2 feeds polled: 1 ok, 1 unchanged" in text
    assert "A [red]" in text
    assert "http://b.example/feed" in text
    assert "1 stored" in text
    assert f"dropped: not_html   {SLUGS['not_html']}" in text
    assert "http://a.example/2" in text
    assert "stories: 1 created" in text


def test_failed_feeds_tell_what_their_slug_means(run: RunSummary, capsys: pytest.CaptureFixture[str]) -> None:
    run.polled(poll("http://c.example/feed", "dns_failure", detail="c.example"))
    text = shown(capsys, run)
    assert "the host name does not resolve: c.example" in text


def test_of_many_feeds_only_those_that_failed_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    run = RunSummary(command="once", started=NOW, ended=NOW)
    for number in range(100):
        run.polled(poll(f"http://h{number}.example/feed", "timeout" if number == 50 else "ok"))
    text = shown(capsys, run)
    assert "100 feeds polled: 99 ok, 1 failed" in text
    assert ("http://h50.example/feed" in text, "http://h51.example/feed" in text) == (True, False)
    assert "http://h51.example/feed" in shown(capsys, run, verbose=True)


def test_two_feeds_of_one_name_are_told_apart_by_their_address(
    run: RunSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    run.polled(poll("http://c.example/feed"), name="A [red]")
    text = shown(capsys, run)
    assert "A [red]" not in text
    assert "http://c.example/feed" in text


def test_a_backfill_speaks_of_entries(capsys: pytest.CaptureFixture[str]) -> None:
    run = RunSummary(command="backfill", started=NOW, ended=NOW)
    assert "nothing that is not known already" in shown(capsys, run)
    run.settled(fate("done", "stored"), url="http://a.example/1")
    assert "1 entry looked at" in shown(capsys, run)


def test_json_is_one_object_with_the_same_numbers(run: RunSummary, capsys: pytest.CaptureFixture[str]) -> None:
    view.show(run, data="./data", as_json=True)
    [line] = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert told["entries"] == {"done": {"stored": 1}, "retry": {}, "dropped": {"not_html": 1}, "rejected": {}}
    assert told["feeds"][0]["entries"] == {"done/stored": 1, "dropped/not_html": 1}
    assert told["examples"]["not_html"][0]["url"] == "http://a.example/2"
    assert (told["started"], told["duration_s"], told["bytes_read"]) == ("2026-06-01T12:00:00Z", 3.0, 2000)


def test_memory_does_not_grow_with_the_entries() -> None:
    run = RunSummary(command="daemon", started=NOW)
    for number in range(1000):
        run.settled(fate("rejected", "too_large"), url=f"http://a.example/{number}")
    assert run.of_fate("rejected") == {"too_large": 1000}
    assert len(run.examples["too_large"]) == EXAMPLES_PER_SLUG


class TestProgress:
    def test_short_work_shows_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        with run_progress(quiet=False) as report:
            report(Progress(feeds_done=1, feeds_total=2))
        assert capsys.readouterr().err == ""

    def test_off_a_terminal_long_work_says_a_plain_line(self, capsys, monkeypatch) -> None:
        monkeypatch.setattr(Bars, "LINE_EVERY_S", 0.0)
        with run_progress(quiet=False) as report:
            report(Progress(feeds_done=1, feeds_total=2, entries_done=3, entries_total=9))
        assert capsys.readouterr().err.splitlines()[-1] == "feeds 1/2, entries 3/9"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "now"), (-59, "now"), (-60, "1 min ago"), (1800, "in 30 min"), (-7200, "2 h ago"), (86400 * 3, "in 3 d")],
)
def test_times_are_told_as_distances(seconds: int, said: str) -> None:
    assert away((NOW + timedelta(seconds=seconds)).isoformat(), NOW) == said


def test_no_time_is_a_dash() -> None:
    assert away(None, NOW) == "-"
