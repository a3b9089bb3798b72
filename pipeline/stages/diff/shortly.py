"""A diff in a few words: for trees, tables and pages."""

from collections.abc import Iterator

from pipeline.stages.diff.compare import VersionDiff


def in_short(diff: VersionDiff) -> str:
    """``headline changed, lead rewritten, −2 +1 paragraphs, 3 changed, 1 moved``; “word for word” where nothing did."""
    parts = list(_parts(diff))
    return ", ".join(parts) if parts else "word for word"


def _parts(diff: VersionDiff) -> Iterator[str]:
    if diff.headline_changed:
        yield "headline changed"
    if diff.lead != "same":
        yield "lead edited" if diff.lead == "changed" else "another lead"
    removed, added = diff.count("removed"), diff.count("added")
    if removed or added:
        signs = " ".join(sign for sign in (removed and f"−{removed}", added and f"+{added}") if sign)
        yield f"{signs} paragraph{'' if removed + added == 1 else 's'}"
    edited = sum(change.kind == "changed" and not change.wording_same for change in diff.paragraphs)
    if edited:
        yield f"{edited} paragraph{'' if edited == 1 else 's'} edited"
    if diff.count("moved"):
        yield f"{diff.count('moved')} moved"
    if not edited and any(change.kind == "changed" for change in diff.paragraphs):
        yield "other signs or breaks"
