"""What ``wirefold feeds check`` shows."""

import dataclasses
from collections.abc import Sequence

import typer

from pipeline.cli.permit import permitting
from pipeline.cli.terminal import count, emit, show_table
from pipeline.engines.checkup import Checked
from pipeline.engines.discovery import Discovered, Discovery
from pipeline.stages.diagnosis import Finding


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
        cells = (label, one.outcome, str(one.entries) if one.ok else "-", newest, "\n".join(map(told, one.findings)))
        table.add_row(*map(Text, cells), style=style)
    show_table(table)
    failed = sum(not one.ok for one in found)
    typer.echo(f"{count(len(found), 'feed')}: {len(found) - failed} alive, {failed} cannot be read")
    if line := permitting(one.detail for one in found if one.outcome == "blocked_address"):
        typer.echo(f"if these servers are yours, add to pipeline.toml: {line}")


def told(finding: Finding) -> str:
    """What was seen, and below it what to do."""
    return f"{finding.text}\n→ {finding.remedy}" if finding.remedy else finding.text


def _json(one: Checked) -> dict[str, object]:
    record = dataclasses.asdict(one)
    record["newest"] = one.newest.isoformat().replace("+00:00", "Z") if one.newest else None
    return {"ok": one.ok, **record}


def show_discovered(found: Discovery, feeds: Sequence[Discovered], *, as_json: bool) -> None:
    """The feeds of a site, best first, and how to take the first one."""
    if as_json:
        for one in feeds:
            newest = one.newest.isoformat().replace("+00:00", "Z") if one.newest else None
            emit({**dataclasses.asdict(one), "newest": newest})
        return
    if not feeds:
        more = f"; {count(len(found.feeds), 'feed')} of comments, tags or authors: see --all" if found.feeds else ""
        problem = f" ({found.problem})" if found.problem else ""
        typer.echo(f"no feed found at {found.site}{problem}; {count(found.tried, 'address', 'addresses')} tried{more}")
        return
    from rich.text import Text

    from pipeline.cli.summary import new_table

    table = new_table("feed", "entries", "newest", "format", "found")
    for one in feeds:
        newest = f"{one.newest:%Y-%m-%d %H:%M}" if one.newest else "-"
        label = f"{one.title}\n{one.url}" if one.title else one.url
        table.add_row(*map(Text, (label, str(one.entries), newest, one.format, one.tier)))
    show_table(table)
    typer.echo(f"take the first with: wirefold feeds add {feeds[0].url}")
