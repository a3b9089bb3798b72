"""The article's text: trafilatura first, checked by a recall net, replaced where the two are far apart.

    trafilatura (fast) ─▶ enough of the page's <p>? ─ yes ─▶ lines
                                 │ no
                          enough of resiliparse's text? ─ yes ─▶ lines
                                 │ no
                          trafilatura with its recall retry, or readability ─▶ lines

Measured on 102 real pages, F1 and CPU: trafilatura's default .954 at 16 ms; its fast mode .959 at 8 ms (the default compares
with its own port of readability, which costs 5 ms and chose worse more often than better); without its recall retry the same
text on every page at 6 ms. The two gates flag 10 of the 102 pages, and what follows lifts F1 to .968.
"""

import logging
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pipeline.stages.extract.document import Document

if TYPE_CHECKING:
    from lxml.etree import XPath
    from trafilatura.settings import Extractor

_MACHINERY = ("script", "style", "svg", "iframe", "template", "noscript", "head")
# Trafilatura takes these away itself, element by element, after its expressions have walked over them; one C pass before it
# gave the same text on 101 of 102 pages (the other one was all menu) and saves a fifth of its time.
_NEVER_TEXT = (
    "nav", "footer", "aside", "embed", "object", "applet", "audio", "canvas", "map", "picture", "video", "area", "button",
    "datalist", "dialog", "input", "select", "optgroup", "option", "textarea", "source", "track", "param", "progress",
)  # fmt: skip
_TOKEN = re.compile(r"\w+")
# Stand-ins that no living text uses (Egyptian hieroglyphs), printable and letters.
_JOINERS_SHOWN = {0x200C: "\U0001342d", 0x200D: "\U0001342e"}
_JOINERS_BACK = {0x1342D: "\u200c", 0x1342E: "\u200d"}

SHORTEST = 40
"""Characters below which trafilatura's own rescue may take over."""
BRIEF = 80
"""Words below which even an ungated body is compared with the recall net: it may have missed the article."""
PARAGRAPH_WORDS = 8
"""Shorter <p> are captions, dates and buttons."""
TOO_LITTLE = 0.85
TOO_MUCH = 2.5
"""Words of the body over words of the page's paragraphs: outside this the second gate is asked (26 of 102 pages)."""
NET_LITTLE = 0.8
NET_MUCH = 1.6
"""Words over those of resiliparse (recall .98, precision .86): outside this the page is flagged (14 of 102)."""
FILL = 1.5
"""Readability's text must be this much longer to replace a body that lacks something: less is captions and teasers."""
CONFIRMED = 0.8
"""Share of a line's words that the recall net must know: readability's other lines are dropped."""
MANY_BRIEF = 0.4
MANY_LINKS = 0.2
"""Shares of a body's lines that are brief, and that are links: beyond both, the page was not cut (one of 102 real pages,
.978 → 1.0; the largest share of links among the pages rightly cut and this brief is .09)."""
CELL = 400
"""Characters in a table's row that only a page laid out in tables has."""
PROSE_KEPT = 0.6
"""Of the words in longer lines that readability must have kept; links and teasers may be long too."""
ONE_ARTICLE = 2
"""More <article> elements than this: a list of posts, where the longer text is the next post's."""

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("readability").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """Paragraphs in order; ``method`` names who supplied them; ``notes`` what was decided."""

    lines: tuple[str, ...]
    method: str
    notes: tuple[str, ...] = ()


def count(text: str) -> int:
    return len(_TOKEN.findall(text))


def total(lines: tuple[str, ...]) -> int:
    return count("\n".join(lines))


def strip_machinery(document: Document) -> None:
    """Takes away what holds no visible text; the declarations in it must have been read."""
    from lxml import etree

    etree.strip_elements(document.tree, *_MACHINERY, with_tail=False)


def cheap(document: Document) -> Body:
    """Resiliparse alone: linear, 1 ms a page; for pages beyond the bounds and for a second try."""
    if document.deep:
        return Body(
            _plain_paragraphs(document.tree), "paragraphs", ("nested beyond reason: its paragraphs as they stand",)
        )
    return Body(_net(document), "resiliparse")


def full(document: Document, *, gated: bool = True) -> Body:
    """Trafilatura's text, behind the two gates (if not ``gated``: behind the second, for briefs only).

    Takes elements without text from the tree.
    """
    try:
        return _full(document, gated=gated)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - recursion, and whatever else a hostile tree makes a library raise
        found = cheap(document)
        return Body(found.lines, found.method, (f"{type(error).__name__} in the extractors", *found.notes))


def _full(document: Document, *, gated: bool) -> Body:
    from lxml import etree

    paragraphs = _paragraph_words(document.tree) if gated else 0
    etree.strip_elements(document.tree, *_NEVER_TEXT, with_tail=False)
    main = trafilatura(document.tree)
    story = () if document.deep else _cut_out(document.tree, main)
    if story:
        return Body(story, "readability", (f"{len(main)} lines, many of them links: the page was not cut",))
    have = total(main)
    if document.deep or (have >= BRIEF and not gated):
        return Body(main, "trafilatura")
    if have and gated and paragraphs * TOO_LITTLE <= have <= paragraphs * TOO_MUCH:
        return Body(main, "trafilatura")
    net = _net(document)
    wanted = total(net)
    if wanted * NET_LITTLE <= have <= wanted * NET_MUCH:
        return Body(main, "trafilatura", (f"trafilatura {have} words, resiliparse {wanted}: agreed",))
    return _settle(document.tree, main, net)


def _cut_out(tree: Any, main: tuple[str, ...]) -> tuple[str, ...]:
    """Readability's cut of a page that trafilatura left whole, menus and all; empty where the page is no such page.

    So it is with layouts of nothing but <div>: the recall net, which keeps as much, agrees with the whole.
    """
    layout = any(line.startswith("|") and len(line) > CELL for line in main)
    if not layout and not _holds_menus(tree, main):
        return ()
    prose = total(tuple(line for line in main if len(line.split()) >= PARAGRAPH_WORDS))
    story = readability(tree)
    return story if prose * PROSE_KEPT <= total(story) and (layout or total(story) < total(main)) else ()


def _holds_menus(tree: Any, lines: tuple[str, ...]) -> bool:
    brief = sum(len(line.split()) < PARAGRAPH_WORDS for line in lines)
    return brief >= len(lines) * MANY_BRIEF and _linked(tree, lines) >= max(1, len(lines) * MANY_LINKS)


def _linked(tree: Any, lines: tuple[str, ...]) -> int:
    """How many lines are nothing but a link's text."""
    links = {"".join("".join(link.itertext()).split()) for link in tree.iter("a")}
    return sum("".join(line.split()) in links for line in lines)


def _plain_paragraphs(tree: Any) -> tuple[str, ...]:
    return lines_of("\n".join("".join(element.itertext()) for element in tree.iter("p")))


def _paragraph_words(tree: Any) -> int:
    outside = ("nav", "aside", "footer", "form", "figure")
    words = 0
    for element in tree.iter("p"):
        length = len("".join(element.itertext()).split())
        if length >= PARAGRAPH_WORDS and next(element.iterancestors(*outside), None) is None:
            words += length
    return words


def _settle(tree: Any, main: tuple[str, ...], net: tuple[str, ...]) -> Body:
    """Trafilatura and the recall net are far apart: its own recall retry, or readability as far as the net confirms it."""
    have, wanted = total(main), total(net)
    note = f"trafilatura {have} words, resiliparse {wanted}: far apart"
    if have < wanted * NET_LITTLE:
        retried = trafilatura(tree, retry=True)
        if max(have, wanted * NET_LITTLE) <= total(retried) <= wanted * NET_MUCH:
            return Body(retried, "trafilatura", (note, f"its recall retry's {total(retried)} words taken"))
    third = _confirmed(readability(tree), net)
    words = total(third)
    if have > wanted * NET_MUCH and words:
        return Body(third, "readability", (note, f"readability's {words} words taken: the page was not cut at all"))
    posts = sum(1 for _ in tree.iter("article"))
    if have < wanted * NET_LITTLE and words > have * FILL and (posts <= ONE_ARTICLE or not have):
        return Body(third, "readability", (note, f"readability's {words} words taken: text was missing"))
    return Body(main, "trafilatura", (note, f"readability's {words} words did not speak against it"))


def _confirmed(lines: tuple[str, ...], net: tuple[str, ...]) -> tuple[str, ...]:
    known = set(_TOKEN.findall("\n".join(net)))
    return tuple(line for line in lines if _share(line, known) >= CONFIRMED)


def _share(line: str, known: set[str]) -> float:
    tokens = _TOKEN.findall(line)
    return sum(token in known for token in tokens) / len(tokens) if tokens else 0.0


def trafilatura(tree: Any, *, retry: bool = False) -> tuple[str, ...]:
    """Trafilatura's fast mode on a copy of ``tree``; ``retry``: with its own recall retry for short texts."""
    from trafilatura import bare_extraction

    joined = _with_joiners_shown(tree)
    found = bare_extraction(tree if joined is None else joined, options=_options(retry=retry))
    text: str = getattr(found, "text", None) or ""
    return lines_of(text if joined is None else text.translate(_JOINERS_BACK))


def _with_joiners_shown(tree: Any) -> Any:
    """A copy in which the joiners are visible characters, or None where the page has none.

    Trafilatura deletes what is not printable, and with it the zero-width joiners that Persian, Urdu and Indic spelling needs.
    """
    places = _joined_texts()(tree)
    if not places:
        return None
    shown = deepcopy(tree)
    for text in _joined_texts()(shown):
        parent = text.getparent()
        if text.is_tail:
            parent.tail = parent.tail.translate(_JOINERS_SHOWN)
        else:
            parent.text = parent.text.translate(_JOINERS_SHOWN)
    return shown


@lru_cache(maxsize=1)
def _joined_texts() -> "XPath":
    from lxml import etree

    return etree.XPath("//text()[contains(., '\u200c') or contains(., '\u200d')]")


@lru_cache(maxsize=2)
def _options(*, retry: bool) -> "Extractor":
    # One object for all pages: making it costs 0.3 ms, and trafilatura copies it before it changes anything.
    from trafilatura.settings import Extractor

    options = Extractor(output_format="python", fast=True, comments=False, dedup=False)
    if not retry:
        # The retry is bound to the focus "balanced" and to nothing else; it measures half of all pages a second time.
        options.focus = "plain"
        # 250 characters are two sentences in English and ten in Chinese: below its bound trafilatura answers with all the
        # page's text as one line. The gates do better, and briefs keep their paragraphs.
        options.min_extracted_size = SHORTEST
    return options


def _net(document: Document) -> tuple[str, ...]:
    from resiliparse.extract.html2text import extract_plain_text

    text = document.decoded.text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is a TypeError there
    found = extract_plain_text(text, main_content=True, alt_texts=False, links=False, preserve_formatting=True)
    return lines_of(found)


def readability(tree: Any) -> tuple[str, ...]:
    """Readability-lxml's opinion; works on a copy of ``tree``."""
    from readability import Document as Readable
    from resiliparse.extract.html2text import extract_plain_text

    try:
        summary = Readable(deepcopy(tree)).summary(html_partial=True)
    except Exception:  # noqa: BLE001 - it raises whatever lxml and its own arithmetic raise; then it has no opinion
        return ()
    return lines_of(extract_plain_text(summary, alt_texts=False, links=False, preserve_formatting=True))


def html_to_lines(html: str) -> tuple[str, ...]:
    """The text of a fragment (a feed's content), blocks as lines, nothing cut."""
    from resiliparse.extract.html2text import extract_plain_text

    fragment = f"<html><body>{html}</body></html>".encode("utf-8", "replace").decode("utf-8")
    return lines_of(extract_plain_text(fragment, main_content=False, alt_texts=False, links=False))


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(line for raw in text.split("\n") if (line := " ".join(raw.split())))
