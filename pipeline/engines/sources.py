"""One source of a backfill in a run's summary: what it held, and what became of that."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pipeline.steps.keep import Tally


@dataclass(slots=True, kw_only=True)
class SourceLine:
    """``found`` in all, of these ``known`` before, ``passed`` over (outside the bounds) and ``new``; ``entries`` counts what
    became of them in this run by ``fate/slug``.
    """

    name: str
    found: int = 0
    known: int = 0
    passed: int = 0
    new: int = 0
    share: float = 0.0
    """How much of it has been read, 0..1, as far as that can be told."""
    ended: bool = False
    entries: Counter[str] = field(default_factory=Counter)

    def add(self, tally: Tally) -> None:
        self.found += tally.found
        self.known += tally.known
        self.passed += tally.passed
        self.new += tally.new
        self.ended = self.ended or tally.ended
        self.share = 1.0 if self.ended else max(self.share, tally.share or 0.0)

    def of_fate(self, fate: str) -> dict[str, int]:
        """Slug → entries."""
        return {name.partition("/")[2]: n for name, n in self.entries.most_common() if name.startswith(fate + "/")}

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.name,
            "ended": self.ended,
            "found": self.found,
            "known": self.known,
            "out_of_range": self.passed,
            "new": self.new,
            "entries": dict(self.entries),
        }
