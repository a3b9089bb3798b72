"""The order of things: what is read when, and who decides what the article is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version

from pipeline.errors import Drop
from pipeline.records import Extracted, Page
from pipeline.settings import ExtractSettings
from pipeline.stages.extract import (
    attribution,
    body,
    clean,
    dates,
    describe,
    harvest,
    kinds,
    labels,
    people,
    region,
    titles,
    walls,
)
from pipeline.stages.extract.body import Body
from pipeline.stages.extract.document import Document, read
from pipeline.stages.extract.structured import Declared, declared
from pipeline.text import language
from pipeline.text.datelines import read_dateline
from storage.records import Dateline, Entry, Extraction

VERSION = "extract/1"
PRELOAD = (
    "pipeline.stages.extract.flow", "trafilatura", "htmldate", "readability", "resiliparse.extract.html2text",
    "resiliparse.parse.encoding", "py3langid.langid", "tldextract", "lxml.html",
)  # fmt: skip
"""What a fork server should import once for all workers."""


@dataclass(slots=True)
class Work:
    """One page on its way through: what was read, and the notes for ``--explain``."""

    page: Page
    entry: Entry | None
    settings: ExtractSettings
    document: Document
    declared: Declared
    site: str | None
    notes: list[str] = field(default_factory=list)


def extract(page: Page, entry: Entry | None, settings: ExtractSettings) -> Extracted:
    """What a page says.

    ``entry`` is what announced it: its title, dates, credit and full text are evidence, and its text serves where the
    page fails (``extraction.method`` is then ``feed``). Raises Drop: not_html, no_article, script_only, consent_wall,
    paywall or index_page.
    """
    return _extract(page, entry, settings, cheap=False)


def extract_cheaply(page: Page, entry: Entry | None, settings: ExtractSettings) -> Extracted:
    """The same with the linear extractor only: the second try for a page that cost a worker its life."""
    return _extract(page, entry, settings, cheap=True)


def _extract(page: Page, entry: Entry | None, settings: ExtractSettings, *, cheap: bool) -> Extracted:
    document = read(page)
    said = declared(document)
    work = Work(page, entry, settings, document, said, describe.site_name(said))
    work.notes.append(f"charset: {document.decoded.encoding} ({document.decoded.evidence})")
    title, title_from = titles.choose(document, said, entry.title if entry else None, work.site)
    when = dates.choose(document, said, page, entry)
    work.notes += [f"title: {title_from}", when.note]
    body.strip_machinery(document)
    harvested = harvest.harvest(document)
    found = _body(work, cheap=cheap)
    lines = _cleaned(work, found, [*titles.headlines(document, said, work.site), title or ""])
    found, lines = _with_feed(work, found, lines)
    return _assemble(work, found, lines, title, when, harvested)


def _body(work: Work, *, cheap: bool) -> Body:
    document = work.document
    if cheap or document.oversized:
        found = body.cheap(document)
        work.notes.append(f"body: resiliparse only ({document.oversized or 'second try'})")
    else:
        found = body.full(document, gated=work.settings.quality != "fast")
    work.notes += [f"body: {note}" for note in found.notes]
    return found


def _cleaned(work: Work, found: Body, headlines: Sequence[str]) -> list[str]:
    lines, gone = clean.without_headline(found.lines, headlines)
    work.notes += [f"removed (headline): {line[:80]}" for line in gone]
    lines, gone = clean.without_promotions(lines)
    work.notes += [f"removed (promotion): {line[:80]}" for line in gone]
    if found.method != "resiliparse":
        beside = region.outside(work.document.tree, lines)
        work.notes += [f"removed (outside the story's box): {lines[index][:80]}" for index in beside]
        lines = [line for index, line in enumerate(lines) if index not in beside]
    if work.settings.quality == "best" and found.method == "trafilatura":
        lines, gone = clean.without_unconfirmed_ends(lines, body.readability(work.document.tree))
        work.notes += [f"removed (readability does not have it): {line[:80]}" for line in gone]
    lines, gone = clean.without_tail(lines)
    work.notes += [f"removed (tail): {line[:80]}" for line in gone]
    return lines


def _with_feed(work: Work, found: Body, lines: list[str]) -> tuple[Body, list[str]]:
    """The page's text, or the feed's where that is better; Drop where neither is enough."""
    feed = walls.feed_lines(work.entry)
    words = walls.words_in(lines)
    index = kinds.is_index(work.document, work.declared, work.page.url, words)
    enough = words >= work.settings.min_words and not index
    if enough and not walls.feed_is_better(lines, feed):
        return found, lines
    slug, why = ("index_page", index) if index else kinds.why_empty(work.document, work.declared)
    if walls.words_in(feed) >= work.settings.min_words:
        work.notes.append(
            "body: the feed's text is fuller" if enough else f"body: the feed's text; the page: {slug}, {why}"
        )
        return Body(tuple(feed), "feed"), feed
    raise Drop(slug, f"{words} words of text; {why}")


def _assemble(
    work: Work, found: Body, lines: list[str], title: str | None, when: dates.Dates, harvested: harvest.Harvest
) -> Extracted:
    lines, labelled = labels.without_labels(lines, harvested.labelled)
    work.notes += [f"removed (credit): {line[:80]}" for line in labelled]
    text = "\n".join(lines)
    dateline = read_dateline(text)
    named = attribution.collect(
        work.document, work.declared, harvested, [*lines, *labelled, *found.lines[-4:]], dateline, work.entry, work.site
    )
    work.notes += [f"credit: {credit.role} {credit.name}, from “{credit.text[:80]}”" for credit in named]
    tongue, why = language.decide(text, describe.languages(work.declared, work.page, work.entry))
    kind, reason = kinds.kind_of(work.declared, work.page.url, title, walls.words_in(lines))
    work.notes += [f"language: {tongue} ({why})", f"kind: {kind} ({reason})"]
    return Extracted(
        kind=kind,
        canonical_url=describe.canonical(work.declared, work.page.url),
        site_name=work.site,
        title=title,
        authors=people.authors_of(work.declared, harvested.byline, work.entry, work.site),
        summary=describe.summary(work.declared, work.entry),
        section=describe.section(work.declared),
        tags=describe.tags(work.declared, work.entry),
        image=describe.image(work.declared, work.page.url, work.entry),
        language=tongue,
        date_published=when.published,
        date_published_raw=when.raw,
        date_published_from=when.source,
        date_modified=when.modified,
        content_text=text,
        credits=named,
        dateline=Dateline(place=dateline.place, date=dateline.date, agency=dateline.agency) if dateline else None,
        extraction=Extraction(method=found.method, recipe=_recipe(found.method, work.settings.quality)),
        notes=tuple(work.notes),
    )


@lru_cache(maxsize=32)
def _recipe(method: str, quality: str) -> str:
    tools = {
        "trafilatura": "trafilatura",
        "readability": "readability-lxml",
        "resiliparse": "resiliparse",
        "feed": "resiliparse",
    }
    packages = dict.fromkeys(tools[part] for part in method.split("+") if part in tools)
    return " ".join(
        [f"{VERSION}-{quality}", *(f"{name}/{version(name)}" for name in packages), f"lxml/{version('lxml')}"]
    )
