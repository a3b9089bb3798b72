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
from pipeline.text.agencies import agency_of, credited_in, named_agency
from pipeline.text.agency_names import core_of, is_short_for
from pipeline.text.datelines import FoundDateline, read_dateline
from pipeline.text.urls import host_of, join, site_of
from storage.records import Credit, Entry
from storage.records.articles import CreditRole

_ORIGINALLY = re.compile(
    r"(?:^[\W_]*(?:this (?:\w+ )?(?:article|story|post|piece|report|column|essay)\b.{0,40}?\b(?:was|is|has been) )?|"
    r"\b(?:article|story|post|piece|report|column|essay|commentary|it)\b.{0,40}?\b(?:was |is |has been )?)"
    r"(?:originally (?:published|appeared|posted|ran)|first (?:published|appeared)|republished|reprinted|cross-?posted)"
    r"\s+(?:here\s+)?(?:with (?:the )?permission\s+)?(?:by|on|in|at|from|of)\s+(?:the website (?:of )?|(?-i:the ))?"
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
# Under another's text: a site does not license to itself. Asked of names that no table knows.
_LICENSED = re.compile(
    r"\b(?:republished|reprinted|reproduced|distributed|used)\b|(?:under|with|by) (?:licen[cs]e|permission)",
    re.IGNORECASE,
)
_REUTERS_STYLE = re.compile(
    r"\(?\b(?:additional )?reporting by [^;()]{3,200};\s*(?:writing by [^;()]{3,120};\s*)?editing by\b", re.IGNORECASE
)
_LAST_WORDS = re.compile(
    r"(?:(?:^|[.!?…”\"»’'。؟।)]\s*)[(\[（]\s*(?P<bracket>[^()\[\]（）]{2,60})\s*[)\]）]|[—–-]\s*(?P<dash>[^—–.]{2,40})|"
    r"[.!?”\"]\s+(?P<bare>[A-Z]{2,4}))[.\s]*$"
)
_WITH_AGENCIES = re.compile(
    r"^[\s(*]*(?:with (?:\w+ )?(?:inputs?|reporting|files|information|reports?|material|content) (?:from|by)|"
    r"con (?:información|informaciones|datos|material) de|com (?:informações|material) d[aeo]s?|"
    r"con (?:informazioni|materiale) d\w+|avec|(?:unter verwendung von |mit )material (?:von|der)|"
    r"z wykorzystaniem materiałów|по материалам|за матеріалами|"
    r"(?:the )?(?P<name>[A-Z][\w .,’'&-]{2,100}?) contributed to this (?:report|story|article))\s*(?P<rest>.{0,80})",
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
    entry: Entry | None


def collect(evidence: Evidence, site: str | None) -> tuple[tuple[Credit, ...], FoundDateline | None]:
    """All credits, strongest evidence first, each name once a role; an agency's own site credits nobody for itself.

    And the dateline, whose ``(MNA)`` is an agency if the page names one with these initials.
    """
    found = [
        *_from_declared(evidence.declared, site),
        *evidence.harvested.found,
        *_from_lines(evidence.lines, evidence.cut),
        *_from_links(evidence.document, evidence.declared),
        *_from_feed(evidence.entry),
    ]
    named = dict.fromkeys(item.credit.name for item in found if item.credit.role == "agency")
    dateline = read_dateline(evidence.lines[0], tuple(named)) if evidence.lines else None
    own = _Own(evidence, site)
    kept: dict[tuple[str, str], Credit] = {}
    for item in (*_from_dateline(dateline), *found):
        if not own.says(item):
            kept.setdefault((item.credit.role, item.credit.name.casefold()), item.credit)
    return tuple(kept.values())[:_MOST], dateline


class _Own:
    """What the page's own publisher is called."""

    def __init__(self, evidence: Evidence, site: str | None) -> None:
        url = evidence.document.url
        publishers = all_texts(evidence.declared.article.get("publisher"))
        self._agency = own_agency(url)
        self._label = _publisher(url).replace("-", "")
        self._names = {_flat(site or ""), site_of(url), host_of(url)}
        self._houses = {
            *self._names,
            *map(_flat, publishers),
            *map(_flat, _SEPARATOR.split(evidence.declared.title)[1:]),
        }

    def says(self, item: Found) -> bool:
        """A site's own name in its declarations says nothing; written under an article as its source, it says something."""
        credit = item.credit
        if credit.role == "image" or (credit.role == "source" and item.evidence == "label"):
            return False
        if credit.name == self._agency or _flat(credit.name) in self._names:
            return True
        return credit.role == "agency" and agency_of(credit.name) is None and self._is_house(credit.name)

    def _is_house(self, name: str) -> bool:
        """A name that no table knows is the site's own if site, publisher, title or domain are called so, or after it."""
        core = core_of(name)
        label = self._label.removesuffix("agency").removesuffix("press").removesuffix("news") or self._label
        return (
            _flat(name) in self._houses
            or core in {core_of(house) for house in self._houses if house}
            or core in (label, self._label)
            or is_short_for(label, name)
        )


_SEPARATOR = re.compile(r"\s+[|–—·•»:-]+\s+")


def _flat(text: str) -> str:
    return text.casefold().replace(" ", "")


def _from_dateline(dateline: FoundDateline | None) -> Iterator[Found]:
    if dateline and dateline.agency:
        yield Found(Credit(role="agency", name=dateline.agency, text=dateline.text), "dateline")


def _from_declared(declared: Declared, site: str | None) -> Iterator[Found]:
    for text in people.declared_names(declared):
        for name in credited_in(text):
            yield Found(Credit(role="agency", name=name, text=text), "declared author")
    for name in people.organisations(declared, site):
        if not credited_in(name):
            yield Found(Credit(role="author_org", name=name, text=name), "declared author")
    for key in ("sourceOrganization", "publisher", "provider", "creditText"):
        for text in all_texts(declared.article.get(key)):
            yield from _named(text, f"JSON-LD {key}", other="source" if key == "sourceOrganization" else None)
    for key in ("dc.source", "source", "article:source", "dcterms.source", "dc.publisher.source", "news_source"):
        for text in declared.meta.get(key, ()):
            yield from _named(text, f"meta {key}")


def _named(text: str, evidence: str, other: CreditRole | None = None) -> Iterator[Found]:
    """A field that holds nothing but a name: an agency's, or with ``other`` anybody's."""
    name = named_agency(text)
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
        name = match["name"].strip()
        yield Found(Credit(role="republished_from", name=name, text=match[0]), "originally published")
    match = _COPYRIGHT.search(line)
    if match and len(line) < SHORT * 2 and (_RESERVED.search(line) or _LICENSED.search(line)):
        known = agency_of(match["name"]) or (named_agency(match["name"]) if _LICENSED.search(line) else None)
        if known:
            yield Found(Credit(role="agency", name=known, text=match[0].strip()), "copyright")
    match = _WITH_AGENCIES.match(line)
    if match:
        for name in credited_in(_unclosed(match["name"] or match["rest"])):
            yield Found(Credit(role="agency", name=name, text=line[:SHORT]), "with inputs from")


def without_closing_credits(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Takes lines from the body's end that say only where the text is from; credits are still read of them."""
    end = len(lines)
    while end > 1 and _only_credits(lines[end - 1]):
        end -= 1
    return list(lines[:end]), list(lines[end:])


def _only_credits(line: str) -> bool:
    if len(line) > SHORT:
        return False
    match = _WITH_AGENCIES.match(line)
    if match and credited_in(_unclosed(match["name"] or match["rest"])):
        return True
    first = _ORIGINALLY.search(line)
    return bool(first and first.start() <= len("This "))


def _unclosed(text: str) -> str:
    """Without the bracket that was opened before it."""
    bare = text.rstrip(" .*")
    return bare.removesuffix(")") if bare.count(")") > bare.count("(") else bare


def _from_last_words(lines: Sequence[str], cut: Sequence[str]) -> Iterator[Found]:
    """``(AFP)``, ``— AFP``, ``PTI`` at the very end; where many lines end so, each names the source of a link."""
    closed = [line for line in lines if line.rstrip(" .").endswith((")", "]", "）"))]
    brackets = [match for line in closed if (match := _LAST_WORDS.search(line)) and match["bracket"]]
    for line in (*lines[-3:], *cut) if len(brackets) <= _LINKS else ():
        match = _LAST_WORDS.search(line)
        inner = next(filter(None, match.groups()), "") if match else ""
        whole = named_agency(line) if len(line) <= NAME else None
        name = whole or (named_agency(inner) if inner else None)
        if name:
            words = match[0].strip() if match and not whole else line
            yield Found(Credit(role="agency", name=name, text=words), "last words")


def _from_feed(entry: Entry | None) -> Iterator[Found]:
    if not entry:
        return
    for author in entry.authors:
        name = named_agency(author)
        if name:
            yield Found(Credit(role="agency", name=name, text=author), "feed's author")
    if entry.credit:
        names = credited_in(entry.credit)
        for name in names:
            yield Found(Credit(role="agency", name=name, text=entry.credit), "feed")
        if not names:
            yield Found(Credit(role="source", name=entry.credit, text=entry.credit), "feed")
