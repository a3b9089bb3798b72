"""``stories show``: one story with its origin, its version tree and what it is related to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from pipeline.cli.changed import Step, credit_words, in_short, steps
from pipeline.cli.tables import first_had, first_out, heading, relation_of, short_ids, spread
from pipeline.cli.wording import Cell, delay, isolated, kept, out_at, short
from pipeline.stages.diff import Passage
from pipeline.stages.provenance import counted, in_words, listed, when
from storage.records import Article, Related, Story

PASSAGES_SHOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A related story, with the passages that its shown version shares with ours, the longest first."""

    related: Related
    story: Story | None
    passages: Sequence[Passage]


def story_page(story: Story, articles: Mapping[str, Article], neighbours: Sequence[Neighbour] = ()) -> RenderableType:
    """Everything about one story. ``articles`` are its members by id; missing ones are named without what they changed."""
    parts = [
        _head(story),
        heading("Origin"),
        _origin(story),
        heading(counted(len(story.versions), "version").capitalize()),
    ]
    parts.append(Padding(_tree(story, articles), (0, 0, 0, 1)))
    if neighbours:
        parts += [heading("Related, and kept apart"), *map(_neighbour, neighbours)]
    return Group(*parts)


def _head(story: Story) -> RenderableType:
    facts = [counted(len(story.members), "version"), counted(len(story.sources), "source")]
    facts += [", ".join(story.languages)] if story.languages else []
    facts += [f"spread over {in_words(spread(story))}"] if len(story.members) > 1 else []
    facts.append(f"last change {when(story.date_updated)} ({story.change})")
    head: list[RenderableType] = [
        Cell(story.title or "(no title)", style="bold"),
        Text(story.story_id, style="cyan"),
        Text(" · ".join(facts), style="dim"),
    ]
    if story.merged_from:
        head.append(Text(f"absorbed {listed(story.merged_from)}", style="dim"))
    return Group(*head)


def _origin(story: Story) -> RenderableType:
    origin = Text(" ").append(isolated(first_had(story)), style="green bold")
    member = next((v for v in story.versions if v.article_id == story.origin.article_id), None)
    origin.append(f"  {member.url}" if member else "  credited, not among the versions", style="dim")
    evidence = Table.grid(padding=(0, 1, 0, 0))
    for sentence in story.origin.evidence:
        evidence.add_row("   •", isolated(sentence))
    return Group(origin, evidence)


def _tree(story: Story, articles: Mapping[str, Article]) -> RenderableType:
    names = short_ids(story.members)
    root = Tree("", guide_style="dim", hide_root=True)
    nodes: dict[str, Tree] = {}
    for step in steps(story, articles):
        above = nodes.get(step.version.based_on or "", root)
        nodes[step.version.article_id] = above.add(_version(step, story, names))
    return root


def _version(step: Step, story: Story, names: Mapping[str, str]) -> RenderableType:
    lines: list[RenderableType] = [_version_head(step, story)]
    above = step.parent.title if step.parent else story.title
    if step.version.title and step.version.title != above:
        lines.append(Cell(step.version.title, lines=1))
    lines += [Text(line) for line in _version_changes(step)]
    lines.append(Text(f"{names[step.version.article_id]}  {step.version.url}", style="dim", overflow="fold"))
    return Group(*lines)


def _version_head(step: Step, story: Story) -> Text:
    version = step.version
    head = Text(
        isolated(version.source), style="green bold" if version.article_id == story.origin.article_id else "bold"
    )
    moment = delay(out_at(version), out_at(step.parent)) if step.parent else when(out_at(version))
    measured = [relation_of(step) if step.parent else "", f"{version.words} words"]
    facts = [moment, *(["withdrawn"] if step.withdrawn else measured)]
    head.append("  " + " · ".join(fact for fact in facts if fact), style="not bold default")
    marks = [
        "origin" if version.article_id == story.origin.article_id else "",
        "shown" if version.article_id == story.canonical else "",
    ]
    known = ", ".join(mark for mark in marks if mark)
    return head.append(f"  [{known}]", style="not bold cyan") if known else head


def _version_changes(step: Step) -> Iterator[str]:
    if step.diff is not None:
        yield in_short(step.diff)
    if credited := credit_words(step):
        yield credited


def _neighbour(neighbour: Neighbour) -> RenderableType:
    related, story = neighbour.related, neighbour.story
    words = f", {related.shared_words} words shared" if related.shared_words else ""
    head = Text(" ").append(f"{kept(related.kind)}{words}: ")
    head.append(isolated(story.title or "(no title)") if story else related.story_id, style="bold")
    lines: list[RenderableType] = [head]
    if story:
        facts = f"{story.story_id} · {listed([isolated(name) for name in story.sources])} · {when(first_out(story))}"
        lines.append(Padding(Text(facts, style="dim"), (0, 0, 0, 3)))
    lines += [Padding(passage_line(passage), (0, 0, 0, 3)) for passage in neighbour.passages[:PASSAGES_SHOWN]]
    left = len(neighbour.passages) - PASSAGES_SHOWN
    if left > 0:
        lines.append(Padding(Text(f"and {counted(left, 'passage')} more", style="dim"), (0, 0, 0, 3)))
    return Group(*lines)


def passage_line(passage: Passage) -> Text:
    """The passage, quoted and cut, with its length."""
    return Text(f"“{isolated(short(passage.text, 160))}”").append(f"  {passage.words} words", style="dim")
