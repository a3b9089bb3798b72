"""The date that a page only shows: the line under its headline, as readers see it (pure).

Old templates declare nothing, and the general search answers on almost every page without a date. Under the headline, before
the first long text, stands the publication date and hardly ever another; a masthead's "today" stands above it.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from pipeline.stages.extract.document import Document, collapse
from pipeline.text.dates import ReadDate, read_date

NEXT_TEXTS = 25
"""Pieces of text looked at behind the headline: byline, section, share buttons; the date is among the first ten."""
STORY = 150
"""Characters that only a paragraph has: behind it dates are the story's, not the page's."""
_MOST_WORDS = 8
_LONGEST = 90
_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d|1[34]\d\d|[۰-۹٠-٩]{4})(?!\d)|\d[./]\d\d(?!\d)")
_LATER = re.compile(
    r"\b(?:updat|modif|edit|correct|aktualis|mis à jour|maj\b|actualiz|atualiz|aggiorn|güncel|обновл|оновл)|تحديث|به.?روز|"
    r"نوێ.?کر|更新|수정|copyright|©|event",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_HEADLINES = ("h1", "h2", "h3", "span", "div", "td", "b", "strong", "font", "p", "a")


def shown(document: Document, title: str | None, latest: datetime) -> tuple[str, ReadDate] | None:
    """The words and the instant they name, not after ``latest`` (aware UTC); None where none stands under the headline."""
    headline = _headline(document, title)
    if headline is None:
        return None
    for raw in islice(_texts_behind(headline), NEXT_TEXTS):
        text = collapse(raw)
        if len(text) > STORY:
            return None
        found = _date_in(text, latest)
        if found:
            return text[:80], found
    return None


def _headline(document: Document, title: str | None) -> Any:
    """The element that says the title; else the only <h1>."""
    wanted = _key(title or "")
    for element in document.iter(*_HEADLINES) if wanted else ():
        if element.text and _key(element.text) == wanted:
            return element
    headings = list(islice(document.iter("h1"), 2))
    return headings[0] if len(headings) == 1 else None


def _key(text: str) -> str:
    return "".join(_WORD.findall(text.casefold()))


def _texts_behind(element: Any) -> Iterator[str]:
    """What follows in reading order, piece by piece, without what is not shown or stands beside the article."""
    while element is not None and element.tag not in ("body", "html"):
        if element.tail and not element.tail.isspace():
            yield element.tail
        for sibling in element.itersiblings():
            if isinstance(sibling.tag, str):
                yield from _texts_of(sibling)
        element = element.getparent()


_HIDDEN = {"script", "style", "noscript", "template", "svg", "nav", "aside", "form", "select", "iframe", "footer"}


def _texts_of(element: Any) -> Iterator[str]:
    """Not by recursion: pages nest deeper than Python."""
    from lxml import etree

    walker = etree.iterwalk(element, events=("start", "end"))
    for event, node in walker:
        hidden = node.tag in _HIDDEN or not isinstance(node.tag, str)
        if event == "start" and hidden:
            walker.skip_subtree()
        text = node.tail if event == "end" else None if hidden else node.text
        if text and not text.isspace():
            yield text


def _date_in(text: str, latest: datetime) -> ReadDate | None:
    if not 6 <= len(text) <= _LONGEST or not _YEAR.search(text) or _LATER.search(text) or text[-1] in "!?…":
        return None
    if len(_WORD.findall(text)) > _MOST_WORDS:
        return None
    found = read_date(text, near=latest)
    return found if found and not found.ambiguous else None
