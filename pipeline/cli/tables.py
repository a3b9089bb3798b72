"""Stories in lines and tables: the list, and the report that the demo and a run end with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.cli.changed import Step, credit_words, in_short, steps
from pipeline.cli.wording import RELATIONS, Cell, delay, isolated, kept, out_at, percent, short
from pipeline.settings import GroupSettings
from pipeline.stages.provenance import counted, in_words, listed, when
from storage.records import Article, PairLink, Story

WIDE = 100
"""Columns from which on there is room for sources beside the title."""

COPY_FROM = GroupSettings().similarity
"""Similarity that makes a copy by itself, unless told otherwise."""

OUTSIDE = "*"
"""Marks an origin that is credited and is no member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptApart:
    """Two articles that look alike and are two stories. ``reason``: a sentence, or a kind of ``Related``."""

    a: str
    b: str
    reason: str
    shared_words: int | None = None
    similarity: float | None = None


def first_had(story: Story) -> str:
    """Who had it first; an agency without an article of its own is marked."""
    name = story.origin.name or "unknown"
    return name + OUTSIDE if story.origin.article_id is None else name


def spread(story: Story) -> timedelta:
    """From the first version to the last."""
    return max(map(out_at, story.versions), default=first_out(story)) - first_out(story)


def first_out(story: Story) -> datetime:
    """When the first version was out; a story without a version tree (written by other tools) falls back on its dates."""
    fallback = story.date_first_published or story.date_updated
    return min(map(out_at, story.versions), default=fallback)


def short_ids(ids: Sequence[str], least: int = 8) -> dict[str, str]:
    """Each id cut to the shortest beginning that names it alone among ``ids``."""
    ordered = sorted(set(ids))
    found: dict[str, str] = {}
    for n, id_ in enumerate(ordered):
        near = [*ordered[max(0, n - 1) : n], *ordered[n + 1 : n + 2]]
        found[id_] = id_[: max(least, *(_common(id_, other) + 1 for other in near), 0)]
    return found


def _common(a: str, b: str) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


class StoryList:
    """One line a story; the sources have a column of their own where the terminal is wide."""

    def __init__(self, stories: Sequence[Story], names: Mapping[str, str]) -> None:
        self._stories = stories
        self._names = names

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= WIDE
        table = new_table()
        table.add_column("story", style="cyan", no_wrap=True)
        table.add_column("vers", justify="right")
        table.add_column("first", no_wrap=True, max_width=20)
        if wide:
            table.add_column("sources", no_wrap=True, max_width=30)
        table.add_column("spread", no_wrap=True, justify="right")
        table.add_column("title", no_wrap=True, ratio=1)
        for story in self._stories:
            table.add_row(*self._row(story, wide=wide))
        yield table
        if any(story.origin.article_id is None for story in self._stories):
            yield Text(f"{OUTSIDE} credited by the versions, not among them", style="dim")

    def _row(self, story: Story, *, wide: bool) -> Iterator[RenderableType]:
        yield self._names[story.story_id]
        yield Text(str(len(story.members)), style="bold" if len(story.members) > 1 else "dim")
        yield Cell(first_had(story), lines=1)
        if wide:
            yield Cell(Text(listed([isolated(name) for name in story.sources]), style="dim"), lines=1)
        yield in_words(spread(story)) if len(story.members) > 1 else "–"
        yield Cell(story.title or "(no title)", lines=1)


def new_table(*headers: str) -> Table:
    """A table without lines but one under its head."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold dim", expand=True)
    for header in headers:
        table.add_column(header)
    return table


def stories_report(
    stories: Sequence[Story],
    articles: Mapping[str, Article],
    links: Sequence[PairLink] = (),
    kept_apart: Sequence[KeptApart] | None = None,
    alone_shown: int | None = None,
) -> RenderableType:
    """The stories that have versions, each with its tree as a table; then what was kept apart, and what stands alone.

    ``links`` tell how alike two articles are that were kept apart. ``kept_apart`` None: what the stories' ``related`` say.
    ``alone_shown``: name at most so many of the articles that stand alone (None: all).
    """
    told = sorted(stories, key=lambda story: (-len(story.members), first_out(story), story.story_id))
    several = [story for story in told if len(story.members) > 1]
    alone = [story for story in told if len(story.members) == 1]
    apart = list(related_pairs(stories)) if kept_apart is None else list(kept_apart)
    parts: list[RenderableType] = [_story_block(n, story, articles) for n, story in enumerate(several, 1)]
    if apart:
        parts += [heading("Kept apart", above=0), _apart_table(apart, articles, _similarities(links))]
    if alone:
        parts += [
            heading(f"{counted(len(alone), 'article')} that no other one shares"),
            _alone_table(alone, alone_shown),
        ]
    return Group(*parts)


def heading(words: str, above: int = 1) -> RenderableType:
    """A line that opens a section, ``above`` blank lines below the last one."""
    return Padding(Text(words, style="bold"), (above, 0, 0, 0))


def _story_block(number: int, story: Story, articles: Mapping[str, Article]) -> RenderableType:
    head = Table.grid(padding=(0, 1), expand=True)
    head.add_column(style="bold cyan", no_wrap=True)
    head.add_column(ratio=1)
    head.add_row(f"{number}.", Cell(story.title or "(no title)", style="bold"))
    head.add_row("", _first_line(story))
    return Padding(Group(head, _version_table(story, articles)), (0, 0, 1, 0))


def _first_line(story: Story) -> Text:
    first = Text.assemble("first: ", (isolated(story.origin.name or "unknown"), "green bold"))
    if story.origin.article_id is None:
        first.append(" (credited, not among the versions)")
    since = when(first_out(story))
    first.append(f" · {counted(len(story.members), 'version')} in {in_words(spread(story))} from {since}", style="dim")
    if story.origin.evidence:
        first.append(f"\n{isolated(story.origin.evidence[0])}", style="dim")
    return first


def _version_table(story: Story, articles: Mapping[str, Article]) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim", expand=True)
    table.add_column("version", no_wrap=True, max_width=32)
    table.add_column("after", no_wrap=True, justify="right")
    table.add_column("relation")
    table.add_column("based on, and what it changed", ratio=1)
    depth = depths(story)
    for step in steps(story, articles):
        table.add_row(*_version_row(step, story, depth[step.version.article_id]))
    return Padding(table, (0, 0, 0, 3))


def depths(story: Story) -> dict[str, int]:
    """How far below its root each version stands."""
    depth: dict[str, int] = {}
    for version in story.versions:
        depth[version.article_id] = depth[version.based_on] + 1 if version.based_on in depth else 0
    return depth


def _version_row(step: Step, story: Story, depth: int) -> Iterator[RenderableType]:
    version = step.version
    is_origin = version.article_id == story.origin.article_id
    branch = "  " * (depth - 1) + "└ " if depth else ""
    name = Text(branch + isolated(version.source), style="green bold" if is_origin else "")
    yield Text.assemble(name, (" ◂ shown", "dim")) if version.article_id == story.canonical else name
    first = first_out(story)
    yield out_at(version).strftime("%H:%M UTC") if out_at(version) == first else delay(out_at(version), first)
    yield relation_of(step)
    yield Text(f"{isolated(step.parent.source)}: {changed_words(step)}" if step.parent else "–", style="dim")


def relation_of(step: Step) -> str:
    """``near copy, 82 % alike``: how the version relates to the one that it is built on, and how much says so.

    An excerpt, and a copy below the threshold of similarity, is one for what of it stands in the other.
    """
    version = step.version
    if step.withdrawn:
        return "withdrawn"
    if version.relation is None:
        return "first" if version.based_on is None else "–"
    if version.relation == "exact":
        return RELATIONS["exact"]
    alike = version.relation == "near" and (version.similarity or 0.0) >= COPY_FROM
    if alike or version.containment is None:
        return f"{RELATIONS[version.relation]}, {percent(version.similarity)} alike"
    return f"{RELATIONS[version.relation]}, {percent(version.containment)} contained"


def changed_words(step: Step) -> str:
    """What it changed and whom it credits, in a few words."""
    if step.diff is None:
        return "nothing to compare" if step.withdrawn else "text not at hand"
    return "; ".join(part for part in (in_short(step.diff), credit_words(step)) if part)


def related_pairs(stories: Sequence[Story]) -> Iterator[KeptApart]:
    """Each pair of stories that are related, once, by the versions that are shown."""
    by_id = {story.story_id: story for story in stories}
    seen: set[frozenset[str]] = set()
    for story in stories:
        for related in story.related:
            other, pair = by_id.get(related.story_id), frozenset((story.story_id, related.story_id))
            if other is not None and pair not in seen:
                seen.add(pair)
                yield KeptApart(
                    a=story.canonical, b=other.canonical, reason=related.kind, shared_words=related.shared_words
                )


def _similarities(links: Sequence[PairLink]) -> dict[frozenset[str], float]:
    return {frozenset((link.a, link.b)): link.similarity for link in links}


def _apart_table(
    apart: Sequence[KeptApart], articles: Mapping[str, Article], similar: Mapping[frozenset[str], float]
) -> RenderableType:
    table = new_table()
    table.add_column("article", ratio=3)
    table.add_column("is not", ratio=3)
    table.add_column("because", ratio=2)
    for pair in apart:
        likeness = pair.similarity if pair.similarity is not None else similar.get(frozenset((pair.a, pair.b)))
        table.add_row(
            named(articles.get(pair.a), pair.a), named(articles.get(pair.b), pair.b), _because(pair, likeness)
        )
    return table


def _because(pair: KeptApart, likeness: float | None) -> Text:
    facts = [
        f"{percent(likeness)} alike" if likeness is not None else "",
        f"{pair.shared_words} words shared" if pair.shared_words else "",
    ]
    reason = Text(kept(pair.reason))
    known = ", ".join(fact for fact in facts if fact)
    return reason.append(f" ({known})", style="dim") if known else reason


def named(article: Article | None, id_: str) -> RenderableType:
    """``Source: title`` on at most two lines."""
    if article is None:
        return Text(id_, style="dim")
    source = isolated(article.source.name or article.source.domain)
    return Cell(Text.assemble((f"{source}: ", "dim"), isolated(short(article.title or "(no title)", 90))), lines=2)


def _alone_table(alone: Sequence[Story], most: int | None) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True, max_width=24, style="dim")
    table.add_column(no_wrap=True, ratio=1)
    for story in alone[:most]:
        source = next(iter(story.sources), "unknown")
        credited = "" if story.origin.article_id else f" ({story.origin.name})"
        table.add_row(Cell(source + credited, lines=1), Cell(story.title or "(no title)", lines=1))
    if most is not None and len(alone) > most:
        table.add_row("", Text(f"and {len(alone) - most} more", style="dim"))
    return Padding(table, (0, 0, 1, 1))
