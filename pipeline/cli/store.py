"""``wirefold store``: checks the streams, recreates the state from them, keeps them small."""

import dataclasses
import sys
from typing import TYPE_CHECKING

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, STORE, guarded

if TYPE_CHECKING:
    from storage.verify import Report

app = command_app("Check and repair the store: verify, rebuild, compact.")


@app.callback()
def root() -> None:
    """A group, so that further verbs find their place."""


@app.command(epilog="Example: wirefold store verify --data ./data && echo intact")
@guarded
def verify(*, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False) -> int:
    """Checks every line and seq of the streams.

    A daemon may go on writing meanwhile. Exit code 3 if something is wrong; the first violation is named by file and
    line.
    """
    from pipeline.cli.stores import require_streams
    from pipeline.cli.terminal import counting, emit
    from storage.verify import verify as check

    call = begin(config, data, json=json, verbose=verbose)
    require_streams(call)
    with counting("lines", quiet=verbose) as progress:
        report = check(call.data, progress=progress)
    if json:
        emit({**dataclasses.asdict(report), "ok": report.ok})
    else:
        _tell(report)
    return DONE if report.ok else STORE


def _tell(report: "Report") -> None:
    counts = f"{report.lines} lines in {report.segments} segments: {report.articles} articles, {report.stories} stories"
    if report.ok:
        sys.stdout.write(f"{counts}; seq 1 to {report.last_seq}: all is well\n")
        return
    place = f"{report.file}:{report.line}" if report.line else str(report.file)
    sys.stdout.write(f"{place}: {report.violation}\n{counts} were good up to there\n")
