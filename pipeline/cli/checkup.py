"""What ``wirefold feeds check`` shows."""

import dataclasses
from collections.abc import Sequence

import typer

from pipeline.cli.terminal import count, emit, show_table
from pipeline.engines.checkup import Checked
from pipeline.errors import SLUGS


def show(found: Sequence[Checked], *, as_json: bool) -> None:
    """A line per feed: those that cannot be read last, so that they stand above the prompt."""
    if as_json:
        for one in found:
            emit(_json(one))
        return
    from rich.text import Text

    from pipeline.cli.summary import new_table

    table = new_table("feed", "", "entries", "newest", "what to know")
    for one in sorted(found, key=lambda one: not one.ok):
        label = f"{one.name}\n{one.url}" if one.name else one.url
        newest = f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else "-"
        style = "" if one.ok else "red"
        cells = (label, one.outcome, str(one.entries) if one.ok else "-", newest, "\n".join(_told(one)))
        table.add_row(*map(Text, cells), style=style)
    show_table(table)
    failed = sum(not one.ok for one in found)
    typer.echo(f"{count(len(found), 'feed')}: {len(found) - failed} alive, {failed} cannot be read")


def _told(one: Checked) -> list[str]:
    meaning = SLUGS.get(one.outcome, "")
    problem = ": ".join(part for part in (meaning, one.detail) if part)
    warnings = f"reads with a note: {', '.join(one.warnings)}" if one.warnings else ""
    return [part for part in (problem, warnings, *one.advice) if part]


def _json(one: Checked) -> dict[str, object]:
    record = dataclasses.asdict(one)
    record["newest"] = one.newest.isoformat().replace("+00:00", "Z") if one.newest else None
    return {"ok": one.ok, **record}
