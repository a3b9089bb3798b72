"""``wirefold demo``: the main job over a bundled small web, on loopback."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, guarded

if TYPE_CHECKING:
    from rich.console import Console

    from pipeline.demo.run import DemoRun

ALONE_SHOWN = 4
"""Articles without a copy that the report names: it is about the stories."""

app = command_app()


@app.command(epilog="Example: wirefold demo --data ./data/demo")
@guarded
def demo(
    *,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Runs the real pipeline over a bundled small web.

    A dozen invented publishers on loopback; prints the stories that it found. Needs no internet and leaves nothing
    running. The store is made anew in DATA/demo (or in the folder that --data names) and can be explored with every
    other command.
    """
    call = begin(config, None, json=json, verbose=verbose)

    from pipeline.cli.terminal import console, emit, run_progress
    from pipeline.demo import run as engine

    started = time.monotonic()
    folder = data or Path(call.settings.store.data) / "demo"
    with run_progress(quiet=verbose or json) as report:
        found = engine.run(folder, report=report)
    seconds = time.monotonic() - started
    if json:
        emit(_as_json(found, seconds))
    else:
        _print(found, seconds, console())
    return DONE


def _as_json(found: "DemoRun", seconds: float) -> dict[str, object]:
    return {
        "data": str(found.data),
        "publishers": found.publishers,
        "seconds": round(seconds, 2),
        "requests": found.requests,
        "articles": len(found.articles),
        "passes": [one.to_json() for one in found.passes],
        "stories": [{"story_id": s.story_id, "title": s.title, "members": list(s.members)} for s in found.stories],
    }


def _print(found: "DemoRun", seconds: float, out: "Console") -> None:
    from pipeline.cli.invoked import command
    from pipeline.cli.tables import heading, stories_report

    first, second = found.passes
    out.print(heading("A small web of invented publishers, read by the real pipeline", above=0))
    out.print(
        f"{found.publishers} publishers on loopback, {len(first.feeds)} feeds, {found.requests} requests,"
        f" {len(found.articles)} articles, {len(found.stories)} stories, {seconds:.1f} s."
    )
    out.print(f"First pass:  {_entries(first)}")
    out.print(f"Second pass: {_entries(second)} (a correction and a late copy had been published)\n")
    out.print(stories_report(found.stories, found.articles, alone_shown=ALONE_SHOWN))
    out.print(heading("Where it lies", above=0))
    for stream, what in (("articles", "one line a revision"), ("stories", "one line a change")):
        for path in sorted((found.data / stream).glob("*.jsonl")):
            out.print(f"  {path}   {what}", soft_wrap=True, markup=False)
    out.print(f"  {found.data / 'stories.jsonl'}   one line a story", soft_wrap=True, markup=False)
    first_id = max(found.stories, key=lambda story: len(story.members)).story_id
    for words in (("stories", "show", first_id), ("stories", "list")):
        out.print(f"Go on with: {command(*words, '--data', found.data)}", soft_wrap=True, markup=False)


def _entries(summary: object) -> str:
    from pipeline.engines.summary import RunSummary

    assert isinstance(summary, RunSummary)
    words = [f"{n} {slug.replace('_', ' ')}" for (_, slug), n in summary.fates.most_common()]
    unchanged = summary.polls.get("unchanged", 0)
    return ", ".join([*words, f"{unchanged} feeds unchanged"] if unchanged else words)
