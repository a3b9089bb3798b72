"""What every source is given, and what they share: bounds, marks, requests that wait when a host asks for it."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TypeVar

import msgspec

from pipeline.errors import Fate, Retry
from pipeline.records import Request, Response
from pipeline.steps.keep import Announced, Mark
from pipeline.steps.known import within
from pipeline.world import World
from storage.records import Entry

log = logging.getLogger(__name__)
T = TypeVar("T")
Problem = Callable[[str], None]
"""Told a sentence about a source that could not be read."""
BATCH = 500
"""Entries announced in one transaction."""
TRIES = 4
FIRST_PAUSE_S = 2.0
"""After an answer that failed without saying when to come back; doubled each time."""
GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Published at or after ``since``, before ``until``; an entry without a date is judged by its page."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, published: datetime | None) -> bool:
        return within(published, self.since, self.until)

    def may_hold(self, stated: datetime | None) -> bool:
        """The same of a date that may be of a whole day (midnight): some moment of that day lies within."""
        if stated is None or self.holds(stated):
            return True
        whole_day = stated.time() == time.min
        return whole_day and self.since is not None and stated < self.since < stated + timedelta(days=1)

    def __str__(self) -> str:
        ends = [moment.isoformat() if moment else "" for moment in (self.since, self.until)]
        return f"{ends[0]}..{ends[1]}" if any(ends) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One run over the sources. ``again``: from their beginnings, and what failed before is tried once more.

    ``problem`` is told a sentence about whatever of a source could not be read. ``sites``: of archives that hold many
    publishers only these (registrable domains; empty: all).
    """

    world: World
    problem: Problem
    bounds: Bounds = field(default_factory=Bounds)
    again: bool = False
    sites: frozenset[str] = frozenset()
    plan: bool = False
    """Nothing is to be kept: supplied pages are counted, not extracted."""

    def mark(self, source: str, state: object | None) -> Mark:
        """``state`` None: the source has been read to its end."""
        return Mark(name=self._name(source), payload=b"" if state is None else msgspec.json.encode(state))

    def resumed(self, source: str, kind: type[T]) -> T | None:
        """Where an earlier run with the same bounds stopped; None from the beginning."""
        kept = None if self.again else self.world.store.checkpoints.get(self._name(source))
        if not kept:
            return None
        try:
            return msgspec.json.decode(kept, type=kind)
        except msgspec.MsgspecError:  # written by another version: reading again costs time, nothing else
            return None

    def announced(
        self,
        source: str,
        entries: Iterable[Entry] = (),
        *,
        mark: Mark | None = None,
        passed: int = 0,
        share: float | None = None,
    ) -> Announced:
        found = tuple(self.entry(source, entry) for entry in entries)
        return Announced(source=source, entries=found, mark=mark, passed=passed, again=self.again, share=share)

    def entry(self, source: str, entry: Entry) -> Entry:
        """As it is kept: history, with its source and these bounds."""
        seen = entry.first_seen or self.world.clock.now()
        bounds = self.bounds
        return replace(entry, source=source, backfill=True, first_seen=seen, since=bounds.since, until=bounds.until)

    def batches(
        self, source: str, entries: Sequence[Entry], *, found: int, mark: Mark | None, share: float | None = None
    ) -> Iterator[Announced]:
        """``entries`` in batches, the last of which carries the mark; ``found`` counts also those outside the bounds."""
        whole = len(entries) - len(entries) % BATCH if entries else 0
        whole -= BATCH if whole == len(entries) and whole else 0
        for start in range(0, whole, BATCH):
            yield self.announced(source, entries[start : start + BATCH])
        last = self.announced(source, entries[whole:], mark=mark, passed=found - len(entries), share=share)
        yield replace(last, document=True)

    async def get(self, url: str, *, accept: str | None = None, headers: dict[str, str] | None = None) -> Response:
        """A final answer below 400. A host that asks for a pause gets it, up to ``archives.patience_s``.

        Raises Retry (the same command may have better luck later) or another Fate.
        """
        wishes = {**({"Accept": accept} if accept else {}), **(headers or {})}
        request = Request(url=url, kind="archive", headers=wishes)
        pause_s = FIRST_PAUSE_S
        for tries_left in reversed(range(TRIES)):
            try:
                return _checked(await self.world.web.get(request))
            except Retry as fate:
                wait_s = pause_s if fate.retry_after_s is None else fate.retry_after_s
                if not tries_left or wait_s > self.world.settings.archives.patience_s:
                    raise
                log.info("%s: %s; again in %.0f s", url, fate, wait_s)
            await self.world.clock.sleep(wait_s)
            pause_s *= 2
        raise AssertionError("unreachable")

    def failed(self, url: str, fate: Fate) -> None:
        """Tells what could not be read, and whether it is worth coming back."""
        later = "; the same command goes on from here" if isinstance(fate, Retry) else ""
        self.problem(f"{url}: {fate}{later}")

    def _name(self, source: str) -> str:
        sites = ",".join(sorted(self.sites))
        return "|".join(["backfill/" + source, str(self.bounds), sites]).rstrip("|")


def _checked(response: Response) -> Response:
    status = response.status
    if status in GONE:
        raise Fate("not_found", f"HTTP {status}")
    if status >= 500 or status in {408, 425, 429}:
        raise Retry("server_error", f"HTTP {status}")
    if status in {401, 402, 403, 407, 451}:
        raise Fate("forbidden", f"HTTP {status}")
    if status >= 300:
        raise Fate("client_error", f"HTTP {status}")
    return response
