"""Where the page says its text comes from: read from the whole tree, before an extractor prunes it (pure).

Every rule names its evidence. What stands in a caption is a picture's credit; what stands beside a related article is
nobody's; "told AFP" and "according to Reuters" are in running text, which only the dateline and the last line are read of.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from pipeline.stages.extract import people
from pipeline.stages.extract.document import Document, text_of
from pipeline.stages.extract.structured import Declared, all_texts
from pipeline.text.agencies import agencies_in, agency_of
from pipeline.text.datelines import FoundDateline
from pipeline.text.urls import host_of, join, site_of
from storage.records import Credit, Entry
from storage.records.articles import CreditRole

_SOURCE_LABEL = (
    r"sources?|quellen?|fuentes?|fontes?|fonti|źródł[oa]|kaynak|джерело|источник|المصدر|مصدر|منبع|سەرچاوە|"
    r"çavkanî|来源|來源|出典|출처|"
    r"article|text|texte|texto|testo|artikel|agency|agencia|agence|agentur|provided by|via"
)
_IMAGE_LABEL = (
    r"images?|photos?|photographs?|pictures?|pics?|fotos?|bild(?:er)?|imagen|imágenes|immagin[ei]|fotoğraf|"
    r"resim|zdjęci[ea]|фото|"
    r"صورة|الصورة|تصویر|عکس|وێنە|وێنەکان|wêne|图片?|圖片?|写真|사진|(?:main |featured |lead )?(?:image|photo) "
    r"(?:credits?|source|courtesy|by)|"
    r"photo courtesy of|image credit|photo credit"
)
_LABELLED = re.compile(
    rf"(?:^|(?<=[\s|/;,•·(]))(?P<label>(?P<source>{_SOURCE_LABEL})|(?P<image>{_IMAGE_LABEL}))\s*[:：]\s*"
    rf"(?P<name>[^:：|;•·\n]{{2,80}}?)(?=\s*(?:$|[|;•·)]|\s/\s|[\s/,]+(?:{_SOURCE_LABEL}|{_IMAGE_LABEL})\s*[:：]))",
    re.IGNORECASE,
)
_STARTS_LABELLED = re.compile(rf"^[\s\W]*(?:{_SOURCE_LABEL}|{_IMAGE_LABEL})\s*[:：]", re.IGNORECASE)
_ORIGINALLY = re.compile(
    r"\b(?:originally (?:published|appeared|posted|ran)|first (?:published|appeared)|republished|reprinted|"
    r"cross-?posted)"
    r"\s+(?:here\s+)?(?:\w+ ){0,3}?(?:by|on|in|at|from)\s+(?P<name>[A-Z][\w&.’' -]{1,50}?)(?=\s+(?:on|and|under|"
    r"with|in|at|by)\b|[,.;()]|$)"
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s*(?:©\s*)?(?:by\s+)?(?:(?:19|20)\d\d\s*)?(?:by\s+)?(?P<name>[^\d.,|©]{2,60})",
    re.IGNORECASE,
)
_REUTERS_STYLE = re.compile(
    r"\(?\b(?:additional )?reporting by [^;()]{3,200};\s*(?:writing by [^;()]{3,120};\s*)?editing by\b", re.IGNORECASE
)
_LAST_WORDS = re.compile(
    r"(?:[(\[]\s*(?P<bracket>[^()\[\]]{2,60})\s*[)\]]|[—–-]\s*(?P<dash>[^—–.]{2,40})|"
    r"[.!?”\"]\s+(?P<bare>[A-Z]{2,4}))[.\s]*$"
)
_WITH_AGENCIES = re.compile(
    r"^[\s(*]*(?:with (?:inputs?|reporting|files|information|reports?) (?:from|by)|con información de|com "
    r"informações d[aeo]s?|avec|mit material von|"
    r"(?:the )?(?P<name>associated press|reuters|agence france-presse|afp)\b.{0,80}\bcontributed to this "
    r"(?:report|story))\s*(?P<rest>.{0,80})",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"image|photo|pict|caption|figure|gallery|media|thumb|video|slide|licen[cs]e", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"teaser|related|recommend|promo|sidebar|aside|widget|comment|footer|nav|menu|most-|trending|card|"
    r"newsletter|share|social|next|more-",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"byline|author|source|agency|agentur|attribution|dateline|kicker-src|credit|provider|signature|firma|autor",
    re.IGNORECASE,
)
_BYLINE_TAGS = (
    "span", "div", "p", "a", "li", "address", "cite", "em", "strong", "b", "i", "footer", "header", "section", "small", "dd",
)  # fmt: skip
_LABEL_TEXTS = "//body//text()[(contains(., ':') or contains(., '：')) and string-length(.) < 160]"
_SHORT = 160
_NAME = 60
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


@dataclass(frozen=True, slots=True)
class Found:
    """A credit and the rule that found it."""

    credit: Credit
    evidence: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """What the tree says before pruning: credits, the visible byline, and the words of labelled lines."""

    found: tuple[Found, ...]
    byline: str | None
    labelled: frozenset[str]


def own_agency(url: str) -> str | None:
    """The agency that publishes this site itself, if it is one."""
    if host_of(url).startswith("hosted."):
        return None  # an agency's pages in a customer's dress: hosted.ap.org/<newspaper>/
    site = site_of(url)
    label = site.split(".")[0]
    return _OWN_SITES.get(site) or _OWN_SITES.get(host_of(url)) or agency_of(label.replace("-", " "))


def harvest(document: Document) -> Harvest:
    found: list[Found] = []
    byline, labelled = None, []
    for element in document.iter(*_BYLINE_TAGS):
        if not _is_named_byline(element):
            continue
        text = text_of(element) if len(element) < 8 else ""  # a byline holds few elements
        if not 1 < len(text) <= _SHORT or _beside(element, _ELSEWHERE):
            continue
        picture = _beside(element, _PICTURE)
        byline = byline or (None if picture or not _is_byline(element, text) else text)
        found.extend(_from_byline(text, picture=picture))
    for block in _label_blocks(document):
        text = text_of(block)
        pairs = list(_labelled(text, picture=_beside(block, _PICTURE)))
        if pairs:
            labelled.append(text)
            found.extend(pairs)
    return Harvest(tuple(found), byline, frozenset(labelled))


def _is_named_byline(element: Any) -> bool:
    names = element.get("class")
    return bool(names and _names_byline(names)) or element.get("rel") == "author" or element.get("itemprop") == "author"


@lru_cache(maxsize=8192)
def _names_byline(names: str) -> bool:
    """Class attributes repeat: the 1,500 elements of a page have some 150."""
    return _BYLINE.search(names) is not None


def _is_byline(element: Any, text: str) -> bool:
    names = " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("rel"))))
    return bool(re.search(r"byline|author|autor", names, re.IGNORECASE)) and len(text) < _NAME * 2 and ":" not in text


def _label_blocks(document: Document) -> Iterator[Any]:
    seen: set[int] = set()
    for node in document.tree.xpath(_LABEL_TEXTS):
        if not _STARTS_LABELLED.match(node):
            continue
        block = _block_of(node.getparent())
        if (
            block is not None
            and id(block) not in seen
            and not _beside(block, _ELSEWHERE)
            and len(text_of(block)) <= _SHORT
        ):
            seen.add(id(block))
            yield block


_BLOCKS = {
    "p",
    "div",
    "li",
    "footer",
    "td",
    "figcaption",
    "section",
    "address",
    "blockquote",
    "center",
    "article",
    "dd",
}


def _block_of(element: Any) -> Any:
    while element is not None and element.tag not in _BLOCKS:
        element = element.getparent()
    return element


def _beside(element: Any, pattern: re.Pattern[str]) -> bool:
    """Whether the element or one of its next ancestors is named so (class, id, tag)."""
    for depth, node in enumerate((element, *element.iterancestors())):
        if depth > 5 or node.tag in ("body", "article", "main"):
            return False
        if node.tag in ("figure", "figcaption") and pattern is _PICTURE:
            return True
        if node.tag in ("aside", "nav") and pattern is _ELSEWHERE:
            return True
        if pattern.search(f"{node.get('class') or ''} {node.get('id') or ''}"):
            return True
    return False


def _from_byline(text: str, *, picture: bool) -> Iterator[Found]:
    labelled = list(_labelled(text, picture=picture))
    if labelled:
        yield from labelled
        return
    for name in agencies_in(text):
        role: CreditRole = "image" if picture else "agency"
        yield Found(Credit(role=role, name=name, text=text), "caption" if picture else "byline")


def _labelled(text: str, *, picture: bool) -> Iterator[Found]:
    for match in _LABELLED.finditer(text):
        name = _tidy(match["name"])
        if not name:
            continue
        if match["image"] or picture:
            yield Found(Credit(role="image", name=_canonical(name), text=match[0].strip()), "label")
            continue
        agencies = agencies_in(name)
        for agency in agencies:
            yield Found(Credit(role="agency", name=agency, text=match[0].strip()), "label")
        if not agencies:
            yield Found(Credit(role="source", name=name, text=match[0].strip()), "label")


def _tidy(name: str) -> str | None:
    """A name, or None: a sentence, a number, a lower-case phrase is none."""
    bare = name.strip(" \t.,-–—/()[]\"'“”")
    if "://" in bare or bare.startswith("www."):
        return host_of(bare if "://" in bare else f"http://{bare}") or None
    if not 1 < len(bare) <= _NAME or len(bare.split()) > 7 or bare[0].isdigit():
        return None
    return None if bare[0].isascii() and bare[0].islower() and agency_of(bare) is None else bare


def _canonical(name: str) -> str:
    return agency_of(name) or name


def collect(
    document: Document, declared: Declared, harvested: Harvest, lines: Sequence[str], dateline: FoundDateline | None,
    entry: Entry | None, site: str | None,
) -> tuple[Credit, ...]:  # fmt: skip
    """All credits, strongest evidence first, each name once a role; an agency's own site credits nobody for "
    "itself.
    """
    own = own_agency(document.url)
    found = [
        *_from_dateline(dateline), *_from_declared(declared, site), *harvested.found, *_from_lines(lines),
        *_from_links(document, declared), *_from_feed(entry),
    ]  # fmt: skip
    kept: dict[tuple[str, str], Credit] = {}
    for item in found:
        credit = item.credit
        if _is_self(item, own, site, document.url):
            continue
        kept.setdefault((credit.role, credit.name.casefold()), credit)
    return tuple(kept.values())[:20]


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


def _foreign(target: str, url: str) -> bool:
    """Another publisher's article: another registrable domain, with a path, and no feed proxy."""
    site = site_of(target)
    if (
        site == site_of(url)
        or urlsplit(target).path.strip("/") == ""
        or site in ("feedburner.com", "google.com", "ampproject.org")
    ):
        return False
    return site.split(".")[0] != site_of(url).split(".")[0]


def _from_lines(lines: Sequence[str]) -> Iterator[Found]:
    """The first two and last eight lines of the body."""
    tail = lines[-8:]
    for line in (*lines[:2], *tail):
        if len(line) <= _SHORT and _STARTS_LABELLED.match(line):
            yield from _labelled(line, picture=False)
    for line in tail:
        yield from _from_tail_line(line)
    yield from _from_last_words([line for line in lines if len(line) > 1])


def _from_tail_line(line: str) -> Iterator[Found]:
    if _REUTERS_STYLE.search(line):
        yield Found(Credit(role="agency", name="Reuters", text=line[:_SHORT]), "Reporting by; Editing by")
    match = _ORIGINALLY.search(line)
    if match:
        yield Found(Credit(role="republished_from", name=match["name"].strip(), text=match[0]), "originally published")
    match = _COPYRIGHT.search(line)
    if match and len(line) < _SHORT * 2:
        name = agency_of(match["name"])
        if name:
            yield Found(Credit(role="agency", name=name, text=match[0].strip()), "copyright")
    match = _WITH_AGENCIES.match(line)
    if match:
        for name in agencies_in(match["name"] or match["rest"]):
            yield Found(Credit(role="agency", name=name, text=line[:_SHORT]), "with inputs from")


def _from_last_words(lines: Sequence[str]) -> Iterator[Found]:
    """``(AFP)``, ``— AFP``, ``PTI`` at the very end; where many lines end so, each names the source of a link."""
    ends = [(line, match) for line in lines if (match := _LAST_WORDS.search(line))]
    if sum(match["bracket"] is not None for _, match in ends) > _LINKS:
        return
    for line in lines[-3:]:
        match = _LAST_WORDS.search(line)
        inner = next(filter(None, match.groups()), "") if match else ""
        whole = agency_of(line) if len(line) <= _NAME else None
        name = whole or (agency_of(inner) if inner else None)
        if name:
            yield Found(
                Credit(role="agency", name=name, text=match[0].strip() if match and not whole else line), "last words"
            )


def _from_feed(entry: Entry | None) -> Iterator[Found]:
    if entry and entry.credit:
        names = agencies_in(entry.credit)
        for name in names:
            yield Found(Credit(role="agency", name=name, text=entry.credit), "feed")
        if not names:
            yield Found(Credit(role="source", name=entry.credit, text=entry.credit), "feed")


def without_labels(lines: Sequence[str], harvested: Harvest) -> tuple[list[str], list[str]]:
    """Takes credit lines ("Image: ARA News", "Source: AFP") out of the body; they were read into credits."""
    known = {_flat(text) for text in harvested.labelled}
    gone = [line for line in lines if len(line) <= _SHORT and (_flat(line) in known or _is_label_line(line))]
    return [line for line in lines if line not in gone], gone


def _is_label_line(line: str) -> bool:
    """Nothing but label and name."""
    return bool(_STARTS_LABELLED.match(line)) and len(_LABELLED.sub("", line).strip(" \t.,-–—/|()")) == 0


def _flat(text: str) -> str:
    return "".join(text.split())
