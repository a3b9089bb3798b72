"""``stories diff``: two versions beside each other where the terminal is wide, one below the other where it is not.

Signs carry the meaning, colours repeat it: ``-`` removed, ``+`` added, ``~`` edited, ``>`` moved; inside an edited paragraph
``[-words-]`` went and ``{+words+}`` came (the marks of GNU wdiff).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.cli.changed import in_short
from pipeline.cli.wording import PDI, RLI, Cell, isolated, reads_right_to_left
from pipeline.stages.diff import ParagraphChange, Span, VersionDiff, text_of
from pipeline.stages.provenance import counted, when
from storage.records import Article

WIDE = 110
"""Columns from which on two columns of text are easier to read than one."""

SIGNS = {"same": " ", "changed": "~", "moved": ">", "added": "+", "removed": "-"}
STYLES = {"same": "dim", "changed": "yellow", "moved": "cyan", "added": "green", "removed": "red"}
SHOWN_AROUND = 1
"""Unchanged paragraphs that are shown before and after a change; the others are counted."""


class DiffPage:
    """``full``: unchanged paragraphs are shown whole, too."""

    def __init__(self, a: Article, b: Article, diff: VersionDiff, *, full: bool = False) -> None:
        self._a, self._b, self._diff, self._full = a, b, diff, full

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        wide = options.max_width >= WIDE
        yield _heads(self._a, self._b, self._diff, wide=wide)
        yield Text(
            f"\n{counted(self._diff.count('same'), 'paragraph')} unchanged; {in_short(self._diff)}", style="bold"
        )
        yield Text("- removed  + added  ~ edited: [-out-] {+in+}  > moved  (numbers are paragraphs)\n", style="dim")
        if self._diff.headline_changed:
            yield _paragraphs([_headline(self._diff)], wide=wide, numbers=["title"])
        changes = self._diff.paragraphs
        for hidden, run in _folded(changes, full=self._full):
            yield _gap(run) if hidden else _paragraphs(run, wide=wide, numbers=[_number(change) for change in run])
        yield from _credits(self._diff)


def _heads(a: Article, b: Article, diff: VersionDiff, *, wide: bool) -> RenderableType:
    heads = [_head("A", a, diff.words_a, "red"), _head("B", b, diff.words_b, "green")]
    if not wide:
        return Group(*heads)
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=1)
    table.add_column(ratio=1)
    table.add_row(*heads)
    return table


def _head(letter: str, article: Article, words: int, style: str) -> RenderableType:
    moment = article.date_published or article.date_first_seen
    verb = "published" if article.date_published else "seen"
    source = isolated(article.source.name or article.source.domain)
    head = Text.assemble((f"{letter}  ", f"bold {style}"), (source, "bold"))
    facts = Text(f"{verb} {when(moment)} · {counted(words, 'word')} · {article.id}", style="dim")
    return Group(head, Padding(Group(facts, Cell(article.title or "(no title)", lines=2)), (0, 0, 0, 3)))


def _headline(diff: VersionDiff) -> ParagraphChange:
    return ParagraphChange(
        kind="changed", a_start=0, a_end=1, b_start=0, b_end=1, wording_same=False, spans=diff.headline
    )


def _folded(changes: Sequence[ParagraphChange], *, full: bool) -> Iterator[tuple[bool, list[ParagraphChange]]]:
    """(hidden, run): unchanged paragraphs far from any change are hidden, the first paragraph of all never is."""
    near = {0}
    for n, change in enumerate(changes):
        if change.kind != "same":
            near.update(range(n - SHOWN_AROUND, n + SHOWN_AROUND + 1))
    hidden = [not full and change.kind == "same" and n not in near for n, change in enumerate(changes)]
    for key, run in groupby(zip(hidden, changes, strict=True), key=lambda pair: pair[0]):
        changes_ = [change for _, change in run]
        yield key and len(changes_) > 1, changes_


def _gap(run: Sequence[ParagraphChange]) -> Text:
    return Text(f"    ⋯ {counted(len(run), 'unchanged paragraph')}", style="dim italic")


def _number(change: ParagraphChange) -> str:
    a, b = change.a_start + 1, change.b_start + 1
    if change.kind in {"same", "changed", "moved"} and a != b:
        return f"{a}→{b}"
    return str(a if change.kind == "removed" else b)


def _paragraphs(run: Sequence[ParagraphChange], *, wide: bool, numbers: Sequence[str]) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, min_width=1)
    table.add_column(no_wrap=True, justify="right", min_width=5, style="dim")
    for _ in range(2 if wide else 1):
        table.add_column(ratio=1)
    for change, number in zip(run, numbers, strict=True):
        cells = _two(change) if wide else [_one(change)]
        table.add_row(Text(SIGNS[change.kind], style=f"bold {STYLES[change.kind]}"), number, *cells)
        table.add_row()
    return table


def _one(change: ParagraphChange) -> RenderableType:
    """Both sides in one text; an unchanged paragraph is cut to its first line."""
    if change.kind == "same":
        return Cell(Text(text_of(change.spans, "b"), style="dim"), lines=1)
    return Cell(_marked(change.spans, change, {"same", "added", "removed"}))


def _two(change: ParagraphChange) -> list[RenderableType]:
    if change.kind == "same":
        return [Cell(Text(text_of(change.spans, side), style="dim"), lines=1) for side in ("a", "b")]
    left, right = _marked(change.spans, change, {"same", "removed"}), _marked(change.spans, change, {"same", "added"})
    return [Cell(left) if change.kind != "added" else "", Cell(right) if change.kind != "removed" else ""]


def _marked(spans: Sequence[Span], change: ParagraphChange, kinds: set[str]) -> Text:
    """The spans of these kinds; words that came or went in marks, where not the whole paragraph did."""
    whole = change.kind in {"added", "removed"}
    right = reads_right_to_left("".join(span.text for span in spans))
    text = Text()
    for span in spans:
        if span.kind in kinds:
            plain = span.text.replace("\n", " ¶ ")
            text.append(plain if whole else _in_marks(span.kind, plain, right=right), style=_style(span, change))
    return text


def _in_marks(kind: str, plain: str, *, right: bool) -> str:
    if kind == "same" or not plain:
        return plain
    core = plain.strip(" ") or plain
    before, after = plain[: plain.index(core)], plain[plain.index(core) + len(core) :]
    inner = f"{RLI}{core}{PDI}" if right else isolated(core)
    return before + (f"[-{inner}-]" if kind == "removed" else f"{{+{inner}+}}") + after


def _style(span: Span, change: ParagraphChange) -> str:
    if span.kind == "same":
        return "cyan" if change.kind == "moved" else ""
    return "bold red" if span.kind == "removed" else "bold green"


def _credits(diff: VersionDiff) -> Iterator[RenderableType]:
    for sign, style, credits_ in (("-", "red", diff.credits_removed), ("+", "green", diff.credits_added)):
        for credit in credits_:
            words = f"{credit.role.replace('_', ' ')}: {isolated(credit.name)} (“{isolated(credit.text)}”)"
            yield Text.assemble((f"{sign} credit ", f"bold {style}"), words)
