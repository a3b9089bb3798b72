"""The order of things: what is read when, and who decides what the article is."""

from dataclasses import dataclass
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
from storage.records import Dateline, Entry, Extraction

VERSION = "extract/1"
_CUT_LINES = 12
"""Last lines of the uncut body in which credits are looked for, beside what was kept."""
PRELOAD = ("pipeline.stages.extract.warm",)
"""What a fork server should import once for all workers."""


@dataclass(slots=True)
class Work:
    """One page on its way through: what was read before the body, and the notes for ``--explain``."""

    page: Page
    entry: Entry | None
    settings: ExtractSettings
    document: Document
    declared: Declared
    site: str | None
    title: str | None
    headlines: list[str]
    when: dates.Dates
    harvested: harvest.Harvest
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Text:
    """The body as it will be stored, and the lines cut from its end (credits are still read of these)."""

    lines: list[str]
    cut: list[str]
    method: str


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
    work = _begin(page, entry, settings)
    found = _body(work, cheap=cheap)
    return _assemble(work, _with_feed(work, _cleaned(work, found)))


def _begin(page: Page, entry: Entry | None, settings: ExtractSettings) -> Work:
    """All that is read before the body: the body's extractor is the first to change the tree."""
    document = read(page)
    said = declared(document)
    site = describe.site_name(said)
    title, title_from = titles.choose(document, said, entry.title if entry else None, site)
    headlines = [*titles.headlines(document, said, site), title or ""]
    when = dates.choose(document, said, page, entry, title)
    notes = [f"charset: {document.decoded.encoding} ({document.decoded.evidence})", f"title: {title_from}", when.note]
    body.strip_machinery(document)
    harvested = harvest.harvest(document)
    return Work(page, entry, settings, document, said, site, title, headlines, when, harvested, notes)


def _body(work: Work, *, cheap: bool) -> Body:
    document = work.document
    if cheap or document.oversized:
        found = body.cheap(document)
        work.notes.append(f"body: resiliparse only ({document.oversized or 'second try'})")
    else:
        found = body.full(document, gated=work.settings.quality != "fast")
    work.notes += [f"body: {note}" for note in found.notes]
    return found


def _cleaned(work: Work, found: Body) -> Text:
    """What is not the story taken out, each with its reason."""
    above = [*work.headlines, work.when.raw or ""]
    lines = _noted(work, "headline", clean.without_headline(found.lines, above))
    lines = _noted(work, "credit", labels.without_labels(lines, work.harvested.labelled))
    lines = _noted(work, "promotion", clean.without_promotions(lines))
    if found.method in ("trafilatura", "readability"):
        lines = _noted(work, "outside the story's box", region.without_outside(work.document.tree, lines))
        lines = _noted(work, "headline", clean.without_headline(lines, above))
    if work.settings.quality == "best" and found.method == "trafilatura":
        second = body.readability(work.document.tree)
        lines = _noted(work, "readability does not have it", clean.without_unconfirmed_ends(lines, second))
    lines = _noted(work, "tail", clean.without_tail(lines))
    lines = _noted(work, "credit", attribution.without_closing_credits(lines))
    cut = [line for line in found.lines[-_CUT_LINES:] if line not in lines]
    return Text(lines, cut, found.method)


def _noted(work: Work, reason: str, outcome: tuple[list[str], list[str]]) -> list[str]:
    kept, gone = outcome
    work.notes += [f"removed ({reason}): {line[:80]}" for line in gone]
    return kept


def _with_feed(work: Work, text: Text) -> Text:
    """The page's text, or the feed's where that is better; Drop where neither is enough."""
    feed = walls.feed_lines(work.entry)
    words = walls.words_in(text.lines)
    index = kinds.is_index(work.document, work.declared, work.page.url, text.lines)
    enough = words >= work.settings.min_words and not index
    if enough and not walls.feed_is_better(text.lines, feed):
        return text
    slug, why = ("index_page", index) if index else kinds.why_empty(work.document, work.declared)
    if walls.words_in(feed) >= work.settings.min_words:
        work.notes.append("body: the feed's text" + (" is fuller" if enough else f"; the page: {slug}, {why}"))
        return _cleaned(work, Body(tuple(feed), "feed"))
    raise Drop(slug, f"{words} words of text; {why}")


def _assemble(work: Work, body_text: Text) -> Extracted:
    lines, when = body_text.lines, work.when
    text = "\n".join(lines)
    evidence = attribution.Evidence(work.document, work.declared, work.harvested, lines, body_text.cut, work.entry)
    named, dateline = attribution.collect(evidence, work.site)
    work.notes += [f"credit: {credit.role} {credit.name}, from “{credit.text[:80]}”" for credit in named]
    tongue, why = language.decide(text, describe.languages(work.declared, work.page, work.entry))
    kind, reason = kinds.kind_of(work.declared, work.page.url, work.title, walls.words_in(lines))
    work.notes += [f"language: {tongue} ({why})", f"kind: {kind} ({reason})"]
    return Extracted(
        kind=kind,
        canonical_url=describe.canonical(work.declared, work.page.url),
        site_name=work.site,
        title=work.title,
        authors=people.authors_of(work.declared, work.harvested.byline, work.entry, work.site),
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
        extraction=Extraction(method=body_text.method, recipe=_recipe(body_text.method, work.settings.quality)),
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
