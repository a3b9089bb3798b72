"""Which paragraphs of one version are which paragraphs of the other.

    equal, in order ─▶ equal, elsewhere ─▶ similar ─▶ split or joined ─▶ in place or moved

Paragraphs are the lines of ``content_text``. A group says that lines ``[a)`` of one text became lines ``[b)`` of the other; a
newsroom that breaks one paragraph into three makes a group of one and three.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.stages.diff.sequences import matching
from pipeline.stages.diff.tokens import keys

ALIKE = 0.4
"""Dice coefficient of the words from which on two paragraphs are one that was edited."""

WITHIN = 0.75
"""Share of the shorter paragraph's words that stand in the longer one, from which on it was cut or extended."""

FEW_WORDS = 5
"""Shorter paragraphs are compared by Dice alone: three words stand in many a longer paragraph."""

COMMON = 40
"""A word that stands in more paragraphs than this does not propose pairs (live blogs repeat words in hundreds)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines ``[a_start, a_end)`` became lines ``[b_start, b_end)``."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    words: Counter[str]
    size: int


def align(a: Sequence[str], b: Sequence[str]) -> list[Group]:
    """The groups in the order of ``b``; lines in no group were removed or added."""
    pairs = {block.a_start + n: block.b_start + n for block in matching(a, b) for n in range(block.size)}
    pairs |= _elsewhere(a, b, pairs)
    rest_a = sorted(set(range(len(a))) - set(pairs))
    rest_b = sorted(set(range(len(b))) - set(pairs.values()))
    if rest_a or rest_b:
        lines_a, lines_b = _read(a, b)
        pairs |= _similar(lines_a, lines_b, rest_a, rest_b)
        return _Widening(lines_a, lines_b, pairs).groups()
    return sorted((Group(i, i + 1, j, j + 1) for i, j in pairs.items()), key=lambda group: group.b_start)


def _read(a: Sequence[str], b: Sequence[str]) -> tuple[list[_Line], list[_Line]]:
    read: dict[str, _Line] = {}
    for text in {*a, *b}:
        words = Counter(keys(text))
        read[text] = _Line(text, words, words.total())
    return [read[text] for text in a], [read[text] for text in b]


def _elsewhere(a: Sequence[str], b: Sequence[str], pairs: dict[int, int]) -> dict[int, int]:
    """Equal lines left over on both sides, the first with the first."""
    taken = set(pairs.values())
    waiting: dict[str, list[int]] = defaultdict(list)
    for j in reversed(range(len(b))):
        if j not in taken and b[j].strip():
            waiting[b[j]].append(j)
    return {i: waiting[text].pop() for i, text in enumerate(a) if i not in pairs and waiting.get(text)}


def _similar(a: list[_Line], b: list[_Line], rest_a: list[int], rest_b: list[int]) -> dict[int, int]:
    """The best pairs first; of equally good ones the one that keeps its place best, then the first."""
    scored = sorted(
        (-_likeness(a[i], b[j]), abs(i / len(a) - j / len(b)), i, j) for i, j in _proposed(a, b, rest_a, rest_b)
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for score, _, i, j in scored:
        if score < 0 and i not in found and j not in taken:
            found[i] = j
            taken.add(j)
    return found


def _proposed(a: list[_Line], b: list[_Line], rest_a: list[int], rest_b: list[int]) -> set[tuple[int, int]]:
    where: dict[str, list[int]] = defaultdict(list)
    for j in rest_b:
        for word in b[j].words:
            where[word].append(j)
    return {(i, j) for i in rest_a for word in a[i].words for j in where.get(word, ()) if len(where[word]) <= COMMON}


def _likeness(a: _Line, b: _Line) -> float:
    """0 for two different paragraphs, else how alike they are, 0..1."""
    shared = (a.words & b.words).total()
    dice = 2 * shared / ((a.size + b.size) or 1)
    smaller = min(a.size, b.size)
    within = shared / smaller if smaller >= FEW_WORDS else 0.0
    return dice if dice >= ALIKE else within * ALIKE if within >= WITHIN else 0.0


class _Widening:
    """Takes unmatched lines into a neighbouring group where they hold what the group's other side still lacks."""

    def __init__(self, a: list[_Line], b: list[_Line], pairs: dict[int, int]) -> None:
        self._a, self._b = a, b
        self._groups = {j: [i, i + 1, j, j + 1] for i, j in sorted(pairs.items(), key=lambda pair: pair[1])}
        self._of_a = {group[0]: group for group in self._groups.values()}
        self._of_b = {group[2]: group for group in self._groups.values()}

    def groups(self) -> list[Group]:
        for j in range(len(self._b)):
            self._widen(j, self._of_b, side=2)
        for j in reversed(range(len(self._b))):
            self._widen(j, self._of_b, side=2)
        for i in range(len(self._a)):
            self._widen(i, self._of_a, side=0)
        for i in reversed(range(len(self._a))):
            self._widen(i, self._of_a, side=0)
        return sorted((Group(*group) for group in self._groups.values()), key=lambda group: group.b_start)

    def _widen(self, line: int, of: dict[int, list[int]], side: int) -> None:
        if line in of:
            return
        for neighbour in (line - 1, line + 1):
            group = of.get(neighbour)
            if group is not None and self._belongs(line, group, side):
                group[side] = min(group[side], line)
                group[side + 1] = max(group[side + 1], line + 1)
                of[line] = group
                return

    def _belongs(self, line: int, group: list[int], side: int) -> bool:
        own, other = (self._a, self._b) if side == 0 else (self._b, self._a)
        far = 2 - side
        if group[far + 1] - group[far] > 1 or own[line].size < FEW_WORDS:
            return False
        lacking = _total(other[group[far] : group[far + 1]])
        lacking.subtract(_total(own[group[side] : group[side + 1]]))
        shared = (+lacking & own[line].words).total()
        return shared >= WITHIN * own[line].size


def _total(lines: list[_Line]) -> Counter[str]:
    total: Counter[str] = Counter()
    for line in lines:
        total.update(line.words)
    return total


def in_place(groups: Sequence[Group], weights: Sequence[int]) -> set[int]:
    """Indices of the groups that keep their order, as many words of them as possible; the others moved.

    The heaviest ascending chain over ``a_start`` (groups come in the order of ``b``), with a Fenwick tree of best chains.
    """
    rank = {start: n + 1 for n, start in enumerate(sorted(group.a_start for group in groups))}
    tree: list[tuple[int, int]] = [(0, -1)] * (len(groups) + 1)
    best_of: list[tuple[int, int]] = []
    for n, (group, weight) in enumerate(zip(groups, weights, strict=True)):
        total, before = _best_below(tree, rank[group.a_start] - 1)
        best_of.append((total + weight + 1, before))
        _raise(tree, rank[group.a_start], (total + weight + 1, n))
    return set(_chain(best_of))


def _best_below(tree: list[tuple[int, int]], place: int) -> tuple[int, int]:
    best = (0, -1)
    while place > 0:
        best = max(best, tree[place], key=lambda chain: chain[0])
        place -= place & -place
    return best


def _raise(tree: list[tuple[int, int]], place: int, chain: tuple[int, int]) -> None:
    while place < len(tree):
        tree[place] = max(tree[place], chain, key=lambda entry: entry[0])
        place += place & -place


def _chain(best_of: list[tuple[int, int]]) -> Iterator[int]:
    n = max(range(len(best_of)), key=lambda index: best_of[index][0], default=-1)
    while n >= 0:
        yield n
        n = best_of[n][1]
