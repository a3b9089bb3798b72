"""The labelled sets beside the checkout (../shared/data/near-duplicates): reading, grouping, scoring.

The scoring is that of the sets' own ``score_groups.py``, over pairs given as data instead of files.
"""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from pipeline.settings import GroupSettings
from pipeline.stages.group import Grouper, Offline, Prepared, Subject, prepare

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "near-duplicates"
SETS = ("prov", "allsides", "reuters", "basil")

Pair = tuple[str, str]
Gold = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Pairs after grouping. ``bcubed`` is lenient: precision against story lines, recall against copies."""

    precision: float
    recall: float
    false_stories: int
    missed: int
    largest: int
    teaser_recall: float | None
    bcubed: float | None

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read(name: str) -> tuple[list[Subject], Gold]:
    with gzip.open(FOLDER / f"{name}.docs.jsonl.gz", "rt") as lines:
        subjects = [subject(json.loads(line)) for line in lines]
    return subjects, json.loads((FOLDER / f"{name}.gold.json").read_text())


def subject(row: dict[str, Any]) -> Subject:
    raw = row.get("date_published")
    time = datetime.fromisoformat(raw) if raw else None
    return Subject(
        article_id=str(row["id"]),
        site=(row.get("source") or {}).get("domain") or "",
        title=row.get("title"),
        text=row["content_text"],
        language=row.get("language"),
        event_time=(time if time is None or time.tzinfo else time.replace(tzinfo=UTC))
        or datetime(1970, 1, 1, tzinfo=UTC),
        dated=time is not None,
    )


def by_date(prepared: Iterable[Prepared]) -> list[Prepared]:
    """Dated ones by date, then those without one, in the file's order."""
    return sorted(prepared, key=lambda p: (not p.subject.dated, p.subject.event_time))


def shuffled(prepared: Sequence[Prepared], seed: int) -> list[Prepared]:
    return random.Random(seed).sample(prepared, len(prepared))


def prepared(subjects: Iterable[Subject]) -> list[Prepared]:
    return [prepare(s) for s in subjects]


def group(articles: Iterable[Prepared], settings: GroupSettings | None = None) -> dict[str, str]:
    """Article id → story id, after the last article."""
    grouper, memory = Grouper(settings or GroupSettings()), Offline()
    ids = []
    for article in articles:
        grouper.place(article, memory)
        ids.append(article.subject.article_id)
    return {i: memory.fingerprints.story_of(i) for i in ids}


def score(stories: dict[str, str], gold: Gold, only: set[str] | None = None) -> Score:
    """``only``: score these articles alone (a part of the set)."""
    stories = {i: s for i, s in stories.items() if only is None or i in only}
    duplicates, ignored = _pairs(gold, "dup", stories), _pairs(gold, "ignore", stories)
    members = defaultdict(list)
    for article_id, story in stories.items():
        members[story].append(article_id)
    found = {_pair(a, b) for ids in members.values() for a, b in combinations(ids, 2)} - ignored
    right = found & duplicates
    teasers = {p for p in duplicates if set(p) & set(gold.get("teaser", {}))}
    return Score(
        precision=len(right) / len(found) if found else 1.0,
        recall=len(right) / len(duplicates) if duplicates else 1.0,
        false_stories=len({stories[a] for a, _ in found - duplicates}),
        missed=len(duplicates - found),
        largest=max(map(len, members.values()), default=0),
        teaser_recall=len(found & teasers) / len(teasers) if teasers else None,
        bcubed=_bcubed(stories, gold) if "chain" in gold else None,
    )


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def _pairs(gold: Gold, kind: str, stories: dict[str, str]) -> set[Pair]:
    pairs = {_pair(str(a), str(b)) for a, b in gold.get(kind, [])}
    return {p for p in pairs if p[0] in stories and p[1] in stories}


def _bcubed(stories: dict[str, str], gold: Gold) -> float:
    known = {i: s for i, s in stories.items() if i in gold["chain"]}
    precision = _share(known, {i: gold["chain"][i] for i in known})
    recall = _share({i: gold["strict"][i] for i in known}, known)
    return 2 * precision * recall / (precision + recall)


def _share(mine: dict[str, str], theirs: dict[str, str]) -> float:
    members, other = defaultdict(set), defaultdict(set)
    for i in mine:
        members[mine[i]].add(i)
        other[theirs[i]].add(i)
    return sum(len(members[mine[i]] & other[theirs[i]]) / len(members[mine[i]]) for i in mine) / len(mine)


def half(gold: Gold, ids: Iterable[str], which: int) -> set[str]:
    """One half of a set, cut along labelled pairs: articles that a label connects fall into the same half."""
    parent = {i: i for i in ids}

    def root(i: str) -> str:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for kind in ("dup", "ignore", "not"):
        for a, b in gold.get(kind, []):
            if str(a) in parent and str(b) in parent:
                parent[max(root(str(a)), root(str(b)))] = min(root(str(a)), root(str(b)))
    return {i for i in parent if random.Random(root(i)).random() < 0.5 if which == 0} | {
        i for i in parent if random.Random(root(i)).random() >= 0.5 if which == 1
    }
