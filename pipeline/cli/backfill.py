"""``wirefold backfill``: what was published before, once, from archives; resumable."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    ConfigDir,
    DataDir,
    Invocation,
    Json,
    Verbose,
    begin,
    check_address,
    checked_urls,
    command_app,
)
from pipeline.cli.outcome import DONE, FAILED, INTERRUPTED, guarded
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.engines.request import BackfillRequest

app = command_app()

Feeds = Annotated[
    list[str] | None, typer.Option("--feed", metavar="URL", help="All that this feed gives, its archive and pages too.")
]
Sitemaps = Annotated[
    list[str] | None,
    typer.Option(
        "--sitemap", metavar="URL", help="A sitemap or index; of a site's own address, what robots.txt names."
    ),
]
UrlFile = Annotated[Path | None, typer.Option("--urls", metavar="FILE", help="A page address a line; - is stdin.")]
Wayback = Annotated[
    list[str] | None,
    typer.Option("--wayback", metavar="URL", help="Copies in the Wayback Machine: of a feed, or of all below URL/."),
]
Warcs = Annotated[
    list[str] | None, typer.Option("--warc", metavar="FILE", help="A WARC file, or the address of one; *.paths.gz too.")
]
Corpora = Annotated[list[Path] | None, typer.Option("--jsonl", metavar="FILE", help="A corpus: an article a line.")]
Fields = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=PATH", help="Where --jsonl has a field (text=article.body).")
]
Sites = Annotated[
    list[str] | None, typer.Option("--site", metavar="DOMAIN", help="Of --warc and --jsonl only this publisher.")
]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Published then or later (2026-01-31).")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Published before the end of that day.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most N entries in this run.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how much there is, and how long it would take.")]
Retry = Annotated[bool, typer.Option("--retry-failed", help="Read the sources anew and try again what failed.")]


@app.command(epilog="Example: wirefold backfill --sitemap https://www.example.com/sitemap.xml --since 2026-01-01")
@guarded
def backfill(
    *,
    feed: Feeds = None,
    sitemap: Sitemaps = None,
    urls: UrlFile = None,
    wayback: Wayback = None,
    warc: Warcs = None,
    jsonl: Corpora = None,
    fields: Fields = None,
    site: Sites = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    dry_run: DryRun = False,
    retry_failed: Retry = False,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Reads archives once; resumable.

    The same command again goes on where it stopped, and stores nothing twice.
    """
    from pipeline.cli import summary as view
    from pipeline.cli.terminal import backfill_progress
    from pipeline.engines import backfill as engine
    from pipeline.engines.request import BackfillRequest

    if not (feed or sitemap or urls or wayback or warc or jsonl):
        raise ConfigError(engine.NAME_A_SOURCE)
    call = begin(config, data, json=json, verbose=verbose)
    listed, url_files = listed_urls(urls)
    request = BackfillRequest(
        feeds=checked_urls("--feed", feed),
        sitemaps=checked_urls("--sitemap", sitemap),
        urls=listed,
        url_files=url_files,
        wayback=checked_urls("--wayback", wayback),
        warcs=checked_files("--warc", warc),
        corpora=tuple(Path(name) for name in checked_files("--jsonl", [str(path) for path in jsonl or ()])),
        fields=field_map(fields or []),
        sites=frozenset(site or ()),
        since=moment("--since", since),
        until=moment("--until", until, end_of_day=True),
        limit=limit,
        retry_failed=retry_failed,
    )
    if request.since and request.until and request.since >= request.until:
        raise ConfigError(f"--since {since} is not before --until {until}")
    if dry_run:
        return _plan(call, request)
    with backfill_progress(quiet=verbose) as report:
        summary = engine.run(call.settings, call.data, request, report=report)
    view.show(summary, data=str(call.data), as_json=json, verbose=verbose)
    if summary.interrupted:
        return INTERRUPTED
    return FAILED if summary.failed else DONE


def _plan(call: Invocation, request: "BackfillRequest") -> int:
    from pipeline.cli import backfillplan
    from pipeline.engines import plan

    found = plan.run(call.settings, call.data, request)
    backfillplan.show(found, as_json=call.json)
    return FAILED if found.problems else DONE


def checked_files(option: str, names: list[str] | None) -> tuple[str, ...]:
    """Paths of files that exist, and addresses. Raises ConfigError."""
    for name in names or ():
        if name.startswith(("http://", "https://")):
            check_address(option, name)
        elif not Path(name).is_file():
            raise ConfigError(f"{option}: {name}: no such file")
    return tuple(dict.fromkeys(names or ()))


def field_map(pairs: list[str]) -> dict[str, str]:
    """``["text=article.body"]`` → field → path. Raises ConfigError."""
    from pipeline.archives.corpus import PLACES

    found = {}
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not equals or not path or name not in PLACES:
            known = ", ".join(PLACES)
            raise ConfigError(f"--map: expected FIELD=PATH such as text=article.body, not {pair!r}; fields: {known}")
        found[name] = path
    return found


def moment(option: str, text: str | None, *, end_of_day: bool = False) -> datetime | None:
    """A date or time as aware UTC; without an offset it is UTC. Raises ConfigError."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{option}: expected a date such as 2026-01-31 or 2026-01-31T12:00Z, not {text!r}") from None
    if end_of_day and "T" not in text and " " not in text:
        from datetime import timedelta

        found += timedelta(days=1)
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def listed_urls(path: Path | None) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """The addresses of stdin, or the file to read them from, in which every line is one. Raises ConfigError."""
    import sys

    if path is None:
        return (), ()
    if str(path) == "-":
        lines = tuple(dict.fromkeys(sys.stdin.read().splitlines()))
        _check_lines(lines, path)
        return lines, ()
    try:
        with path.open(encoding="utf-8-sig") as file:
            _check_lines(file, path)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text with an address a line") from error
    return (), (path,)


def _check_lines(lines: Iterable[str], path: Path) -> None:
    """Empty lines and lines with # are passed over; a line may be a JSON object with ``url``."""
    found = False
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line and not line.startswith("#"):
            found = True
            if not line.startswith("{"):
                check_address(f"{path}:{number}", line.split(maxsplit=1)[0])
    if not found:
        raise ConfigError(f"{path}: no address in it")
