"""``wirefold backfill``: what was published before, once, from archives; resumable."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, check_address, checked_urls, command_app
from pipeline.cli.outcome import DONE, FAILED, INTERRUPTED, guarded
from pipeline.errors import ConfigError

app = command_app()

Feeds = Annotated[list[str] | None, typer.Option("--feed", metavar="URL", help="All that this feed still announces.")]
Sitemaps = Annotated[list[str] | None, typer.Option("--sitemap", metavar="URL", help="A sitemap or sitemap index.")]
UrlFile = Annotated[Path | None, typer.Option("--urls", metavar="FILE", help="A page address a line; - is stdin.")]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="Published then or later (2026-01-31).")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Published before the end of that day.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="At most N entries in this run.")]


@app.command(epilog="Example: wirefold backfill --sitemap https://www.example.com/sitemap.xml --since 2026-01-01")
@guarded
def backfill(
    *,
    feed: Feeds = None,
    sitemap: Sitemaps = None,
    urls: UrlFile = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Reads archives once; resumable.

    The same command again goes on where it stopped, and stores nothing twice.
    """
    from pipeline.cli import summary as view
    from pipeline.cli.terminal import run_progress
    from pipeline.engines.request import BackfillRequest

    if not (feed or sitemap or urls):
        raise ConfigError("backfill reads nothing: name a source with --feed URL, --sitemap URL or --urls FILE")
    call = begin(config, data, json=json, verbose=verbose)
    request = BackfillRequest(
        feeds=checked_urls("--feed", feed),
        sitemaps=checked_urls("--sitemap", sitemap),
        urls=read_urls(urls) if urls else (),
        since=moment("--since", since),
        until=moment("--until", until, end_of_day=True),
        limit=limit,
    )
    if request.since and request.until and request.since >= request.until:
        raise ConfigError(f"--since {since} is not before --until {until}")

    from pipeline.engines import backfill as engine

    with run_progress(quiet=verbose) as report:
        summary = engine.run(call.settings, call.data, request, report=report)
    view.show(summary, data=str(call.data), as_json=json, verbose=verbose)
    if summary.interrupted:
        return INTERRUPTED
    return FAILED if summary.failed else DONE


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


def read_urls(path: Path) -> tuple[str, ...]:
    """The addresses in a file: a line each; empty lines and lines with # are passed over. Raises ConfigError."""
    import sys

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: expected UTF-8 text with an address a line") from error
    found = []
    for number, raw in enumerate(text.splitlines(), start=1):
        url = raw.strip()
        if url and not url.startswith("#"):
            check_address(f"{path}:{number}", url)
            found.append(url)
    if not found:
        raise ConfigError(f"{path}: no address in it")
    return tuple(dict.fromkeys(found))
