"""The server's side database: built from the streams by one thread, read by all others.

streams ──indexer──▶ writing ──▶ serve.db ──▶ listing (pages of stories, search), sums (sources, choices)
"""

from pipeline.serve.index.cards import Card, out_at
from pipeline.serve.index.indexer import Indexer, Progress
from pipeline.serve.index.listing import BadCursor, StoryPage, StoryQuery, stories
from pipeline.serve.index.schema import IndexFile
from pipeline.serve.index.sums import Choice, CopyPair, SourceRow, SourceSums, choices, names_of, source_sums

__all__ = [
    "BadCursor",
    "Card",
    "Choice",
    "CopyPair",
    "IndexFile",
    "Indexer",
    "Progress",
    "SourceRow",
    "SourceSums",
    "StoryPage",
    "StoryQuery",
    "choices",
    "names_of",
    "out_at",
    "source_sums",
    "stories",
]
