"""``wirefold tail``: both streams in seq order, for a consumer."""

import logging
import re
import signal
import sys
from typing import Annotated, Any, Literal, cast

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, guarded
from pipeline.errors import ConfigError

app = command_app()
log = logging.getLogger(__name__)

CURSOR_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")

From = Annotated[int | None, typer.Option("--from", metavar="SEQ", min=1, help="The first seq to write [default: 1].")]
CursorName = Annotated[str | None, typer.Option("--cursor", metavar="NAME", help="Go on where this name stopped.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Wait for new lines until interrupted.")]
Types = Annotated[list[str] | None, typer.Option("--type", metavar="T", help="article or story; may be repeated.")]


@app.command(epilog="Example: wirefold tail --cursor indexer --follow --type article | my-indexer")
@guarded
def tail(
    *,
    first: From = None,
    cursor: CursorName = None,
    follow: Follow = False,
    types: Types = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Writes the streams' lines in seq order.

    Whole lines only, exactly as they stand in the store (JSONL, with and without --json). A named cursor is kept in the
    data folder and moves only past what was written out, so that every line is delivered at least once.
    """
    call = begin(config, data, json=json, verbose=verbose)
    if first is not None and cursor is not None:
        raise ConfigError("--from and --cursor exclude each other: a cursor knows where it stands")
    if cursor is not None and not CURSOR_NAME.fullmatch(cursor):
        raise ConfigError(f"--cursor: expected letters, digits, '.', '_' and '-', not {cursor!r}")
    wanted = _types(types)

    from pipeline.cli.stores import require_streams
    from storage import consume

    if not follow:
        require_streams(call)
    signal.signal(signal.SIGTERM, _stop)
    log.debug("following %s", call.data)
    consume.tail(
        call.data,
        sys.stdout.buffer,
        after=first - 1 if first else 0,
        cursor=cursor,
        types=wanted,
        wait=consume.pause if follow else None,
    )
    return DONE


def _types(names: list[str] | None) -> tuple[Literal["article", "story"], ...]:
    for name in names or ():
        if name not in {"article", "story"}:
            raise ConfigError(f'--type: expected "article" or "story", not "{name}"')
    return cast("tuple[Literal['article', 'story'], ...]", tuple(names or ("article", "story")))


def _stop(number: int, frame: Any) -> None:
    """SIGTERM ends a follower as Ctrl-C does. No Exception: what it interrupts might swallow one (logging does)."""
    del number, frame
    raise KeyboardInterrupt
