"""What a version made of the one it is built on, in a few words: for the tree, the report and ``--json``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.cli.wording import isolated, out_at
from pipeline.stages.diff import VersionDiff, compare, in_short
from pipeline.stages.provenance import listed
from storage.records import Article, Credit, Story, Version

__all__ = ["Step", "as_record", "credit_words", "in_short", "steps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A version, the one it is built on (None for a root), and what it changed (None where a text is missing).

    ``credits``: what it says of its origin that the other does not, or that names the other. ``withdrawn``: its text was
    taken back, so there is nothing to compare.
    """

    version: Version
    parent: Version | None
    diff: VersionDiff | None
    credits: tuple[Credit, ...]
    withdrawn: bool = False


def steps(story: Story, articles: Mapping[str, Article]) -> list[Step]:
    """One step for each version, in the order of the story's versions."""
    versions = {version.article_id: version for version in story.versions}
    return [_step(version, versions.get(version.based_on or ""), articles) for version in story.versions]


def _step(version: Version, parent: Version | None, articles: Mapping[str, Article]) -> Step:
    mine, theirs = articles.get(version.article_id), articles.get(parent.article_id) if parent else None
    withdrawn = mine is not None and mine.status == "withdrawn"
    if mine is None or theirs is None or withdrawn or theirs.status == "withdrawn":
        credited = mine.credits if mine else ()
        return Step(version=version, parent=parent, diff=None, credits=credited, withdrawn=withdrawn)
    before = {(credit.role, credit.name) for credit in theirs.credits if credit.name != theirs.source.name}
    news = tuple(credit for credit in mine.credits if (credit.role, credit.name) not in before)
    return Step(version=version, parent=parent, diff=compare(theirs, mine), credits=news)


def credit_words(step: Step) -> str:
    """``credits NRT; picture: ARA News``. May be empty."""
    text = dict.fromkeys(credit.name for credit in step.credits if credit.role not in {"image", "author_org"})
    image = dict.fromkeys(credit.name for credit in step.credits if credit.role == "image")
    parts = [f"credits {listed([isolated(name) for name in text])}" if text else "", _picture(list(image))]
    return "; ".join(part for part in parts if part)


def _picture(names: list[str]) -> str:
    return f"picture: {listed([isolated(name) for name in names])}" if names else ""


def as_record(step: Step) -> dict[str, Any]:
    """The step for ``--json``: counts and seconds, no text."""
    diff, version = step.diff, step.version
    return {
        "article_id": version.article_id,
        "based_on": version.based_on,
        "delay_s": (out_at(version) - out_at(step.parent)).total_seconds() if step.parent else None,
        "headline_changed": diff.headline_changed if diff else None,
        "lead": diff.lead if diff else None,
        "paragraphs": {kind: diff.count(kind) for kind in ("same", "changed", "moved", "added", "removed")}
        if diff
        else None,
        "withdrawn": step.withdrawn,
        "credits": [{"role": credit.role, "name": credit.name, "text": credit.text} for credit in step.credits],
    }
