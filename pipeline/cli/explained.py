"""``stories explain``: why two articles are, or are not, versions of one story."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.cli.storypage import passage_line
from pipeline.cli.tables import heading, named
from pipeline.cli.wording import RELATIONS, percent
from pipeline.errors import ConfigError
from pipeline.settings import GroupSettings
from pipeline.stages.diff import Passage
from pipeline.stages.group import Evidence, Explanation
from pipeline.stages.provenance import counted
from storage.records import Article
from storage.store import Store


class Explainer(Protocol):
    """What grouping says of a pair: its ``Grouper``, over the ids of two articles and a store to read."""

    def explain(self, a: str, b: str, memory: Any, /) -> Explanation | None: ...


CHANNELS = {
    "same_words": "their words are the same",
    "bands": "their signatures meet in an LSH band",
    "sample": "their samples share shingles (the containment channel)",
}
PASSAGES_SHOWN = 5
UNRELATED = "unrelated"
NOTHING_IN_COMMON = 0.02
"""Below this share of either text what two articles share is a name or a turn of phrase."""


def explanation_of(grouper: object, a: Article, b: Article, store: Store) -> Explanation:
    """Why ``a`` and ``b`` are, or are not, together, as grouping says it; the measures in the order that was asked for."""
    found = cast("Explainer", grouper).explain(a.id, b.id, store)
    if found is None:
        raise ConfigError(
            f"{a.id}, {b.id}: one of them was never compared (withdrawn, the same article, or kept by another version);"
            " `wirefold store rebuild` compares everything anew"
        )
    rows = store.fingerprints.get([a.id, b.id])
    turned = rows[a.id].arrival < rows[b.id].arrival  # grouping measures the article that came later against the other
    return _without_a_rule(replace(found, evidence=_turned(found.evidence)) if turned else found)


def _turned(e: Evidence | None) -> Evidence | None:
    if e is None:
        return None
    return replace(e, a_shingles=e.b_shingles, b_shingles=e.a_shingles, a_words=e.b_words, b_words=e.a_words)


def _without_a_rule(found: Explanation) -> Explanation:
    """For a pair that nothing led grouping to compare: a rule that tells copies from look-alikes says nothing of it."""
    e, verdict = found.evidence, found.verdict
    alike = found.channel is not None or verdict.relation is not None or verdict.related or found.together
    if alike or e is None or e.containment >= NOTHING_IN_COMMON:
        return found
    said = f"Rule `{UNRELATED}`: they have nothing in common."
    sentences = tuple(said if sentence.startswith("Rule `") else sentence for sentence in found.sentences)
    return replace(found, verdict=replace(verdict, rule=UNRELATED), sentences=sentences)


def explanation_page(
    a: Article, b: Article, explanation: Explanation, passages: Sequence[Passage], settings: GroupSettings
) -> RenderableType:
    """The verdict, what decided it, the measures beside what they needed, the shared passages."""
    parts: list[RenderableType] = [_pair(a, b), Text(), _verdict(explanation)]
    parts += [Padding(Text(f"• {sentence}"), (0, 0, 0, 2)) for sentence in explanation.sentences]
    channel = CHANNELS.get(explanation.channel or "", "nothing in the index leads from one to the other")
    parts.append(
        Padding(Text(f"found because {channel}" if explanation.channel else channel, style="dim"), (0, 0, 0, 2))
    )
    if explanation.evidence is not None:
        parts += [heading("Measures"), _measures(explanation.evidence, settings)]
    parts.append(heading(f"{counted(len(passages), 'shared passage')} of twelve words and more"))
    longest = sorted(passages, key=lambda passage: -passage.words)
    parts += [Padding(passage_line(passage), (0, 0, 0, 2)) for passage in longest[:PASSAGES_SHOWN]]
    return Group(*parts)


def _pair(a: Article, b: Article) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    table.add_row("A", named(a, a.id))
    table.add_row("B", named(b, b.id))
    return table


def _verdict(explanation: Explanation) -> Text:
    verdict = explanation.verdict
    text = Text("together", style="bold green") if explanation.together else Text("not together", style="bold red")
    nothing = "nothing in common" if verdict.rule == UNRELATED else ""
    relation = RELATIONS.get(verdict.relation or "", "shares material" if verdict.related else nothing)
    return text.append(f"{': ' + relation if relation else ''}  (rule: {verdict.rule})", style="not bold default")


def _measures(e: Evidence, settings: GroupSettings) -> RenderableType:
    table = Table.grid(padding=(0, 3, 0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for name, value, needed, passed in _rows(e, settings):
        sign = "" if passed is None else "✓ " if passed else "✗ "
        style = "" if passed is None else "green" if passed else "red"
        table.add_row(name, value, Text(sign, style=style).append(needed, style="dim"))
    return table


def _rows(e: Evidence, s: GroupSettings) -> Iterator[tuple[str, str, str, bool | None]]:
    """(measure, value, what the general rule needs, whether it has it)."""
    yield "similarity", percent(e.similarity), f"{percent(s.similarity)} makes a copy", e.similarity >= s.similarity
    contained = e.containment >= s.containment
    yield "A stands in B", percent(e.a_in_b), f"{percent(s.containment)} of one makes an excerpt", contained
    yield "B stands in A", percent(e.b_in_a), "", None
    needed = f"with {s.min_shared_shingles} shingles and more"
    yield "shared shingles", f"{e.shared:,}", needed, e.shared >= s.min_shared_shingles
    yield "words", f"{e.a_words:,} and {e.b_words:,}", "", None
    yield "shared runs", f"{e.passages:,} of {e.passage_words:,} words", "", None
    yield "titles", percent(e.title), "words of the shorter title that stand in the other", None
    yield "numbers", percent(e.numbers), "numbers of the text with fewer that stand in the other", None
    yield (
        "time between",
        "unknown" if e.gap_days is None else f"{e.gap_days:.1f} days",
        f"window {s.window_days:g} days",
        (None if e.gap_days is None else e.gap_days <= s.window_days),
    )
    yield "same site", "yes" if e.same_site else "no", "a site's own follow-ups need more" if e.same_site else "", None


def as_record(a: Article, b: Article, explanation: Explanation, passages: Sequence[Passage]) -> dict[str, Any]:
    """For ``--json``."""
    e = explanation.evidence
    return {
        "a": a.id,
        "b": b.id,
        "together": explanation.together,
        "relation": explanation.verdict.relation,
        "related": explanation.verdict.related,
        "rule": explanation.verdict.rule,
        "channel": explanation.channel,
        "similarity": e.similarity if e else None,
        "a_in_b": e.a_in_b if e else None,
        "b_in_a": e.b_in_a if e else None,
        "shared_shingles": e.shared if e else None,
        "sentences": list(explanation.sentences),
        "passages": [{"text": p.text, "words": p.words, "a_start": p.a_start, "b_start": p.b_start} for p in passages],
    }
