"""How near a text is to the true body: the measure of scrapinghub/article-extraction-benchmark, and what grouping needs."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

TOKEN = re.compile(r"\w+")
SHINGLE = 4
GROUPING_SHINGLE = 5


@dataclass(frozen=True)
class Scores:
    f1: float
    precision: float
    recall: float
    exact: float
    close: float
    """Share of pages with a Jaccard of at least .8."""
    median_f1: float = 0.0
    """The median over the pages of each page's own F1."""


def score(truth: Sequence[str], found: Sequence[str]) -> Scores:
    pairs = list(zip(truth, found, strict=True))
    each = [precision_recall(true, text) for true, text in pairs]
    precision = sum(p for p, _ in each) / len(each)
    recall = sum(r for _, r in each) / len(each)
    exact = sum(TOKEN.findall(true) == TOKEN.findall(text) for true, text in pairs) / len(pairs)
    close = sum(jaccard(true, text) >= 0.8 for true, text in pairs) / len(pairs)
    return Scores(f1_of(precision, recall), precision, recall, exact, close, median(f1_of(p, r) for p, r in each))


def precision_recall(true: str, text: str) -> tuple[float, float]:
    wanted, have = _shingles(true, SHINGLE), _shingles(text, SHINGLE)
    shared = sum((wanted & have).values())
    if wanted == have:
        return 1.0, 1.0
    return (shared / sum(have.values()) if have else 0.0), (shared / sum(wanted.values()) if wanted else 0.0)


def f1_of(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def jaccard(true: str, text: str) -> float:
    a, b = set(_shingles(true.lower(), GROUPING_SHINGLE)), set(_shingles(text.lower(), GROUPING_SHINGLE))
    return len(a & b) / len(a | b) if a | b else 1.0


def _shingles(text: str, width: int) -> Counter[tuple[str, ...]]:
    tokens = TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + width]) for i in range(max(1, len(tokens) - width + 1)))
