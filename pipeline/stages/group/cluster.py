"""From verified pairs to stories: average linkage over the articles that an arrival touches.

Connected components chain (one digest or one bridge glues ten stories: pair precision .94 on real news); here two groups
are joined only while at least half of the pairs across them match. The result depends on the articles and their links, not
on the order in which they came, except that only the stories touched by the arrival are looked at again.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MERGE_SHARE = 0.5
"""Share of the pairs across two groups that must match before they become one."""


LEAF_SHARE = 0.1
"""Share of a group's members that an excerpt must match to be filed with them: a teaser fits one version of ten."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The verified pairs among some articles.

    - ``weights``: the strength (0..1] of each matched pair, keys in either order.
    - ``inside``: pairs (small, large) where nearly all of the small text stands in the large one.
    - ``apart``: pairs, in both orders, that must not come into one group.
    """

    weights: Mapping[Pair, float]
    inside: AbstractSet[Pair] = frozenset()
    apart: AbstractSet[Pair] = frozenset()

    def weight(self, a: str, b: str) -> float:
        return self.weights.get((a, b)) or self.weights.get((b, a), 0.0)


def partition(ids: Sequence[str], graph: Graph) -> list[list[str]]:
    """Groups ``ids``. Small texts that stand in large ones are filed last, each with the group of its strongest large one,
    so that a teaser does not decide what belongs together.
    """
    if len(ids) * (len(ids) - 1) // 2 == len(graph.weights):
        return [list(ids)]
    leaves = {small for small, _ in graph.inside}
    groups = _average_linkage([[i] for i in ids if i not in leaves], graph)
    if leaves:
        left = _file_leaves(groups, leaves, graph)
        groups = _average_linkage(groups + [[i] for i in left], graph)
    return groups


def _file_leaves(groups: list[list[str]], leaves: AbstractSet[str], graph: Graph) -> list[str]:
    """Puts leaves into ``groups``; those that fit nowhere are returned."""
    group_of = {i: group for group in groups for i in group}
    cores = {id(group): tuple(group) for group in groups}
    homes: dict[str, tuple[float, str]] = {}
    for small, large in graph.inside:
        if large in group_of:
            homes[small] = max(homes.get(small, (0.0, "")), (graph.weight(small, large), large))
    left = [leaf for leaf in leaves if leaf not in homes]
    for leaf in sorted(homes, key=lambda i: (homes[i][0], i), reverse=True):
        home = group_of[homes[leaf][1]]
        if _fits(leaf, cores[id(home)], graph) and not any((leaf, i) in graph.apart for i in home):
            home.append(leaf)
        else:
            left.append(leaf)
    return sorted(left)


def _fits(leaf: str, core: Sequence[str], graph: Graph) -> bool:
    return sum(graph.weight(leaf, i) > 0.0 for i in core) >= LEAF_SHARE * len(core)


def _average_linkage(groups: list[list[str]], graph: Graph) -> list[list[str]]:
    """Joins the two groups with the strongest average link while at least half of the pairs across them match."""
    groups = [list(g) for g in groups]
    matched, strength = _tables(groups, graph)
    counts = np.array([len(g) for g in groups], np.float64)
    size = len(groups)
    while size > 1:
        pairs = counts[:, None] * counts[None, :]
        score = np.where(matched >= MERGE_SHARE * pairs, strength / pairs, 0.0)
        i, j = sorted(divmod(int(score.argmax()), size))
        if score[i, j] <= 0.0:
            break
        groups[i] += groups[j]
        groups[j] = []
        counts[i] += counts[j]
        for table in (matched, strength):
            table[i] += table[j]
            table[:, i] = table[i]
            table[i, i] = 0.0
            table[j] = 0.0
            table[:, j] = 0.0
    return [g for g in groups if g]


def _tables(groups: list[list[str]], graph: Graph) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Matched pairs and their summed strength between groups; minus infinity where two must stay apart."""
    size = len(groups)
    place = {article_id: i for i, group in enumerate(groups) for article_id in group}
    matched = np.zeros((size, size))
    strength = np.zeros((size, size))
    for (a, b), weight in graph.weights.items():
        i, j = place.get(a, -1), place.get(b, -1)
        if i >= 0 <= j and i != j:
            matched[i, j] = matched[j, i] = matched[i, j] + 1.0
            strength[i, j] = strength[j, i] = strength[i, j] + weight
    for a, b in graph.apart:
        if a in place and b in place:
            matched[place[a], place[b]] = -np.inf
    return matched, strength
