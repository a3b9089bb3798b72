"""When to look at a feed again, and what a poll taught: a ``Feed`` in, a ``Feed`` out (pure).

judge ─▶ parsed    ─▶ after_success    validators, hints, rhythm, overlap, redirect ─▶ next_due
─▶ unchanged ─▶ after_unchanged  validators, hints, silence                    ─▶ next_due
─▶ failed    ─▶ after_failure    weight of the error, back-off, never given up ─▶ next_due
"""

from pipeline.cadence.outage import OutageDetector
from pipeline.cadence.outcomes import after_failure, after_success, after_unchanged, first_due, pardon
from pipeline.cadence.redirects import duplicate_of, merge

__all__ = [
    "OutageDetector",
    "after_failure",
    "after_success",
    "after_unchanged",
    "duplicate_of",
    "first_due",
    "merge",
    "pardon",
]
