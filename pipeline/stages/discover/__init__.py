"""Feed documents to entries. ``parse_feed`` is the one entrance; it is pure, picklable and runs in worker processes.

    bytes ─decode─▶ text ─▶ JSON Feed │ strict XML │ repaired XML │ feedparser ─▶ RawFeed ─identify─▶ ParsedFeed

Well-formed documents are read by one pass over an lxml tree. What is not well-formed is repaired where a repair is certain
and parsed strictly again; the rest is read by feedparser, which is also the judge in the differential tests.
"""

from pipeline.stages.discover.parse import parse_feed
from pipeline.stages.discover.raw import MAX_ENTRIES

__all__ = ["MAX_ENTRIES", "parse_feed"]
