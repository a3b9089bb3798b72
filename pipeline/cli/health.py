"""What ``wirefold feeds list`` shows: every feed with what the store knows of it."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from pipeline.cli.options import Invocation
from pipeline.settings import FeedSettings

if TYPE_CHECKING:
    from storage.records import Feed, Poll


def rows(call: Invocation) -> list[dict[str, Any]]:
    """Every configured feed with what the store knows of it (nothing: never polled, or there is no store yet)."""
    from pipeline.cli.stores import reading
    from storage.errors import StoreMissing

    try:
        with reading(call) as store:
            return [
                _health(wish, store.feeds.get(wish.url), store.history.polls(wish.url)) for wish in call.settings.feeds
            ]
    except StoreMissing:
        return [_health(wish, None, ()) for wish in call.settings.feeds]


def _health(wish: FeedSettings, known: "Feed | None", polls: "Sequence[Poll]") -> dict[str, Any]:
    from pipeline.stages.diagnosis import diagnose
    from pipeline.world import SystemClock

    when = {
        name: moment.isoformat().replace("+00:00", "Z") if known and (moment := getattr(known, name)) else None
        for name in ("last_polled", "last_success", "next_due")
    }
    found = diagnose(known, polls, now=SystemClock().now()) if known else ()
    return {
        "url": wish.url,
        "name": wish.name or (known.title if known else None),
        "outcome": known.last_outcome if known else None,
        "detail": known.last_detail if known else None,
        **when,
        "interval_s": known.schedule.interval_s if known else None,
        "entries_seen": known.entries_seen if known else 0,
        "anomalies": list(known.anomalies) if known else [],
        "findings": [dataclasses.asdict(finding) for finding in found],
    }


def show(call: Invocation, rows: list[dict[str, Any]]) -> None:
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
        troubles = [one["text"] for one in row["findings"] if one["severity"] != "note"]
        outcome = "\n".join([row["outcome"] or "not polled yet", *troubles])
        cells = (label, outcome, away(row["last_success"], now), away(row["next_due"], now), row["entries_seen"])
        table.add_row(*(Text(str(cell)) for cell in cells), style=style)
    show_table(table)
