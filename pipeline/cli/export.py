"""``wirefold export``: the current articles and stories for other programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

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

Form = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="FORMAT", help="parquet, jsonl, csv or atom; else what -o ends in.", show_default=False
    ),
]
SUFFIXES: dict[str, FormatName] = {
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".atom": "atom",
    ".xml": "atom",
}
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Default: stdout.")]
Type = Annotated[TypeName | None, typer.Option("--type", help="Only these; on stdout articles are the default.")]


@app.command(epilog="Example: wirefold export --format parquet -o news.parquet")
@guarded
def export(
    *,
    form: Form = None,
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
    chosen = _chosen(form, output)
    wanted = _wanted(chosen, only, whole=output is not None)
    if output is None:
        _refuse_binary(chosen)
    with reading(call) as store:
        written = [_write(call, store, chosen, kind, _path(output, kind, wanted)) for kind in wanted]
    if output is not None and json:
        emit({"files": [{"path": str(path), "rows": rows} for path, rows in written]})
    elif output is not None:
        sys.stderr.writelines(f"{path}: {count(rows, 'row')}\n" for path, rows in written)
    return DONE


def _chosen(form: str | None, output: Path | None) -> FormatName:
    """The form that was named, else the one that the file's name tells."""
    from pipeline.configuration.checks import did_you_mean

    known = ", ".join(get_args(FormatName))
    if output is not None and not output.parent.is_dir():
        raise ConfigError(f"-o {output}: there is no folder {output.parent}")
    if form is None:
        found = SUFFIXES.get(output.suffix.lower()) if output else None
        if found is None:
            raise ConfigError(f"--format: expected one of {known}, or -o FILE with one of them as its ending")
        return found
    if form not in get_args(FormatName):
        hint = did_you_mean(form, get_args(FormatName))
        raise ConfigError(f"--format: expected one of {known}, not {form!r}{hint}")
    return cast("FormatName", form)


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
