"""The past: what was published long before it came (a backfill), compared with what was published near it.

The candidate index of the live window forgets by arrival. History is looked up by the time of the event instead: spans of
time, each with an index of its own, filled from the memory when something of that time comes, and dropped again when others
are wanted. Whether an article came years ago or a minute ago makes no difference then, nor does a restart.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from pipeline.stages.group.index import Candidate, CandidateIndex, Filed, Keys
from pipeline.stages.group.types import GroupingMemory
from storage.records import Fingerprint

MAX_FILED = 200_000
"""Articles in memory at about 1.5 KiB each: the history of a publisher with 50 articles a day for ten years."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Past:
    """Indexes by span; a span is twice the window, so that an article's neighbours lie in at most two."""

    def __init__(
        self,
        new_index: Callable[[], CandidateIndex],
        filed: Callable[[Iterable[Fingerprint]], Iterator[Filed]],
        window: timedelta,
        max_filed: int = MAX_FILED,
    ) -> None:
        self._new_index = new_index
        self._filed = filed
        self._window = window
        self._span = 2 * window
        self._max_filed = max_filed
        self._spans: OrderedDict[int, CandidateIndex] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._spans.values()))

    def candidates(
        self, keys: Keys, event_time: datetime, memory: GroupingMemory, limit: int, min_share: float
    ) -> list[Candidate]:
        """As ``CandidateIndex.candidates``, of all that the memory holds of that time."""
        wanted = sorted({self._number(event_time - self._window), self._number(event_time + self._window)})
        for number in wanted:
            self._open(number, memory)
        self._shrink(keep=len(wanted))
        found = [c for n in wanted for c in self._spans[n].candidates(keys, event_time, limit, min_share)]
        return sorted(found, key=lambda candidate: -candidate.estimate)[:limit]

    def add(self, filed: Filed) -> None:
        """Files an article where its time is in memory; elsewhere the store has it."""
        if filed.event_time is None:
            return
        self.remove(filed.article_id)
        span = self._spans.get(self._number(filed.event_time))
        if span is not None:
            span.add(filed._replace(arrived=None))

    def remove(self, article_id: str) -> None:
        for span in self._spans.values():
            span.remove(article_id)

    def _number(self, event_time: datetime) -> int:
        return (event_time - _EPOCH) // self._span

    def _open(self, number: int, memory: GroupingMemory) -> None:
        if number in self._spans:
            self._spans.move_to_end(number)
            return
        began = _EPOCH + number * self._span
        index = self._spans[number] = self._new_index()
        rows = memory.fingerprints.between(began, began + self._span)
        index.fill([filed._replace(arrived=None) for filed in self._filed(rows)])

    def _shrink(self, keep: int) -> None:
        """Drops what was wanted longest ago, never the last ``keep``."""
        while len(self._spans) > keep and len(self) > self._max_filed:
            self._spans.popitem(last=False)
