"""Who had a story first, who is built on whom, and which version to show. Pure: no text is kept, no clock is read.

articles + links ──hearing──▶ what each says, when each appeared ──origin──▶ ──tree──▶ ──canonical──▶ Story
"""

from pipeline.stages.provenance.facts import MemberFacts, StoryFacts, member_facts
from pipeline.stages.provenance.phrases import KINDS, RELATIONS, counted, in_words, listed, when
from pipeline.stages.provenance.tell import tell

__all__ = [
    "KINDS",
    "RELATIONS",
    "MemberFacts",
    "StoryFacts",
    "counted",
    "in_words",
    "listed",
    "member_facts",
    "tell",
    "when",
]
