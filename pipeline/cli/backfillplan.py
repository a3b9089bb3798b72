"""What ``backfill --dry-run`` shows."""

from typing import TYPE_CHECKING

from pipeline.cli.summary import new_table
from pipeline.cli.terminal import console, count, duration, emit, show_table

if TYPE_CHECKING:
    from pipeline.engines.plan import Plan, SourcePlan


def show(plan: "Plan", *, as_json: bool) -> None:
    """Writes the plan to stdout."""
    if as_json:
        emit(plan.to_json())
        return
    table = new_table("source", "seen", "known", "out of range", "new", "in all, about")
    for source in plan.sources:
        cells = (source.name, source.found, source.known, source.passed, source.new, _in_all(source))
        table.add_row(*map(str, cells))
    show_table(table)
    for sentence in sentences(plan):
        console().print(sentence, soft_wrap=True, markup=False)


def sentences(plan: "Plan") -> list[str]:
    """What the numbers amount to."""
    at_least = "at least " if plan.at_least else "about "
    told = [f"{at_least}{count(plan.pages, 'page')} to fetch, {at_least}{duration(plan.seconds)} at the polite rate"]
    if plan.host is not None:
        told[0] += f" of {plan.host}"
    supplied = round(sum(source.supplied * source.factor for source in plan.sources))
    if supplied:
        told.append(f"{at_least}{count(supplied, 'article')} that bring their text: nothing is fetched for them")
    if plan.waiting:
        told.append(f"{count(plan.waiting, 'entry', 'entries')} of earlier runs still waiting come first")
    told += [f"problem: {problem}" for problem in plan.problems]
    return [*told, "nothing was written; without --dry-run it begins"]


def _in_all(source: "SourcePlan") -> str:
    if source.whole:
        return str(source.new)
    return f"{source.new * source.factor:.0f}" if source.share else f"more than {source.new}"
