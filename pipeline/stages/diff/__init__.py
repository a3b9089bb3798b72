"""What two texts have in common and what distinguishes them: for people to read, and for ``related`` to count. Pure.

compare(a, b) ─▶ VersionDiff (headline, lead, paragraphs added, removed, changed, moved, word by word, credits)
shared_passages(a, b) ─▶ the runs of twelve words and more that stand in both
"""

from pipeline.stages.diff.compare import ParagraphChange, VersionDiff, apply, changes, compare
from pipeline.stages.diff.passages import Passage, shared_passages
from pipeline.stages.diff.shortly import in_short
from pipeline.stages.diff.spans import Span, spans, text_of

__all__ = [
    "ParagraphChange",
    "Passage",
    "Span",
    "VersionDiff",
    "apply",
    "changes",
    "compare",
    "in_short",
    "shared_passages",
    "spans",
    "text_of",
]
