"""``wirefold feeds``: the feed list, and the health of every feed in it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from pipeline.cli.outcome import DONE, FAILED, guarded
from pipeline.errors import ConfigError
from pipeline.settings import FeedSettings

if TYPE_CHECKING:
    from storage.records import Feed

app = command_app("The feed list: show health, add, remove, check, discover.")

Urls = Annotated[list[str], typer.Argument(metavar="URL", show_default=False)]


@app.command("list", epilog="Example: wirefold feeds list --json | jq -r 'select(.outcome != \"ok\") | .url'")
@guarded
def list_feeds(*, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False) -> int:
    """The feeds and their health.

    What the store knows of each: the last outcome, the last success, when it is due again.
    """
    from pipeline.cli.terminal import emit_all

    call = begin(config, data, json=json, verbose=verbose)
    rows = [_health(wish, known) for wish, known in _with_state(call)]
    if json:
        emit_all(rows)
    else:
        _show_health(call, rows)
    return DONE


@app.command(epilog="Example: wirefold feeds add https://www.rudaw.net/english/rss --name Rudaw")
@guarded
def add(
    urls: Urls,
    *,
    name: Annotated[str | None, typer.Option("--name", help="What to call it (for one URL).")] = None,
    interval_minutes: Annotated[float | None, typer.Option("--interval-minutes", help="How often to look.")] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Adds feeds to feeds.toml.

    Below what stands there; comments stay. Nothing is fetched: `wirefold feeds check` does that, and
    `wirefold feeds discover SITE` finds a site's feed addresses.
    """
    call = begin(config, data, json=json, verbose=verbose, must_exist=False)
    if name is not None and len(urls) > 1:
        raise ConfigError("--name names one feed; give one URL with it")
    wishes = [_wish(url, name=name, interval_minutes=interval_minutes) for url in urls]
    return _add(call, wishes)


@app.command(epilog="Example: wirefold feeds remove https://www.rudaw.net/english/rss")
@guarded
def remove(
    urls: Urls, *, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False
) -> int:
    """Removes feeds from feeds.toml.

    What the store holds of them stays; they are no longer polled.
    """
    from pipeline.cli.terminal import emit
    from pipeline.configuration.edit import remove_feeds
    from pipeline.configuration.feedlist import TOML, same_feed

    call = begin(config, data, json=json, verbose=verbose)
    removed = remove_feeds(call.config_dir / TOML, urls)
    gone = {same_feed(url) for url in removed}
    missing = [url for url in urls if same_feed(url) not in gone]
    if json:
        emit({"removed": removed, "not_listed": missing})
    else:
        _say(f"removed {url}" for url in removed)
        _say(f"not in the list: {url}{_near(url, call)}" for url in missing)
    return FAILED if missing else DONE


@app.command(epilog="Example: wirefold feeds check")
@guarded
def check(
    urls: Annotated[list[str] | None, typer.Argument(metavar="URL", show_default=False, help="Default: all.")] = None,
    *,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Fetches feeds now and says what is wrong.

    Each feed of the list, or only these; nothing is stored. Exit code 1 if one of them cannot be read.
    """
    from pipeline.cli.terminal import Bars

    call = begin(config, data, json=json, verbose=verbose)
    feeds = _chosen(call, urls)

    from pipeline.cli import checkup as view
    from pipeline.engines import checkup

    done = 0
    with Bars("feeds", quiet=verbose) as bars:

        def told(_: checkup.Checked) -> None:
            nonlocal done
            done += 1
            bars.update("feeds", done, len(feeds))

        found = checkup.run(call.settings, feeds, told=told)
    view.show(found, as_json=json)
    return DONE if all(one.ok for one in found) else FAILED


def _chosen(call: Invocation, urls: list[str] | None) -> list[FeedSettings]:
    from pipeline.configuration.feedlist import same_feed
    from pipeline.configuration.load import require_feeds

    if not urls:
        require_feeds(call.settings, call.config_dir)
        return list(call.settings.feeds)
    listed = {same_feed(feed.url): feed for feed in call.settings.feeds}
    return [listed.get(same_feed(url)) or FeedSettings(url=url) for url in checked_urls("URL", urls)]


@app.command("import", epilog="Example: wirefold feeds import subscriptions.opml")
@guarded
def import_feeds(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", exists=True, dir_okay=False, show_default=False)],
    *,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Adds the feeds of an OPML file.

    To feeds.toml; those that are listed already are passed over.
    """
    from pipeline.configuration.feedlist import read_opml_file

    call = begin(config, data, json=json, verbose=verbose, must_exist=False)
    feeds, bad = read_opml_file(file)
    for problem in bad:
        typer.echo(f"wirefold: {problem}", err=True)
    _add(call, feeds)
    return FAILED if bad else DONE


@app.command(epilog="Example: wirefold feeds export -o subscriptions.opml")
@guarded
def export(
    *,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: stdout.")] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Writes the feed list as OPML 2.0.

    With --json as one object a line.
    """
    import dataclasses
    import sys

    from pipeline.cli.terminal import emit_all
    from pipeline.opml import write_opml

    call = begin(config, data, json=json, verbose=verbose)
    if json:
        emit_all(dataclasses.asdict(feed) for feed in call.settings.feeds)
        return DONE
    text = write_opml(call.settings.feeds)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
    return DONE


def _wish(url: str, *, name: str | None, interval_minutes: float | None) -> FeedSettings:
    check_address("URL", url)
    if interval_minutes is not None and interval_minutes <= 0:
        raise ConfigError(f"--interval-minutes: expected a number greater than 0, not {interval_minutes:g}")
    return FeedSettings(url=url, name=name, interval_minutes=interval_minutes)


def _add(call: Invocation, wishes: list[FeedSettings]) -> int:
    from pipeline.cli.terminal import count, emit
    from pipeline.configuration.edit import add_feeds
    from pipeline.configuration.feedlist import TOML

    path = call.config_dir / TOML
    added = [feed.url for feed in add_feeds(path, wishes)]
    known = [feed.url for feed in wishes if feed.url not in added]
    if call.json:
        emit({"added": added, "already_listed": known})
    else:
        _say(f"added {url}" for url in added)
        _say(f"already listed: {url}" for url in known)
        _say([f"{path}: {count(len(call.settings.feeds) + len(added), 'feed')}"])
    return DONE


def _near(url: str, call: Invocation) -> str:
    from pipeline.configuration.checks import did_you_mean

    return did_you_mean(url, [feed.url for feed in call.settings.feeds])


def _say(lines: Any) -> None:
    for line in lines:
        typer.echo(line)


def _with_state(call: Invocation) -> list[tuple[FeedSettings, "Feed | None"]]:
    """Every configured feed with the store's record of it (None: never polled, or there is no store yet)."""
    from pipeline.cli.stores import reading
    from storage.errors import StoreMissing

    try:
        with reading(call) as store:
            return [(wish, store.feeds.get(wish.url)) for wish in call.settings.feeds]
    except StoreMissing:
        return [(wish, None) for wish in call.settings.feeds]


def _health(wish: FeedSettings, known: "Feed | None") -> dict[str, Any]:
    when = {
        name: moment.isoformat().replace("+00:00", "Z") if known and (moment := getattr(known, name)) else None
        for name in ("last_polled", "last_success", "next_due")
    }
    return {
        "url": wish.url,
        "name": wish.name or (known.title if known else None),
        "outcome": known.last_outcome if known else None,
        "detail": known.last_detail if known else None,
        **when,
        "interval_s": known.schedule.interval_s if known else None,
        "entries_seen": known.entries_seen if known else 0,
        "anomalies": list(known.anomalies) if known else [],
    }


def _show_health(call: Invocation, rows: list[dict[str, Any]]) -> None:
    from rich.text import Text

    from pipeline.cli.summary import new_table
    from pipeline.cli.terminal import away, show_table
    from pipeline.world import SystemClock

    if not rows:
        typer.echo(f"no feeds in {call.config_dir}; add one with `wirefold feeds add URL`")
        return
    now = SystemClock().now()
    table = new_table("feed", "outcome", "last success", "due", "entries")
    for row in rows:
        style = "" if row["outcome"] in (None, "ok", "unchanged") else "red"
        label = f"{row['name']}\n{row['url']}" if row["name"] else row["url"]
        outcome = "\n".join(part for part in (row["outcome"] or "not polled yet", row["detail"]) if part)
        cells = (label, outcome, away(row["last_success"], now), away(row["next_due"], now), row["entries_seen"])
        table.add_row(*(Text(str(cell)) for cell in cells), style=style)
    show_table(table)
