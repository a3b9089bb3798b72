"""The story, told from its members: one record with origin, version tree and the version to show."""

from datetime import datetime

from pipeline.stages.provenance.canonical import choose
from pipeline.stages.provenance.facts import MemberFacts, StoryFacts, member_facts, to_the_day
from pipeline.stages.provenance.hearing import Hearing
from pipeline.stages.provenance.origin import weigh
from pipeline.stages.provenance.tree import versions
from storage.records import Story


def tell(change: StoryFacts) -> Story:
    """The story after ``change``. Pure, and the same for every order of articles and links.

    Raises ValueError for a story without members.
    """
    if not change.articles:
        raise ValueError(f"story {change.story_id} has no members")
    members = [a if isinstance(a, MemberFacts) else member_facts(a) for a in change.articles]
    hearing = Hearing({member.id: member for member in sorted(members, key=lambda member: member.id)}, change.links)
    origin = weigh(hearing)
    order = hearing.in_order(origin.article_id)
    canonical = choose(hearing, origin.article_id, change.canonical_before)
    told = [hearing.members[id_] for id_ in order]
    return Story(
        story_id=change.story_id,
        change=change.change,
        members=tuple(order),
        canonical=canonical,
        origin=origin,
        merged_from=change.merged_from,
        related=change.related,
        title=hearing.members[canonical].title or next((m.title for m in told if m.title), None),
        date_first_published=_first_published(hearing),
        date_updated=change.now,
        languages=tuple(sorted({member.language for member in told if member.language})),
        sources=tuple(dict.fromkeys(member.name for member in told)),
        versions=tuple(versions(hearing, order)),
    )


def _first_published(hearing: Hearing) -> datetime | None:
    """The earliest date that names a time, else the earliest day; a date after the article was seen does not count."""
    dated = [m for m in hearing.members.values() if hearing.appeared[m.id].not_before is not None]
    to_the_minute = [m for m in dated if not to_the_day(m)]
    return min((m.date_published for m in to_the_minute or dated if m.date_published is not None), default=None)
