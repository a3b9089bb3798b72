"""``wirefold once``: one pass over the feeds that are due."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigDir, DataDir, Invocation, Json, Verbose, begin, checked_urls, command_app
from pipeline.cli.outcome import DONE, FAILED, INTERRUPTED, guarded

if TYPE_CHECKING:
    from collections.abc import Container

app = command_app()

AllFeeds = Annotated[bool, typer.Option("--all", help="Every feed, not only those that are due.")]
OnlyFeeds = Annotated[list[str] | None, typer.Option("--feed", metavar="URL", help="Only this feed; may be repeated.")]


@app.command(epilog="Example: wirefold once --all --feed https://www.rudaw.net/english/rss")
@guarded
def once(
    *,
    all_feeds: AllFeeds = False,
    feed: OnlyFeeds = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """One pass over the feeds that are due.

    Ends with a summary of what happened to every feed and entry. Exit code 1 if something could not be read or is to
    be tried again; the summary says what.
    """
    from pipeline.cli import summary as view
    from pipeline.cli.terminal import run_progress
    from pipeline.configuration.load import require_feeds

    call = begin(config, data, json=json, verbose=verbose)
    only = checked_urls("--feed", feed)
    if not only:
        require_feeds(call.settings, call.config_dir)

    from pipeline.engines import once as engine

    with run_progress(quiet=verbose) as report:
        summary = engine.run(call.settings, call.data, all_feeds=all_feeds, only=only, report=report)
    soon = None if json or not summary.skipped_feeds else _next_due(call, summary.feeds.keys())
    view.show(summary, data=str(call.data), as_json=json, verbose=verbose, next_due=soon)
    if summary.interrupted:
        return INTERRUPTED
    return FAILED if summary.failed else DONE


def _next_due(call: Invocation, asked: "Container[str]") -> str | None:
    """When the first of the feeds that were not asked is due, in words."""
    from pipeline.cli.stores import reading
    from pipeline.cli.terminal import away
    from pipeline.world import SystemClock

    with reading(call) as store:
        due = [feed.next_due for feed in store.feeds.all() if feed.active and feed.next_due and feed.url not in asked]
    return away(min(due).isoformat(), SystemClock().now()) if due else None
