"""From verified pairs to stories: average linkage over the articles that an arrival touches.

Connected components chain (one digest or one bridge glues ten stories: pair precision .94 on real news); here two groups
are joined only while at least half of the pairs across them match. The result depends on the articles and their links, not
on the order in which they came, except that only the stories touched by the arrival are looked at again.
"""

from collections.abc import Mapping, Sequence

import numpy as np

MERGE_SHARE = 0.5
"""Share of the pairs across two groups that must match before they become one."""


def partition(ids: Sequence[str], weights: Mapping[tuple[str, str], float]) -> list[list[str]]:
    """Groups ``ids``; ``weights`` holds the strength (0..1] of each matched pair, keys in either order.

    Groups and their members keep the order of ``ids``.
    """
    if len(ids) == 1:
        return [list(ids)]
    if len(ids) * (len(ids) - 1) // 2 == len(weights):
        return [list(ids)]
    return _average_linkage(list(ids), weights)


def _average_linkage(ids: list[str], weights: Mapping[tuple[str, str], float]) -> list[list[str]]:
    place = {article_id: i for i, article_id in enumerate(ids)}
    size = len(ids)
    matched = np.zeros((size, size))
    strength = np.zeros((size, size))
    for (a, b), weight in weights.items():
        i, j = place[a], place[b]
        matched[i, j] = matched[j, i] = 1.0
        strength[i, j] = strength[j, i] = weight
    groups: list[list[int]] = [[i] for i in range(size)]
    counts = np.ones(size)
    alive = np.ones(size, bool)
    while True:
        pairs = counts[:, None] * counts[None, :]
        score = np.where(matched / pairs >= MERGE_SHARE, strength / pairs, 0.0)
        np.fill_diagonal(score, 0.0)
        best = int(score.argmax())
        i, j = divmod(best, size)
        if score[i, j] <= 0.0:
            break
        i, j = min(i, j), max(i, j)
        groups[i] += groups[j]
        alive[j] = False
        counts[i] += counts[j]
        for table in (matched, strength):
            table[i] += table[j]
            table[:, i] = table[i]
            table[j] = 0.0
            table[:, j] = 0.0
    return [[ids[k] for k in sorted(groups[i])] for i in range(size) if alive[i]]
