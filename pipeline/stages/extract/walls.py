"""Whether what was found is enough to be an article, and when the feed's own text serves better (pure)."""

import re
from collections.abc import Sequence

from pipeline.stages.extract.body import html_to_lines
from pipeline.stages.extract.document import Document
from storage.records import Entry

_WORD = re.compile(r"[^\W\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LETTERS_A_WORD = 2
"""Characters that make about a word where words are not spaced (Chinese 1.6, Japanese 2.2, Thai 4: a rough "
"middle)."""

FULLER = 1.25
SHARED = 0.6


def words_in(lines: Sequence[str]) -> int:
    text = "\n".join(lines)
    return len(text.split()) + (0 if text.isascii() else len(_UNSPACED.findall(text)) // _LETTERS_A_WORD)


def linked_share(document: Document, lines: Sequence[str]) -> float:
    """Share of the body's characters that stand in lines which are nothing but a link's text."""
    links = {"".join("".join(link.itertext()).split()) for link in document.iter("a")}
    flat = ["".join(line.lstrip("-• ").split()) for line in lines]
    total = sum(map(len, flat))
    return sum(len(line) for line in flat if line in links) / total if total else 0.0


def feed_lines(entry: Entry | None) -> list[str]:
    """The text that the feed carries itself: its content, or its summary."""
    html = (entry.content_html or entry.summary or "") if entry else ""
    return list(html_to_lines(html)) if html.strip() else []


def feed_is_better(page: Sequence[str], feed: Sequence[str]) -> bool:
    """Fuller by a quarter, and holding most of what the page has: the page was cut (teaser, wall), not the feed."""
    have, other = words_in(page), words_in(feed)
    if other < have * FULLER:
        return False
    known = set(_WORD.findall("\n".join(feed).casefold()))
    told = _WORD.findall("\n".join(page).casefold())
    return not told or sum(word in known for word in told) / len(told) >= SHARED
