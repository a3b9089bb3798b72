"""Whom the page credits for its text: all the evidence in one list, strongest first (pure).

Every rule names its evidence. "told AFP" and "according to Reuters" stand in running text, of which only the
dateline and the last lines are read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.stages.extract import people
from pipeline.stages.extract.document import Document
from pipeline.stages.extract.harvest import Harvest
from pipeline.stages.extract.labels import NAME, SHORT, STARTS_LABELLED, Found, labelled
from pipeline.stages.extract.structured import Declared, all_texts
from pipeline.text.agencies import agencies_in, agency_of
from pipeline.text.datelines import FoundDateline
from pipeline.text.urls import host_of, join, site_of
from storage.records import Credit, Entry
from storage.records.articles import CreditRole

_ORIGINALLY = re.compile(
    r"(?:^[\W_]*(?:this (?:\w+ )?(?:article|story|post|piece|report|column|essay)\b.{0,40}?\b(?:was|is|has been) )?|"
    r"\b(?:article|story|post|piece|report|column|essay|commentary|it)\b.{0,40}?\b(?:was |is |has been )?)"
    r"(?:originally (?:published|appeared|posted|ran)|first (?:published|appeared)|republished|reprinted|cross-?posted)"
    r"\s+(?:here\s+)?(?:with (?:the )?permission\s+)?(?:by|on|in|at|from|of)\s+(?:the website (?:of )?)?"
    r"(?P<name>[A-Z][\w&.’' -]{1,50}?)(?=\s+(?:on|and|under|with|in|at|by|as)\b|[,.;()]|$)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:by\s+)?(?:(?:19|20)\d\d\s*)?(?:by\s+)?(?P<name>[^\d.,|©]{2,60})",
    re.IGNORECASE,
)
# "© dpa" alone stands under a picture; with a year or a reservation it stands under a text.
_RESERVED = re.compile(
    r"\b(?:19|20)\d\d\b|all rights reserved|may not be|alle rechte|tous droits|todos los derechos", re.IGNORECASE
)
_REUTERS_STYLE = re.compile(
    r"\(?\b(?:additional )?reporting by [^;()]{3,200};\s*(?:writing by [^;()]{3,120};\s*)?editing by\b", re.IGNORECASE
)
_LAST_WORDS = re.compile(
    r"(?:(?:^|[.!?…”\"»’'。؟।)]\s*)[(\[（]\s*(?P<bracket>[^()\[\]（）]{2,60})\s*[)\]）]|[—–-]\s*(?P<dash>[^—–.]{2,40})|"
    r"[.!?”\"]\s+(?P<bare>[A-Z]{2,4}))[.\s]*$"
)
_WITH_AGENCIES = re.compile(
    r"^[\s(*]*(?:with (?:inputs?|reporting|files|information|reports?) (?:from|by)|con información de|com "
    r"informações d[aeo]s?|avec|mit material von|"
    r"(?:the )?(?P<name>associated press|reuters|agence france-presse|afp)\b.{0,80}\bcontributed to this "
    r"(?:report|story))\s*(?P<rest>.{0,80})",
    re.IGNORECASE,
)
_MOST = 20
_LINKS = 2
"""More lines than this that end in a bracket: a round-up, whose brackets name what it links to."""
# Sites that are an agency's own: their text is their own, not a credit.
_OWN_SITES = {
    "apnews.com": "AP", "ap.org": "AP", "nytimes.com": "NYT", "washingtonpost.com": "Washington Post", "pap.pl": "PAP",
    "canadianpress.com": "The Canadian Press", "thecanadianpress.com": "The Canadian Press", "aa.com.tr": "Anadolu Agency",
    "hawarnews.com": "ANHA", "ptinews.com": "PTI", "news.cn": "Xinhua", "dowjones.com": "Dow Jones",
    "khn.org": "Kaiser Health News",
    "agenciabrasil.ebc.com.br": "Agência Brasil", "ebc.com.br": "Agência Brasil", "aninews.in": "ANI", "ria.ru": "RIA Novosti",
    "pressassociation.com": "PA", "chinanews.com": "China News Service", "ansamed.info": "ANSA", "newsis.com": "Newsis",
}  # fmt: skip


def own_agency(url: str) -> str | None:
    """The agency that publishes this site itself, if it is one."""
    if host_of(url).startswith("hosted."):
        return None  # an agency's pages in a customer's dress: hosted.ap.org/<newspaper>/
    site = site_of(url)
    label = site.split(".")[0]
    return _OWN_SITES.get(site) or _OWN_SITES.get(host_of(url)) or agency_of(label.replace("-", " "))


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a page's credits are read of. ``cut``: lines taken from the body's end."""

    document: Document
    declared: Declared
    harvested: Harvest
    lines: Sequence[str]
    cut: Sequence[str]
    dateline: FoundDateline | None
    entry: Entry | None


def collect(evidence: Evidence, site: str | None) -> tuple[Credit, ...]:
    """All credits, strongest evidence first, each name once a role; an agency's own site credits nobody for itself."""
    url = evidence.document.url
    own = own_agency(url)
    found = [
        *_from_dateline(evidence.dateline),
        *_from_declared(evidence.declared, site),
        *evidence.harvested.found,
        *_from_lines(evidence.lines, evidence.cut),
        *_from_links(evidence.document, evidence.declared),
        *_from_feed(evidence.entry),
    ]
    kept: dict[tuple[str, str], Credit] = {}
    for item in found:
        if not _is_self(item, own, site, url):
            kept.setdefault((item.credit.role, item.credit.name.casefold()), item.credit)
    return tuple(kept.values())[:_MOST]


def _is_self(item: Found, own: str | None, site: str | None, url: str) -> bool:
    """A site's own name in its declarations says nothing; written under an article as its source, it says something."""
    credit = item.credit
    if credit.role == "image" or (credit.role == "source" and item.evidence == "label"):
        return False
    name = credit.name.casefold().replace(" ", "")
    names = {(site or "").casefold().replace(" ", ""), site_of(url), host_of(url)}
    return credit.name == own or name in names


def _from_dateline(dateline: FoundDateline | None) -> Iterator[Found]:
    if dateline and dateline.agency:
        yield Found(Credit(role="agency", name=dateline.agency, text=dateline.text), "dateline")


def _from_declared(declared: Declared, site: str | None) -> Iterator[Found]:
    for text in people.declared_names(declared):
        for name in agencies_in(text):
            yield Found(Credit(role="agency", name=name, text=text), "declared author")
    for name in people.organisations(declared, site):
        if not agencies_in(name):
            yield Found(Credit(role="author_org", name=name, text=name), "declared author")
    for key in ("sourceOrganization", "publisher", "provider", "creditText"):
        for text in all_texts(declared.article.get(key)):
            yield from _named(text, f"JSON-LD {key}", other="source" if key == "sourceOrganization" else None)
    for key in ("dc.source", "source", "article:source", "dcterms.source", "dc.publisher.source", "news_source"):
        for text in declared.meta.get(key, ()):
            yield from _named(text, f"meta {key}")


def _named(text: str, evidence: str, other: CreditRole | None = None) -> Iterator[Found]:
    """A field that holds nothing but a name: an agency's, or with ``other`` anybody's."""
    name = agency_of(text)
    if name:
        yield Found(Credit(role="agency", name=name, text=text), evidence)
    elif other:
        yield Found(Credit(role=other, name=text, text=text), evidence)


def _from_links(document: Document, declared: Declared) -> Iterator[Found]:
    """Another site's address as canonical, original-source, syndication-source or isBasedOn."""
    links = [("canonical", declared.canonical)]
    links += [(name, declared.first(name)) for name in ("original-source", "syndication-source")]
    links += [
        ("isBasedOn", text)
        for text in all_texts(declared.article.get("isBasedOn") or declared.article.get("isBasedOnUrl"))
    ]
    for evidence, href in links:
        target = join(document.url, href) if href else ""
        if target.startswith("http") and _foreign(target, document.url):
            yield Found(Credit(role="republished_from", name=site_of(target), text=target), evidence)
    if "counter.theconversation" in document.decoded.text:
        yield Found(
            Credit(role="republished_from", name="The Conversation", text="counter.theconversation.com"),
            "counter pixel",
        )


_PROXIES = {"feedburner.com", "google.com", "ampproject.org", "feedproxy.google.com"}


def _foreign(target: str, url: str) -> bool:
    """Another publisher's article: another site, with a path, and no proxy; ``x.com`` and ``x.co.uk`` are one publisher."""
    if not urlsplit(target).path.strip("/") or site_of(target) in _PROXIES:
        return False
    return _publisher(target) != _publisher(url)


def _publisher(url: str) -> str:
    return site_of(url).removeprefix("www.").partition(".")[0]


def _from_lines(lines: Sequence[str], cut: Sequence[str]) -> Iterator[Found]:
    """The first two and last eight lines of the body, and what was cut from its end."""
    tail = (*lines[-8:], *cut)
    for line in (*lines[:2], *tail):
        if len(line) <= SHORT and STARTS_LABELLED.match(line):
            yield from labelled(line, picture=False)
    for line in tail:
        yield from _from_tail_line(line)
    yield from _from_last_words(lines, cut)


def _from_tail_line(line: str) -> Iterator[Found]:
    if _REUTERS_STYLE.search(line):
        yield Found(Credit(role="agency", name="Reuters", text=line[:SHORT]), "Reporting by; Editing by")
    match = _ORIGINALLY.search(line)
    if match:
        yield Found(Credit(role="republished_from", name=match["name"].strip(), text=match[0]), "originally published")
    match = _COPYRIGHT.search(line)
    if match and len(line) < SHORT * 2 and _RESERVED.search(line):
        name = agency_of(match["name"])
        if name:
            yield Found(Credit(role="agency", name=name, text=match[0].strip()), "copyright")
    match = _WITH_AGENCIES.match(line)
    if match:
        for name in agencies_in(match["name"] or match["rest"]):
            yield Found(Credit(role="agency", name=name, text=line[:SHORT]), "with inputs from")


def _from_last_words(lines: Sequence[str], cut: Sequence[str]) -> Iterator[Found]:
    """``(AFP)``, ``— AFP``, ``PTI`` at the very end; where many lines end so, each names the source of a link."""
    closed = [line for line in lines if line.rstrip(" .").endswith((")", "]", "）"))]
    brackets = [match for line in closed if (match := _LAST_WORDS.search(line)) and match["bracket"]]
    for line in (*lines[-3:], *cut) if len(brackets) <= _LINKS else ():
        match = _LAST_WORDS.search(line)
        inner = next(filter(None, match.groups()), "") if match else ""
        whole = agency_of(line) if len(line) <= NAME else None
        name = whole or (agency_of(inner) if inner else None)
        if name:
            words = match[0].strip() if match and not whole else line
            yield Found(Credit(role="agency", name=name, text=words), "last words")


def _from_feed(entry: Entry | None) -> Iterator[Found]:
    if entry and entry.credit:
        names = agencies_in(entry.credit)
        for name in names:
            yield Found(Credit(role="agency", name=name, text=entry.credit), "feed")
        if not names:
            yield Found(Credit(role="source", name=entry.credit, text=entry.credit), "feed")
