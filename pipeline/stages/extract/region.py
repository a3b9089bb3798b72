"""Where on the page a line of the body stands: the first and last lines that lie outside the story's own box are not it.

The story's box is the deepest element that holds two thirds of the body's words. Standfirsts, "about the company", author's
notes and prompts are set beside that box, not in it; a story's own first and last paragraphs are set inside. Measured on 102
pages: F1 .9742 → .978, exact .42 → .46, pages with Jaccard >= .8 from 92 to 95 %, one page worse by more than .01; the same
as a vote of readability on every page, at a tenth of its cost.
"""

import re
from collections.abc import Sequence
from typing import Any

SHARE = 2 / 3
ENDS = 4
"""Lines looked at from either end. Inside, a line outside the box is a pull quote or a second container: kept."""
KEPT = 0.6
"""At least this share of the words stays, or nothing is cut."""

_WORD = re.compile(r"\w+")
_KEY = 100
_OTHERS = (
    "li",
    "h2",
    "h3",
    "h4",
    "h5",
    "blockquote",
    "div",
    "span",
    "em",
    "strong",
    "td",
    "h1",
    "i",
    "b",
    "small",
    "section",
)


def without_outside(tree: Any, lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """What stays and what goes."""
    cut = set(outside(tree, lines))
    return [line for index, line in enumerate(lines) if index not in cut], [lines[index] for index in sorted(cut)]


def outside(tree: Any, lines: Sequence[str]) -> list[int]:
    """Indices of end lines that lie outside the story's box; empty where the box cannot be told."""
    places = _paragraphs(tree, lines)
    words = {index: len(lines[index].split()) for index in range(len(lines))}
    found = sum(words[index] for index in places)
    if not found or found < sum(words.values()) / 2:
        return []
    box = _box(places, words, found * SHARE)
    if box is None:
        return []
    ends = {*range(min(ENDS, len(lines))), *range(max(0, len(lines) - ENDS), len(lines))}
    _find_others(tree, lines, places, ends - places.keys())
    cut = [
        index for index in sorted(ends & places.keys()) if not any(_within(box, element) for element in places[index])
    ]
    left = sum(words.values()) - sum(words[index] for index in cut)
    return cut if left >= KEPT * sum(words.values()) else []


def _paragraphs(tree: Any, lines: Sequence[str]) -> dict[int, list[Any]]:
    """Line → the <p> elements that say it."""
    wanted = {_key(line): index for index, line in enumerate(lines)}
    places: dict[int, list[Any]] = {}
    for element in tree.iter("p"):
        index = wanted.get(_key("".join(element.itertext())))
        if index is not None:
            places.setdefault(index, []).append(element)
    return places


def _find_others(tree: Any, lines: Sequence[str], places: dict[int, list[Any]], missing: set[int]) -> None:
    """End lines that stand in no <p>: any element that begins with the same words and says the same."""
    starts = {lines[index].lstrip("-– ")[:12]: index for index in missing if _key(lines[index])}
    if not starts:
        return
    for element in tree.iter(*_OTHERS):
        text = element.text
        index = starts.get(" ".join(text.split())[:12]) if text and not text.isspace() else None
        if index is not None and _key("".join(element.itertext())) == _key(lines[index]):
            places.setdefault(index, []).append(element)


def _box(places: dict[int, list[Any]], words: dict[int, int], enough: float) -> Any:
    held: dict[Any, int] = {}
    for index, elements in places.items():
        for ancestor in {ancestor for element in elements for ancestor in element.iterancestors()}:
            held[ancestor] = held.get(ancestor, 0) + words[index]
    boxes = [element for element, count in held.items() if count >= enough]
    return max(boxes, key=_depth, default=None)


def _depth(element: Any) -> int:
    return sum(1 for _ in element.iterancestors())


def _within(box: Any, element: Any) -> bool:
    return any(ancestor is box for ancestor in element.iterancestors())


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))[:_KEY]
