"""``wirefold store``: checks the streams, recreates the state from them, keeps them small."""

import dataclasses
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, FAILED, STORE, guarded
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from storage.rebuild import RebuildReport
    from storage.retention import CompactReport
    from storage.store import Store
    from storage.verify import Report

app = command_app("The store: verify, rebuild, compact, redact.")


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


MaxAge = Annotated[
    float | None, typer.Option("--max-age-days", min=0, metavar="N", help="Drop segments older than N days.")
]
MaxSize = Annotated[float | None, typer.Option("--max-mib", min=0, metavar="N", help="Keep at most N MiB a stream.")]


@app.command(epilog="Example: wirefold store compact --max-age-days 365")
@guarded
def compact(
    *,
    max_age_days: MaxAge = None,
    max_mib: MaxSize = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Keeps the streams small.

    Takes superseded lines out of sealed segments: the latest revision of every article, the last state of every story
    and whatever an old story id needs to resolve stay. With a limit, whole old segments go as well. Seqs are never
    given anew, and readers pass over the gaps. May be interrupted and repeated; no process may be writing.
    """
    from pipeline.cli.stores import writing
    from pipeline.cli.terminal import counting, emit
    from storage import retention

    call = begin(config, data, json=json, verbose=verbose)
    with writing(call) as store, counting("lines taken out", quiet=verbose) as progress:
        removed = _retained(store, max_age_days, max_mib)
        report = retention.compact(store, progress=progress)
    if json:
        emit({**dataclasses.asdict(report), "removed": [str(path) for path in removed]})
    else:
        _tell_compacted(report, len(removed))
    return DONE


def _retained(store: "Store", max_age_days: float | None, max_mib: float | None) -> list[Path]:
    from storage.retention import retain

    if max_age_days is None and max_mib is None:
        return []
    age = None if max_age_days is None else timedelta(days=max_age_days)
    return retain(store, datetime.now(UTC), max_age=age, max_mib=max_mib)


def _tell_compacted(report: "CompactReport", removed: int) -> None:
    from pipeline.cli.terminal import count, mib

    if removed:
        sys.stdout.write(f"{count(removed, 'old segment')} removed\n")
    if not report.lines:
        sys.stdout.write("nothing to compact: no sealed segment holds a superseded line\n")
        return
    sizes = f"{mib(report.bytes_before)} before, {mib(report.bytes_after)} after"
    sys.stdout.write(f"{count(report.lines, 'line')} taken out of {count(report.segments, 'segment')}: {sizes}\n")


@app.command(epilog="Example: wirefold store redact a-mgngl2hq4bm36xwp")
@guarded
def redact(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE_ID", show_default=False)],
    *,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Removes an article's content everywhere.

    From every line, sealed or not, and from the state; what remains is a tombstone (status withdrawn), published so
    that consumers follow. For legal erasure. Safe to repeat; no process may be writing.
    """
    from pipeline.cli.stores import writing
    from pipeline.cli.terminal import emit
    from storage.redact import redact as remove

    call = begin(config, data, json=json, verbose=verbose)
    with writing(call) as store:
        if store.articles.get(article_id) is None:
            raise ConfigError(f"there is no article {article_id} in {call.data}; `wirefold tail` shows the ids")
        report = remove(store, article_id)
    if json:
        emit(dataclasses.asdict(report))
    else:
        sys.stdout.write(f"{article_id}: redacted\n")
    return DONE
