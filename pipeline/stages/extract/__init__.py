"""From a fetched page to what it says: a pure function that runs in a worker process.

Page ─ decode ─ parse once ─┬─ declared: JSON-LD, OpenGraph, Dublin Core, microdata, links
                            ├─ harvest: credits and bylines, before anything is pruned
                            └─ body: trafilatura ─ gate ─ readability ─ clean ─▶ Extracted, or the Drop that says why not
"""

from pipeline.stages.extract.flow import PRELOAD, extract, extract_cheaply

__all__ = ["PRELOAD", "extract", "extract_cheaply"]
