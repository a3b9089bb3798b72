"""A run's summary for a person: what happened to every feed and to every entry, and what the slugs mean."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline.cli.permit import permitting
from pipeline.cli.terminal import console, count, emit, mib, show_table
from pipeline.engines.summary import GOOD_POLLS, MEANINGS, FeedLine, RunSummary
from pipeline.errors import SLUGS

if TYPE_CHECKING:
    from rich.table import Table

FATES = {"done": "", "retry": "retried later", "dropped": "dropped", "rejected": "rejected"}
NUMBERS = frozenset({"entries", "new", "found", "seen", "known", "out of range", "stored"})
FEEDS_SHOWN_WHOLE = 25
"""With more feeds than this only those that failed are listed; --json and -v list all."""


def show(summary: RunSummary, *, data: str, as_json: bool, verbose: bool = False, next_due: str | None = None) -> None:
    """Writes the summary to stdout. ``next_due``: when the first of the feeds that were left out is due (``in 5 min``)."""
    if as_json:
        emit(summary.to_json())
        return
    out = console()
    out.print(headline(summary), soft_wrap=True, markup=False)
    for table in (feed_table(summary, whole=verbose), source_table(summary), entry_table(summary)):
        if table is not None:
            out.print()
            show_table(table)
    if summary.skipped_feeds:
        when = f"the next feed is due {next_due}; " if next_due else ""
        out.print(f"{when}--all reads every feed now", soft_wrap=True, markup=False)
    for sentence in closing(summary, data):
        out.print(sentence, soft_wrap=True, markup=False)


def headline(summary: RunSummary) -> str:
    """``68 feeds polled: 60 ok, 5 unchanged, 3 failed; 12 not due yet``; for a backfill, which polls none, the entries."""
    if summary.command == "backfill":
        looked = count(summary.entries, "entry", "entries")
        return f"{looked} looked at" if summary.entries else "nothing that is not known already"
    failed = sum(line.outcome not in GOOD_POLLS for line in summary.feeds.values() if line.polls)
    good = {slug: sum(line.outcome == slug for line in summary.feeds.values()) for slug in ("ok", "unchanged")}
    polled = sum(line.polls > 0 for line in summary.feeds.values())
    parts = [f"{n} {slug}" for slug, n in (*good.items(), ("failed", failed)) if n]
    text = f"{count(polled, 'feed')} polled" + (f": {', '.join(parts)}" if parts else "")
    return text + (f"; {summary.skipped_feeds} not due yet" if summary.skipped_feeds else "")


def feed_table(summary: RunSummary, *, whole: bool = False) -> "Table | None":
    """A line per feed, or only those that failed where there are many."""
    lines = list(summary.feeds.values())
    if len(lines) > FEEDS_SHOWN_WHOLE and not whole:
        lines = [line for line in lines if line.outcome not in GOOD_POLLS and line.polls]
    if not lines:
        return None
    table = new_table("feed", "outcome", "entries", "new", "what became of them")
    for line in lines:
        outcome = line.outcome if line.polls else "-"
        good = outcome in GOOD_POLLS or outcome == "-"
        told = [_became(line), "" if good else _meaning(outcome, line.detail)]
        cells = [label(line, lines), outcome, line.announced, line.new, "\n".join(filter(None, told))]
        _row(table, cells, "" if good else "red")
    return table


def source_table(summary: RunSummary) -> "Table | None":
    """A line per source of a backfill."""
    if not summary.sources:
        return None
    table = new_table("source", "found", "known", "out of range", "new", "stored", "dropped", "failed")
    for line in summary.sources.values():
        stored = sum(line.of_fate("done").values())
        dropped, failed = (_slugs(line.of_fate(fate)) for fate in ("dropped", "rejected"))
        later = _slugs({f"later: {slug}": n for slug, n in line.of_fate("retry").items()})
        failed = ", ".join(filter(None, [failed, later]))
        name = line.name if line.ended else f"{line.name} (not at its end)"
        _row(table, [name, line.found, line.known, line.passed, line.new, stored, dropped, failed], "")
    return table


def _slugs(counted: dict[str, int]) -> str:
    return ", ".join(f"{number} {slug}" for slug, number in counted.items())


def label(line: FeedLine, lines: list[FeedLine]) -> str:
    """The feed's name, where no other feed of the run has it, else its address."""
    alone = sum(other.name == line.name for other in lines) == 1
    return line.name if line.name and alone else line.url


def entry_table(summary: RunSummary) -> "Table | None":
    """A line per fate and slug."""
    if not summary.fates:
        return None
    table = new_table("entries", "", "what", "for example")
    for fate, words in FATES.items():
        for slug, number in summary.of_fate(fate).items():
            style = "red" if fate == "rejected" else "yellow" if fate == "retry" else ""
            what = slug if fate == "done" else f"{words}: {slug}"
            example = summary.examples.get(slug)
            shown = f"{example[0].url}" + (f"\n{example[0].detail}" if example[0].detail else "") if example else ""
            _row(table, [number, what, _meaning(slug, None), shown], style)
    return table


def closing(summary: RunSummary, data: str) -> Iterable[str]:
    """What else there is to say, one sentence a line."""
    if summary.stories:
        yield ""
        changes = ", ".join(f"{number} {change}" for change, number in summary.stories.most_common())
        yield f"stories: {changes}"
    if summary.pending:
        yield f"{count(summary.pending, 'entry', 'entries')} still waiting: the next run goes on with them"
    for problem in summary.problems:
        yield f"problem: {problem}"
    if summary.interrupted:
        yield "interrupted: what was in hand is stored, the rest waits for the next run"
    blocked = [line.detail for line in summary.feeds.values() if line.outcome == "blocked_address"]
    blocked += [example.detail for example in summary.examples.get("blocked_address", ())]
    if line := permitting(blocked):
        yield f"blocked_address: if these servers are yours, add to pipeline.toml: {line}"
    read = f", {mib(summary.bytes_read)} of feeds read" if summary.bytes_read else ""
    yield f"{summary.duration_s:.1f} s{read}; the store is {data}"


def _became(line: FeedLine) -> str:
    words = {"done": "{slug}", "retry": "later: {slug}", "dropped": "dropped: {slug}", "rejected": "rejected: {slug}"}
    parts = []
    for name, number in line.entries.most_common():
        fate, _, slug = name.partition("/")
        parts.append(f"{number} {words[fate].format(slug=slug)}")
    return ", ".join(parts)


def _meaning(slug: str, detail: str | None) -> str:
    meaning = MEANINGS.get(slug) or SLUGS.get(slug) or ""
    return f"{meaning}: {detail}" if detail and meaning else detail or meaning


def new_table(*headers: str) -> "Table":
    """An empty table in the house's look; some columns hold numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header in headers:
        number = header in NUMBERS
        table.add_column(header, justify="right" if number else "left", overflow="fold")
    return table


def _row(table: "Table", cells: Iterable[object], style: str) -> None:
    """Cells are text from the web: never markup."""
    from rich.text import Text

    table.add_row(*(Text(str(cell)) for cell in cells), style=style)
