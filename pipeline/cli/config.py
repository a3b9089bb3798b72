"""``wirefold config check``: is the configuration right, and what does it say."""

import dataclasses
from typing import Any

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, guarded

app = command_app("Check the configuration.")


@app.callback()
def root() -> None:
    """A group, so that further verbs find their place."""


@app.command(epilog="Example: wirefold config check --config ./config --json")
@guarded
def check(*, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False) -> int:
    """Validates the configuration.

    pipeline.toml, the feed list and WIREFOLD_* variables; every mistake with its file, line and key. With --json the
    settings in force are printed, after all three were applied.
    """
    from pipeline.cli.terminal import console, count, emit
    from pipeline.configuration.checks import toml_value
    from pipeline.settings import Settings

    call = begin(config, data, json=json, verbose=verbose)
    if json:
        emit(dataclasses.asdict(call.settings))
        return DONE
    out = console()
    folder = call.config_dir if call.config_dir.is_dir() else f"{call.config_dir} (absent: defaults)"
    feeds = count(len(call.settings.feeds), "feed")
    out.print(f"{folder}: good; {feeds}; the store is {call.data}", markup=False, soft_wrap=True)
    for name, value, default in changed(call.settings, Settings()):
        out.print(f"  {name} = {toml_value(value)} (default {toml_value(default)})", markup=False, soft_wrap=True)
    return DONE


def changed(settings: Any, defaults: Any) -> list[tuple[str, Any, Any]]:
    """``(section.key, value, default)`` for all that differs from the defaults."""
    rows = []
    for section in dataclasses.fields(settings):
        if section.name == "feeds":
            continue
        ours, theirs = getattr(settings, section.name), getattr(defaults, section.name)
        for one in dataclasses.fields(ours):
            value, default = getattr(ours, one.name), getattr(theirs, one.name)
            if value != default:
                rows.append((f"{section.name}.{one.name}", value, default))
    return rows
