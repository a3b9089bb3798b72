"""Backfill sources → Announced or Supplied: the same entries as a poll would announce, from further back.

A source is an async iterator of batches. Each batch carries the source's place (``Mark``), kept in the same transaction, so
that the same command goes on where it stopped; a source at its end leaves none and reads anew next time.

sitemaps   a sitemap, an index, or what robots.txt names
feeds      what a feed shows, its archive (RFC 5005), its numbered pages (``?paged=2``)
wayback    copies in the Wayback Machine: of pages, or of a feed
lists      addresses in a file
warcs      WARC files, with their pages
corpora    articles in JSONL, with their texts
"""

from pipeline.steps.archives.corpora import corpus
from pipeline.steps.archives.feeds import feed
from pipeline.steps.archives.lists import url_list
from pipeline.steps.archives.reading import Bounds, Reading
from pipeline.steps.archives.sitemaps import sitemap
from pipeline.steps.archives.warcs import warc
from pipeline.steps.archives.wayback import wayback

__all__ = ["Bounds", "Reading", "corpus", "feed", "sitemap", "url_list", "warc", "wayback"]
