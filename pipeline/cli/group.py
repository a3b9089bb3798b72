"""``wirefold group``: groups an existing corpus, without network and without state."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, FAILED, guarded

app = command_app()

Inputs = Annotated[
    list[str], typer.Argument(metavar="IN.jsonl", show_default=False, help="Also .gz, .zst; - is stdin.")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="OUT.jsonl", help="Default: stdout.")]


@app.command(epilog="Example: wirefold group corpus.jsonl -o groups.jsonl")
@guarded
def group(
    inputs: Inputs,
    *,
    output: Output = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Groups an existing corpus offline.

    Each input line is an object with id and content_text; title, date_published, source and language are used where
    present. Output: one line a record, in input order, with story_id, relation, match_id and similarity. A line that
    cannot be read is reported on stderr and skipped; the exit code is then 1. The output is JSONL, with and without
    --json; with --json the closing line on stderr is an object too.
    """
    from pipeline.cli.terminal import counting

    call = begin(config, data, json=json, verbose=verbose)

    from pipeline.engines import offline

    with writing(output) as out, counting("records", quiet=verbose) as progress:
        done = offline.run(inputs, out, call.settings.group, report=_complain, progress=progress)
    _conclude(done.records, done.stories, done.failed, as_json=json)
    return FAILED if done.failed else DONE


@contextlib.contextmanager
def writing(path: Path | None) -> Iterator[IO[bytes]]:
    """stdout, or a file that appears whole or not at all."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    draft = path.with_name(f".{path.name}.tmp")
    try:
        with draft.open("wb") as out:
            yield out
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _complain(message: str) -> None:
    sys.stderr.write(f"wirefold: {message}\n")


def _conclude(records: int, stories: int, failed: int, *, as_json: bool) -> None:
    import json

    from pipeline.cli.terminal import count

    if as_json:
        text = json.dumps({"records": records, "stories": stories, "failed": failed})
    else:
        skipped = f"; {count(failed, 'line')} skipped" if failed else ""
        text = f"{count(records, 'record')} in {count(stories, 'story', 'stories')}{skipped}"
    sys.stderr.write(text + "\n")
