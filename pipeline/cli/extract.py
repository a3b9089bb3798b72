"""``wirefold extract``: what the extractor makes of a page."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, FAILED, guarded

if TYPE_CHECKING:
    from pipeline.engines.inspect import Inspected

app = command_app()

Places = Annotated[
    list[str], typer.Argument(metavar="FILE_OR_URL", show_default=False, help="HTML files or addresses.")
]
Address = Annotated[str | None, typer.Option("--url", metavar="URL", help="Where a FILE was published.")]
Explain = Annotated[bool, typer.Option("--explain", help="Tell what was decided on the way, for a person.")]


@app.command(epilog="Example: wirefold extract saved.html --url https://example.com/news/1 --explain")
@guarded
def extract(
    places: Places,
    *,
    url: Address = None,
    explain: Explain = False,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Extracts pages, and stores nothing.

    One article record a line, with the keys of the store's articles; what only the store knows (seq, story_id, match)
    is null. A page that is no article is told on stderr with its reason, and the exit code is 1. Addresses are
    fetched as a run would: robots.txt, address guard and delays included.
    """
    call = begin(config, data, json=json, verbose=verbose)

    from pipeline.engines import inspect

    failed = False
    for found in inspect.run(call.settings, places, published_at=url):
        if found.fate is not None:
            failed = True
            sys.stderr.write(f"wirefold: {found.place}: {found.fate}{_meaning(found)}\n")
            continue
        if explain and not json:
            _explain(found)
        else:
            _emit(found, notes=explain)
    return FAILED if failed else DONE


def _emit(found: "Inspected", *, notes: bool) -> None:
    from storage import codec

    assert found.record is not None
    record = {**found.record, "notes": found.notes} if notes else found.record
    sys.stdout.write(codec.encode(record).decode("utf-8") + "\n")


def _meaning(found: "Inspected") -> str:
    from pipeline.errors import SLUGS

    meaning = SLUGS.get(getattr(found.fate, "slug", ""))
    return f" ({meaning})" if meaning else ""


def _explain(found: "Inspected") -> None:
    from rich.text import Text

    from pipeline.cli.summary import new_table
    from pipeline.cli.terminal import console

    assert found.record is not None
    out = console()
    out.print(Text(found.place, style="bold"))
    table = new_table("key", "value")
    for key, value in found.record.items():
        if key != "content_text" and value not in (None, (), [], ""):
            table.add_row(key, Text(_plain(value)))
    out.print(table)
    for note in found.notes:
        out.print(Text(f"  {note}"), soft_wrap=True)
    out.print()
    out.print(Text(found.record["content_text"]), soft_wrap=True)
    out.print()


def _plain(value: Any) -> str:
    import msgspec

    built = msgspec.to_builtins(value)
    return built if isinstance(built, str) else msgspec.json.encode(built).decode("utf-8")
