"""Who had the story first, or whom its versions credit: claims, weighed against dates, datelines and containment.

Each possible origin (a member, or an organisation without a member) collects points with a sentence for each. A page that says
its text is somebody else's is believed: it can be the origin only where the one it names points back at it. The weights are
in units of “one page's ``Source:`` line = 3”; what a date is worth grows with the lead, so that one doubtful credit loses
against a text that was out six hours earlier, and two bylines of an agency never do.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import fmean

from pipeline.stages.provenance.claims import UNNAMED, Claim, own_keys, quoted
from pipeline.stages.provenance.facts import MemberFacts
from pipeline.stages.provenance.hearing import Hearing
from pipeline.stages.provenance.names import agency, organisation
from pipeline.stages.provenance.phrases import counted, in_words, listed, when
from storage.records import Origin

_LEADS = ((timedelta(hours=6), 3.0), (timedelta(hours=1), 2.5), (timedelta(0), 2.0))
_TOGETHER = 1.0
_AHEAD = 0.5
_OWN_AGENCY = 1.5
_OWN_DATELINE = 1.5
_OWN_CREDIT = 1.0
_PLACE = 0.5
_HOLDS_ALL = 0.5
_UNNAMED_AT_MOST = 0.9
_HELD = 0.9


@dataclass(slots=True)
class _Case:
    """What speaks for one origin. ``order`` breaks ties: the first to appear; organisations outside come last."""

    key: str
    member: str | None
    name: str
    order: int
    points: float = 0.0
    credits: list[tuple[Claim, str | None]] = field(default_factory=list)
    reasons: list[tuple[float, str]] = field(default_factory=list)

    def add(self, points: float, sentence: str) -> None:
        self.points += points
        self.reasons.append((points, sentence))


def weigh(hearing: Hearing) -> Origin:
    """The origin with its evidence, the strongest first; notes on what was not counted close it."""
    cases = _Cases(hearing)
    cases.hear_credits()
    cases.hear_dates()
    cases.hear_texts()
    best = min(cases.all(), key=lambda case: (-round(case.points, 6), case.order, case.key))
    return Origin(article_id=best.member, name=best.name, evidence=tuple(cases.evidence(best)))


class _Cases:
    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._place = {id_: n for n, id_ in enumerate(hearing.by_time)}
        self._cases: dict[str, _Case] = {}
        for id_ in hearing.by_time:
            if not hearing.said[id_].confesses:
                self._member(id_)

    def all(self) -> list[_Case]:
        return list(self._cases.values())

    def _member(self, id_: str) -> _Case:
        member = self._hearing.members[id_]
        return self._cases.setdefault(f"member:{id_}", _Case(id_, id_, member.name, self._place[id_]))

    def _outside(self, claim: Claim) -> _Case:
        name = "news agencies (unnamed)" if claim.key == UNNAMED else claim.name
        return self._cases.setdefault(f"name:{claim.key}", _Case(claim.key, None, name, len(self._place)))

    # Credits

    def hear_credits(self) -> None:
        for id_ in self._hearing.by_time:
            for claim in self._hearing.said[id_].others:
                for case, through in self._meant(claim):
                    case.credits.append((claim, through))
        for case in self.all():
            self._count_credits(case)

    def _meant(self, claim: Claim) -> Iterator[tuple[_Case, str | None]]:
        """Whom a credit leads to: the one named, or whom that one names in turn, without walking in a circle."""
        path, seen, through = claim, {claim.member}, None
        while True:
            there = self._first_of(path.key, seen)
            if there is None:
                yield self._outside(path), through
                return
            seen.add(there)
            onward = self._onward(there, seen)
            if onward is None:
                yield self._member(there), through
                return
            path, through = onward, there

    def _first_of(self, key: str, seen: set[str]) -> str | None:
        """The publisher's own first version: one that it does not credit to others, where it has one."""
        ids = [id_ for id_ in self._hearing.published.get(key, ()) if id_ not in seen]
        own = [id_ for id_ in ids if not self._hearing.said[id_].confesses]
        return next(iter(own or ids), None)

    def _onward(self, id_: str, seen: set[str]) -> Claim | None:
        claims = (c for c in self._hearing.said[id_].others if c.confesses and c.key != UNNAMED)
        closed = {key for past in seen for key in own_keys(self._hearing.members[past])}
        return next((claim for claim in claims if claim.key not in closed), None)

    def _count_credits(self, case: _Case) -> None:
        """A publisher has one voice, however many of its pages are in the story."""
        voices: dict[str, tuple[float, Claim, str | None]] = {}
        for claim, through in case.credits:
            domain = self._hearing.members[claim.member].domain
            if domain not in voices or claim.weight > voices[domain][0]:
                voices[domain] = (claim.weight, claim, through)
        if not voices:
            return
        total = sum(weight for weight, _, _ in voices.values())
        points = min(total, _UNNAMED_AT_MOST) if case.key == UNNAMED else total
        heard = sorted(voices.values(), key=lambda voice: (-voice[0], self._place[voice[1].member]))
        case.add(points, self._credit_sentence(case, [(claim, through) for _, claim, through in heard]))

    def _credit_sentence(self, case: _Case, heard: list[tuple[Claim, str | None]]) -> str:
        others = len(self._hearing.members) - (case.member is not None)
        who = [f"{self._name(claim.member)} ({self._words(claim, through)})" for claim, through in heard]
        verb = "credits" if len(heard) == 1 else "credit"
        press = all(not claim.confesses for claim, _ in heard)
        whom = f"a press release of {case.name}" if press else case.name
        return f"{len(heard)} of {counted(others, 'version')} {verb} {whom}: {listed(who)}"

    def _words(self, claim: Claim, through: str | None) -> str:
        if through is not None:
            return f"{quoted(claim.words)}, by way of {self._name(through)}"
        if claim.how == "canonical":
            return f"canonical link {claim.words}"
        said = f"{claim.how} " if claim.how in {"byline", "dateline"} else ""
        return f"{said}{quoted(claim.words)}"

    def _name(self, id_: str) -> str:
        return self._hearing.members[id_].name

    # Dates

    def hear_dates(self) -> None:
        able = [case for case in self.all() if case.member is not None]
        if not able:
            return
        when_ = self._hearing.appeared
        first = min(able, key=lambda case: case.order)
        assert first.member is not None
        tied = [c for c in able if c.member and not when_[first.member].surely_before(when_[c.member])]
        if len(tied) > 1:
            for case in tied:
                case.add(_TOGETHER + _AHEAD * (case is first), self._together(case, tied))
        elif len(self._hearing.members) > 1:
            self._add_lead(first)

    def _add_lead(self, case: _Case) -> None:
        """The lead over the next version of all, so that a copy with the same date takes it away."""
        assert case.member is not None
        mine = self._hearing.appeared[case.member]
        next_id = next(id_ for id_ in self._hearing.by_time if id_ != case.member)
        lead = self._hearing.appeared[next_id].by - mine.by
        points = next((points for least, points in _LEADS if lead >= least), _TOGETHER)
        published = mine.not_before is not None
        verb = "Published" if published else "Seen"
        ahead = (
            f", {in_words(lead)} before {self._name(next_id)}"
            if lead > timedelta(0)
            else " of those that name no other source"
        )
        first = "first" if lead > timedelta(0) else "earliest"
        case.add(points if published else _TOGETHER, f"{verb} {first} ({when(mine.by)}){ahead}")

    def _together(self, case: _Case, tied: list[_Case]) -> str:
        assert case.member is not None
        mine = self._hearing.appeared[case.member]
        others = listed([other.name for other in tied if other is not case])
        verb = "Seen" if mine.not_before is None else "Published"
        return f"{verb} by {when(mine.by)}; the dates do not decide between it and {others}"

    # Texts

    def hear_texts(self) -> None:
        for case in self.all():
            if case.member is not None:
                self._hear_itself(case, self._hearing.members[case.member])
                self._hear_containment(case, case.member)

    def _hear_itself(self, case: _Case, member: MemberFacts) -> None:
        dateline = member.dateline
        itself = self._hearing.said[member.id].itself
        if agency(member.name) is not None:
            case.add(_OWN_AGENCY, f"{member.name} is a news agency: this is its own page")
        if dateline is not None and dateline.agency and itself:
            case.add(_OWN_DATELINE, f"Its own dateline names it: {quoted(itself[-1])}")
        elif itself:
            case.add(_OWN_CREDIT, f"It names itself as the source: {quoted(itself[0])}")
        elif dateline is not None and dateline.place:
            case.add(_PLACE, f"It carries a dateline of its own: {dateline.place}")

    def _hear_containment(self, case: _Case, id_: str) -> None:
        shares = [held.in_child for held in self._hearing.held[id_]]
        if shares and fmean(shares) >= _HELD:
            text = "all" if min(shares) > 0.995 else f"at least {int(100 * min(shares))} %"
            case.add(_HOLDS_ALL, f"It holds {text} of what the versions linked to it say")

    # The verdict

    def evidence(self, best: _Case) -> Iterator[str]:
        for _, sentence in sorted(best.reasons, key=lambda reason: (-reason[0], reason[1])):
            yield sentence
        if len(self._hearing.members) == 1 and best.member is not None:
            yield "It is the only version so far"
        yield from self._earlier(best)
        yield from self._other_credits(best)
        yield from self._pictures()

    def _earlier(self, best: _Case) -> Iterator[str]:
        """What speaks against it: a version that appeared before it."""
        if best.member is None:
            return
        mine = self._hearing.appeared[best.member]
        for id_ in self._hearing.by_time:
            theirs = self._hearing.appeared[id_]
            if id_ != best.member and theirs.surely_before(mine):
                gap = in_words(mine.by - theirs.by)
                yield f"Against it: {self._name(id_)} carries an earlier date ({when(theirs.by)}, {gap} before)"
                return

    def _other_credits(self, best: _Case) -> Iterator[str]:
        for case in sorted(self.all(), key=lambda case: (-case.points, case.order, case.key)):
            if case is not best and case.credits:
                yield self._credit_sentence(case, _one_each(case.credits))

    def _pictures(self) -> Iterator[str]:
        for id_ in self._hearing.by_time:
            mine = own_keys(self._hearing.members[id_])
            for credit in self._hearing.said[id_].pictures:
                if not _is_own(credit.name, mine):
                    yield f"Not counted: {self._name(id_)} credits {credit.name} for a picture only ({quoted(credit.text)})"


def _one_each(credits_: list[tuple[Claim, str | None]]) -> list[tuple[Claim, str | None]]:
    return list({claim.member: (claim, through) for claim, through in credits_}.values())


def _is_own(name: str, mine: frozenset[str]) -> bool:
    return organisation(name) in mine
