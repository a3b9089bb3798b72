"""What members say of their own text: who it is from, and what is only a picture, a quote or a press release."""

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from pipeline.stages.provenance.facts import MemberFacts, host_of
from pipeline.stages.provenance.names import agency, organisation, site_keys, sounds_like_agency, unnamed
from storage.records import Credit

UNNAMED = "unnamed"
"""The key of “agencies”: somebody else's text, nobody says whose."""

_WEIGHT = {"republished_from": 5.0, "agency": 4.0, "source": 3.0, "author_org": 2.0}
"""How much one publisher's word counts. Bylines and datelines that name an agency are right in 97-100 of 100 pages, a
``Source:`` line at the end in 80 (hand labels over 461 pages); “republished from” is the most explicit of all."""

_CANONICAL = 3.0
_PRESS = 1.0

_RECEIVED = (
    r"(?:provided|sent|given|issued|released|e?mailed|distributed|supplied|addressed|made available|told|speaking|spoke)"
    r"(?: exclusively)?(?: to| with)?(?: the)? {name}\b|(?:obtained|received|seen|reviewed) by(?: the)? {name}\b"
    r"|according to(?: the)? {name}\b|interview with(?: the)? {name}\b|(?:enviado|enviada|transmis|remis) (?:a|à) {name}\b"
    r"|(?:تلقت|تلقى|حصلت|حصل|اطلعت)[^.]{{0,30}}{name}"
)
_PRESS_RELEASE = re.compile(
    r"press release|news release|media release|pressemitteilung|communiqué|comunicado de prensa|nota de prensa|"
    r"comunicato stampa|basın bülteni|пресс-релиз|прес-реліз|"
    r"بيان صحفي|بيان صحافي|نشرة صحفية|اطلاعیه|بەیاننامە|新闻稿|プレスリリース",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A member says that its text is from ``key``. ``words`` is where it says so; ``how`` is the manner."""

    member: str
    key: str
    name: str
    words: str
    how: str
    weight: float

    @property
    def confesses(self) -> bool:
        """The member denies that the text is its own (a press release used for an own text does not)."""
        return self.how != "press"


@dataclass(frozen=True, slots=True)
class Said:
    """All that one member says: of others, of itself, and which names it gives for the picture alone."""

    others: tuple[Claim, ...] = ()
    itself: tuple[str, ...] = ()
    pictures: tuple[Credit, ...] = ()

    @property
    def confesses(self) -> bool:
        return any(claim.confesses for claim in self.others)


@dataclass(slots=True)
class _Hearing:
    others: dict[str, Claim] = field(default_factory=dict)
    itself: list[str] = field(default_factory=list)

    def note(self, claim: Claim) -> None:
        """One claim for each organisation: the strongest, and of equal ones the first by its words."""
        before = self.others.get(claim.key)
        if before is None or (-claim.weight, claim.words) < (-before.weight, before.words):
            self.others[claim.key] = claim


def own_keys(member: MemberFacts) -> frozenset[str]:
    """Every key under which others may name this member's publisher."""
    return site_keys(member.name, member.domain)


def said(member: MemberFacts, publishers: Sequence[MemberFacts], known: AbstractSet[str]) -> Said:
    """What ``member`` says. ``publishers`` are the story's members; their names (``known``) count without being agencies."""
    hearing = _Hearing()
    mine = own_keys(member)
    for credit in member.credits:
        if credit.role != "image":
            _hear(hearing, member, credit, mine, known)
    _hear_bylines(hearing, member, mine, known)
    _hear_dateline(hearing, member, mine)
    _hear_canonical(hearing, member, mine, publishers)
    pictures = tuple(credit for credit in member.credits if credit.role == "image")
    return Said(_shared_out(hearing.others.values()), tuple(dict.fromkeys(hearing.itself)), pictures)


def _hear(
    hearing: _Hearing, member: MemberFacts, credit: Credit, mine: frozenset[str], known: AbstractSet[str]
) -> None:
    key = UNNAMED if unnamed(credit.name) else organisation(credit.name)
    if not key or received(credit):
        return
    if key in mine:
        hearing.itself.append(credit.text)
        return
    if credit.role == "author_org" and key not in known and agency(credit.name) is None:
        return  # "Newsroom", "Staff": no house that could have written the text first
    press = _PRESS_RELEASE.search(credit.text) is not None
    how = "press" if press else credit.role
    weight = _PRESS if press else _WEIGHT[credit.role]
    hearing.note(Claim(member.id, key, agency(credit.name) or credit.name, credit.text, how, weight))


def _hear_bylines(hearing: _Hearing, member: MemberFacts, mine: frozenset[str], known: AbstractSet[str]) -> None:
    """An author that is an agency, or another publisher of the story, is whom the text is from; a person is not."""
    for author in member.authors:
        key = organisation(author)
        if key and key not in mine and (key in known or sounds_like_agency(author)) and not unnamed(author):
            name = agency(author) or author
            hearing.note(Claim(member.id, key, name, author, "byline", _WEIGHT["agency"]))


def received(credit: Credit) -> bool:
    """True where the words name a recipient or somebody quoted (“in a press release provided to NRT”), not an origin."""
    name = r"\s+".join(map(re.escape, credit.name.casefold().split()))
    return bool(name) and re.search(_RECEIVED.format(name=name), credit.text.casefold()) is not None


def _hear_dateline(hearing: _Hearing, member: MemberFacts, mine: frozenset[str]) -> None:
    dateline = member.dateline
    if dateline is None or not dateline.agency:
        return
    key = organisation(dateline.agency)
    words = " ".join(filter(None, [dateline.place, f"({dateline.agency})"]))
    if key in mine:
        hearing.itself.append(words)
    elif key:
        name = agency(dateline.agency) or dateline.agency
        hearing.note(Claim(member.id, key, name, words, "dateline", _WEIGHT["agency"]))


def _hear_canonical(
    hearing: _Hearing, member: MemberFacts, mine: frozenset[str], publishers: Iterable[MemberFacts]
) -> None:
    """A canonical URL on another publisher's site says whose page this is."""
    host = host_of(member.canonical_url)
    if host is None or _on_site(host, member.domain) or organisation(host) in mine:
        return
    there = {publisher.domain: publisher.name for publisher in publishers if _on_site(host, publisher.domain)}
    domain = min(there, default=host)
    name = there.get(domain, host)
    keys = site_keys(name, domain)
    known = next((key for key in sorted(keys) if key in hearing.others), None) or organisation(name)
    hearing.note(Claim(member.id, known, agency(name) or name, member.canonical_url or "", "canonical", _CANONICAL))


def _on_site(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _shared_out(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """A page that names several sources (“with AFP, EFE and Reuters”) has one voice, shared between them."""
    ordered = sorted(claims, key=lambda claim: (-claim.weight, claim.key))
    confessed = sum(claim.confesses for claim in ordered) or 1
    return tuple(
        Claim(c.member, c.key, c.name, c.words, c.how, c.weight / confessed if c.confesses else c.weight)
        for c in ordered
    )


def publishers_by_key(members: Iterable[MemberFacts]) -> Mapping[str, tuple[str, ...]]:
    """Organisation key → the ids of the members that it published."""
    found: dict[str, list[str]] = {}
    for member in members:
        for key in own_keys(member):
            found.setdefault(key, []).append(member.id)
    return {key: tuple(sorted(ids)) for key, ids in found.items()}


def quoted(words: str, longest: int = 60) -> str:
    """``words`` in quotation marks, on one line, cut where they are long."""
    plain = " ".join(words.split())
    return f"“{plain if len(plain) <= longest else plain[: longest - 1].rstrip() + '…'}”"
