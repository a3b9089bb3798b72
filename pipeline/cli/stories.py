"""``wirefold stories``: stories for a person at a terminal, and what distinguishes their versions."""

from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import ConfigDir, DataDir, Json, Verbose, begin, command_app
from pipeline.cli.outcome import DONE, guarded
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.cli.storypage import Neighbour
    from storage.records import Article, Story
    from storage.store import Store

LISTED = 40
"""Stories that a terminal shows unless it is told otherwise."""

app = command_app("Stories for a person.")

A = Annotated[str, typer.Argument(metavar="A", help="An article's id, or a beginning of it that only one has.")]
B = Annotated[str, typer.Argument(metavar="B", help="Another article's id.")]


@app.callback(invoke_without_command=True, no_args_is_help=False)
def stories(
    context: typer.Context,
    *,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Stories for a person: list, show, what two versions changed, why two are together.

    Without a command: list.
    """
    if context.invoked_subcommand is None:
        list_stories(config=config, data=data, json=json, verbose=verbose)
    elif config or data or json or verbose:
        raise typer.BadParameter(f"options of {context.invoked_subcommand!r} stand after its name")


@app.command("list", epilog="Example: wirefold stories list --versions 2 --since 2026-05-01")
@guarded
def list_stories(
    *,
    versions: Annotated[int, typer.Option("--versions", metavar="N", help="At least N versions.")] = 1,
    source: Annotated[str | None, typer.Option("--source", help="With a version of this publisher.")] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="TAG", help="With a version in it.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Changed since (UTC).")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help=f"The N that changed last; 0: all [default: {LISTED}].")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Lists the stories, one a line.

    The one that changed last stands first: how many versions, who had it first, how far apart they came out. With
    --json the stories' records, every one of them unless --limit says otherwise.
    """
    from pipeline.cli.stores import reading

    after = _moment(since)
    most = (0 if json else LISTED) if limit is None else limit
    call = begin(config, data, json=json, verbose=verbose)
    shown: deque[Story] = deque(maxlen=most or None)
    total = 0
    with reading(call) as store:
        for story in store.stories.current():
            if len(story.members) >= versions and _wanted(story, source, language, after):
                shown.append(story)
                total += 1
    _show_list(list(reversed(shown)), total, json=json)
    return DONE


@app.command(epilog="Example: wirefold stories show s-4hq7")
@guarded
def show(
    story: Annotated[str, typer.Argument(metavar="ID", help="A story's or an article's id, or a beginning of it.")],
    *,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Shows one story.

    Who had it first and why, its versions as a tree with what each of them changed, and what it is related to.
    """
    from pipeline.cli.lookup import find_story
    from pipeline.cli.stores import reading
    from pipeline.cli.storypage import story_page
    from pipeline.cli.terminal import console, emit

    call = begin(config, data, json=json, verbose=verbose)
    with reading(call) as store:
        found = find_story(store, story)
        articles = _articles(store, found)
        neighbours = _neighbours(store, found, articles)
    if json:
        emit(_page_record(found, articles, neighbours))
    else:
        console().print(story_page(found, articles, neighbours))
    return DONE


@app.command(epilog="Example: wirefold stories diff a-k3v2 a-x7n5 --full")
@guarded
def diff(
    a: A,
    b: B,
    *,
    full: Annotated[bool, typer.Option("--full", help="Show unchanged paragraphs, too.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Shows what B made of A, paragraph by paragraph and word by word.

    Side by side where the terminal is wide. A story's id stands for the version that it shows.
    """
    from pipeline.cli.diffpage import DiffPage
    from pipeline.cli.lookup import find_article, with_text
    from pipeline.cli.stores import reading
    from pipeline.cli.terminal import console, emit
    from pipeline.stages.diff import compare

    call = begin(config, data, json=json, verbose=verbose)
    with reading(call) as store:
        first, second = (with_text(find_article(store, typed)) for typed in (a, b))
    found = compare(first, second)
    if json:
        emit(_builtins(found))
    else:
        console().print(DiffPage(first, second, found, full=full))
    return DONE


@app.command(epilog="Example: wirefold stories explain a-k3v2 a-x7n5")
@guarded
def explain(
    a: A, b: B, *, config: ConfigDir = None, data: DataDir = None, json: Json = False, verbose: Verbose = False
) -> int:
    """Says why two articles are, or are not, versions of one story.

    How they were found, their similarity and containment beside what was needed, the rule that decided, the passages that
    they share. Works on articles; a story's id stands for the version that it shows.
    """
    from pipeline.cli.explained import as_record, explanation_of, explanation_page
    from pipeline.cli.lookup import find_article, with_text
    from pipeline.cli.stores import reading
    from pipeline.cli.terminal import console, emit
    from pipeline.stages.diff import shared_passages
    from pipeline.stages.group import Grouper

    call = begin(config, data, json=json, verbose=verbose)
    with reading(call) as store:
        first, second = (with_text(find_article(store, typed)) for typed in (a, b))
        explanation = explanation_of(Grouper(call.settings.group), first, second, store)
    passages = shared_passages(first.content_text, second.content_text)
    if json:
        emit(as_record(first, second, explanation, passages))
    else:
        console().print(explanation_page(first, second, explanation, passages, call.settings.group))
    return DONE


def _moment(since: str | None) -> datetime | None:
    if since is None:
        return None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise ConfigError(f"--since: expected a date like 2026-05-01 or 2026-05-01T12:00, not {since!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _wanted(story: "Story", source: str | None, language: str | None, since: datetime | None) -> bool:
    if source is not None and not any(source.casefold() in name.casefold() for name in story.sources):
        return False
    if language is not None and not any(tag == language or tag.startswith(f"{language}-") for tag in story.languages):
        return False
    return since is None or story.date_updated >= since


def _show_list(stories: list["Story"], total: int, *, json: bool) -> None:
    from pipeline.cli.tables import StoryList, short_ids
    from pipeline.cli.terminal import console, emit_all

    if json:
        emit_all(_builtins(story) for story in stories)
        return
    if not stories:
        typer.echo("no stories yet" if total == 0 else "no story matches")
        return
    console().print(StoryList(stories, short_ids([story.story_id for story in stories])))
    if total > len(stories):
        typer.echo(f"{len(stories)} of {total:,} stories; --limit 0 lists all")


def _articles(store: "Store", story: "Story") -> dict[str, "Article"]:
    found = {member: store.articles.get(member) for member in story.members}
    return {member: article for member, article in found.items() if article is not None}


def _neighbours(store: "Store", story: "Story", articles: dict[str, "Article"]) -> list["Neighbour"]:
    from pipeline.cli.storypage import Neighbour
    from pipeline.stages.diff import shared_passages

    ours = articles.get(story.canonical)  # a withdrawn one has no words, and so shares none
    neighbours = []
    for related in story.related:
        other = store.stories.get(related.story_id)
        theirs = store.articles.get(other.canonical) if other else None
        passages = shared_passages(ours.content_text, theirs.content_text) if ours and theirs else ()
        longest = sorted(passages, key=lambda passage: -passage.words)
        neighbours.append(Neighbour(related=related, story=other, passages=longest))
    return neighbours


def _page_record(story: "Story", articles: dict[str, "Article"], neighbours: list["Neighbour"]) -> dict[str, Any]:
    from pipeline.cli.changed import as_record, steps

    passages = {
        neighbour.related.story_id: [{"text": p.text, "words": p.words} for p in neighbour.passages]
        for neighbour in neighbours
    }
    changes = [as_record(step) for step in steps(story, articles)]
    return {**_builtins(story), "changes": changes, "related_passages": passages}


def _builtins(record: Any) -> Any:
    """The record as JSON values, its keys in the order of the store's lines."""
    import msgspec

    return msgspec.to_builtins(record)
