"""``wirefold export``: the current articles and stories for other programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline.cli.options import ConfigDir, DataDir, Invocation, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, guarded
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from storage.export import Format, Kind
    from storage.store import Store

app = command_app()

FormatName = Literal["parquet", "jsonl", "csv", "atom"]
TypeName = Literal["article", "story"]
KINDS: dict[TypeName, "Kind"] = {"article": "articles", "story": "stories"}

Form = Annotated[FormatName, typer.Option("--format", help="The form of the output.", show_default=False)]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: stdout.")]
Type = Annotated[TypeName | None, typer.Option("--type", help="Only these; on stdout articles are the default.")]


@app.command(epilog="Example: wirefold export --format parquet -o news.parquet")
@guarded
def export(
    *,
    form: Form,
    output: Output = None,
    only: Type = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Writes what is current, in the form of your choice.

    The latest revision of every article with its final story id, and the present state of every story. With -o
    news.csv the articles go to news.csv and the stories to news-stories.csv; with --type, and on stdout, it is one of
    the two. Atom is a feed of the stories. A daemon may be writing meanwhile.
    """
    from pipeline.cli.stores import reading
    from pipeline.cli.terminal import count, emit

    call = begin(config, data, json=json, verbose=verbose)
    wanted = _wanted(form, only, whole=output is not None)
    if output is None:
        _refuse_binary(form)
    with reading(call) as store:
        written = [_write(call, store, form, kind, _path(output, kind, wanted)) for kind in wanted]
    if output is not None and json:
        emit({"files": [{"path": str(path), "rows": rows} for path, rows in written]})
    elif output is not None:
        sys.stderr.writelines(f"{path}: {count(rows, 'row')}\n" for path, rows in written)
    return DONE


def _wanted(form: FormatName, only: TypeName | None, *, whole: bool) -> list["Kind"]:
    if form == "atom":
        if only == "article":
            raise ConfigError("--format atom is a feed of the stories; it has no articles of its own")
        return ["stories"]
    if only is not None:
        return [KINDS[only]]
    return ["articles", "stories"] if whole else ["articles"]


def _refuse_binary(form: FormatName) -> None:
    if form == "parquet" and sys.stdout.isatty():
        raise ConfigError("Parquet is binary and a terminal is no place for it; say -o FILE")


def _path(output: Path | None, kind: "Kind", wanted: list["Kind"]) -> Path | None:
    """The second file of a whole export stands beside the first."""
    if output is None or kind == wanted[0]:
        return output
    return output.with_name(f"{output.stem}-{kind}{output.suffix}")


def _write(
    call: Invocation, store: "Store", form: "Format", kind: "Kind", path: Path | None
) -> tuple[Path | None, int]:
    from pipeline.cli.terminal import counting
    from storage import export as exports

    with counting(kind, quiet=call.verbose) as progress:
        if path is None:
            rows = exports.export(store, kind, form, sys.stdout.buffer, progress=progress)
            sys.stdout.buffer.flush()
        else:
            rows = exports.export_file(store, kind, form, path, progress=progress)
    return path, rows
