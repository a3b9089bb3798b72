"""The records that cross the store's seam: one frozen type per state of knowledge.

    Feed ──poll──▶ Entry ──collect──▶ (Page) ──extract──▶ Article + Fingerprint ──group──▶ Match ─▶ Story

Times are aware UTC. Whatever is stored names the recipe that made it. ``Article`` and ``Story`` are published (their
field order is the key order of the JSONL lines); the others live in the state alone.
"""

from storage.records.articles import Article, Author, Credit, Dateline, Extraction, Match, Relation, Source, Via
from storage.records.feeds import Anomaly, Entry, EntryFate, Feed, FeedSchedule, HostState, Poll, Validators
from storage.records.grouping import Boilerplate, Fingerprint, PairLink
from storage.records.stories import Change, Origin, Related, Story, Version

__all__ = [
    "Anomaly",
    "Article",
    "Author",
    "Boilerplate",
    "Change",
    "Credit",
    "Dateline",
    "Entry",
    "EntryFate",
    "Extraction",
    "Feed",
    "FeedSchedule",
    "Fingerprint",
    "HostState",
    "Match",
    "Origin",
    "PairLink",
    "Poll",
    "Related",
    "Relation",
    "Source",
    "Story",
    "Validators",
    "Version",
    "Via",
]
