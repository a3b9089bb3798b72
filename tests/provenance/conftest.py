"""Members and links, made by hand or measured on texts with the shingles that grouping uses."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import numpy as np
import pytest

from pipeline.stages.provenance import MemberFacts, StoryFacts, tell
from pipeline.text.words import read_words, shingles
from storage.records import Credit, Dateline, PairLink

NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)


def _member(id_: str, minutes: float = 0.0, **fields) -> MemberFacts:
    """Published ``minutes`` after noon and seen five minutes later, by the publisher ``id_`` unless ``name`` says otherwise."""
    name = fields.pop("name", id_)
    published = NOON + timedelta(minutes=minutes)
    defaults = {
        "domain": name.lower().replace(" ", "") + ".example", "url": f"https://{id_}.example/a", "title": f"Title by {name}",
        "words": 400, "language": "en", "date_published": published, "date_published_from": "feed",
        "date_published_raw": published.isoformat(), "date_first_seen": published + timedelta(minutes=5),
    }  # fmt: skip
    return MemberFacts(id=id_, name=name, **(defaults | fields))


def _link(a: str, b: str, similarity: float = 0.9, a_in_b: float = 0.95, b_in_a: float = 0.95, relation: str = "near"):
    return PairLink(
        a=a,
        b=b,
        relation=relation,
        similarity=similarity,
        a_in_b=a_in_b,
        b_in_a=b_in_a,
        shared=300,
        rule="t",
        channel="t",
    )


def _measured(texts: dict[str, str]) -> list[PairLink]:
    sets = {id_: np.unique(shingles(read_words(text))) for id_, text in texts.items()}
    links = []
    for a, b in combinations(sets, 2):
        shared = np.intersect1d(sets[a], sets[b]).size
        union = sets[a].size + sets[b].size - shared
        links.append(_link(a, b, shared / union, shared / sets[a].size, shared / sets[b].size))
    return links


def _story(members, links=(), **fields):
    facts = {"story_id": "s1", "change": "joined", "articles": tuple(members), "links": tuple(links), "now": NOON}
    return tell(StoryFacts(**(facts | fields)))


class Make:
    member = staticmethod(_member)
    link = staticmethod(_link)
    measured = staticmethod(_measured)
    story = staticmethod(_story)

    @staticmethod
    def credit(role: str, name: str, text: str | None = None) -> Credit:
        return Credit(role=role, name=name, text=text or f"{role}: {name}")

    @staticmethod
    def dateline(agency: str | None = None, place: str | None = "SARDAN") -> Dateline:
        return Dateline(place=place, date=None, agency=agency)


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make
