"""``wirefold store``: checks the streams, recreates the state from them, keeps them small."""

import dataclasses
import sys
from typing import TYPE_CHECKING

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, FAILED, STORE, guarded

if TYPE_CHECKING:
    from storage.rebuild import RebuildReport
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
    from pipeline.cli.terminal import count

    held = f"{count(report.articles, 'article')}, {count(report.stories, 'story', 'stories')}"
    counts = f"{count(report.lines, 'line')} in {count(report.segments, 'segment')}: {held}"
    if report.ok:
        sys.stdout.write(f"{counts}; seq 1 to {report.last_seq}: all is well\n")
        return
    place = f"{report.file}:{report.line}" if report.line else str(report.file)
    sys.stdout.write(f"{place}: {report.violation}\n{counts} were good up to there\n")


@app.command(epilog="Example: wirefold store rebuild --data ./data")
@guarded
def rebuild(*, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False) -> int:
    """Recreates the state from the streams.

    For a state that is lost, damaged or outdated, and after settings of [group] changed. No process may be writing. What
    only the web told (schedules, validators) is taken over from the old state as far as it can be read.
    """
    from pipeline.cli.stores import require_streams
    from pipeline.cli.terminal import counting, emit

    call = begin(config, data, json=json, verbose=verbose)
    require_streams(call)

    from pipeline.engines import rebuild as engine

    with counting("lines", quiet=verbose) as progress:
        report = engine.run(call.settings, call.data, progress=progress)
    if json:
        emit(dataclasses.asdict(report))
    else:
        _tell_rebuilt(report)
    return FAILED if report.lost else DONE


def _tell_rebuilt(report: "RebuildReport") -> None:
    carried = sum(report.carried.values())
    kept = (
        f"not carried over: {report.not_carried}" if report.not_carried else f"{carried} rows of web state carried over"
    )
    sys.stdout.write(
        f"{report.lines} lines read: {report.articles} articles, {report.stories} stories, "
        f"{report.fingerprints} fingerprints, {report.links} links; {kept}\n"
    )
    for first, last in report.lost:
        sys.stdout.write(f"lost: seq {first} to {last} stand in no file\n")
