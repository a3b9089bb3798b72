"""Grouping: one story, all its versions, never two stories."""

from pipeline.stages.group.fingerprint import prepare
from pipeline.stages.group.grouper import Grouper
from pipeline.stages.group.memory import Offline
from pipeline.stages.group.stories import story_id
from pipeline.stages.group.types import (
    Evidence,
    Explanation,
    GroupingMemory,
    Placement,
    Prepared,
    StoryChange,
    Subject,
    Verdict,
)

__all__ = [
    "Evidence",
    "Explanation",
    "Grouper",
    "GroupingMemory",
    "Offline",
    "Placement",
    "Prepared",
    "StoryChange",
    "Subject",
    "Verdict",
    "prepare",
    "story_id",
]
