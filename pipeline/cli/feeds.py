"""``wirefold feeds``: the feed list, and the health of every feed in it."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

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

app = command_app("The feed list: show health, add, remove, check, discover.")

Urls = Annotated[list[str], typer.Argument(metavar="URL", show_default=False)]


@app.command("list", epilog="Example: wirefold feeds list --json | jq -r 'select(.outcome != \"ok\") | .url'")
@guarded
def list_feeds(*, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False) -> int:
    """The feeds and their health.

    What the store knows of each: the last outcome, the last success, when it is due again.
    """
    from pipeline.cli import health
    from pipeline.cli.terminal import emit_all

    call = begin(config, data, json=json, verbose=verbose)
    rows = health.rows(call)
    if json:
        emit_all(rows)
    else:
        health.show(call, rows)
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


@app.command(epilog="Example: wirefold feeds discover https://www.rudaw.net")
@guarded
def discover(
    site: Annotated[str, typer.Argument(metavar="SITE", show_default=False, help="Any page of the site.")],
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also feeds of comments, tags and authors.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Finds the feeds of a site.

    What the page declares, what it links to and the usual places; each is fetched and read before it is named, the one
    for a reader of the whole site first. Nothing is added: `wirefold feeds add` does. Exit code 1 if there is none.
    """
    from pipeline.cli.terminal import Bars

    call = begin(config, data, json=json, verbose=verbose)
    address = site if "://" in site else f"https://{site}"
    check_address("SITE", address)

    from pipeline.cli import checkup as view
    from pipeline.engines import discovery

    with Bars("addresses", quiet=verbose) as bars:

        def look(at: str) -> discovery.Discovery:
            return discovery.run(call.settings, at, tried=lambda done, of: bars.update("addresses", done, of))

        found = look(address)
        if "://" not in site and found.problem and not found.feeds:
            plain = look(f"http://{site}")  # nothing was said of the scheme, and nothing answers to https
            found = plain if plain.feeds or not plain.problem else found
    feeds = [one for one in found.feeds if everything or not one.aside]
    view.show_discovered(found, feeds, as_json=json)
    return DONE if feeds else FAILED


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
    import sys

    from pipeline.cli.terminal import emit_all
    from pipeline.opml import write_opml

    call = begin(config, data, json=json, verbose=verbose)
    if json:
        emit_all(dataclasses.asdict(feed) for feed in call.settings.feeds)
        return DONE
    text = write_opml(_titled(call))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")
    return DONE


def _titled(call: Invocation) -> list[FeedSettings]:
    """The list, with the title that was learned of a feed where it has no name of its own."""
    from pipeline.cli.stores import reading
    from storage.errors import StoreMissing

    try:
        with reading(call) as store:
            learned = {feed.url: feed.title for feed in store.feeds.all()}
    except StoreMissing:
        learned = {}
    return [dataclasses.replace(feed, name=feed.name or learned.get(feed.url)) for feed in call.settings.feeds]


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
