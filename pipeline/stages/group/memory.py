"""Memories for grouping outside the store: everything in dicts, shingles optionally in a temporary file."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from storage.records import Boilerplate, Fingerprint, PairLink


class OfflineFingerprints:
    """The table ``fingerprints`` in memory."""

    def __init__(self) -> None:
        self._rows: dict[str, Fingerprint] = {}
        self._links: dict[str, dict[str, PairLink]] = defaultdict(dict)
        self._members: dict[str, list[str]] = defaultdict(list)
        self._last = 0

    def get(self, ids: Collection[str]) -> Mapping[str, Fingerprint]:
        return {i: self._rows[i] for i in ids if i in self._rows}

    def live(self, since: datetime) -> Iterator[Fingerprint]:
        rows = sorted(self._rows.values(), key=lambda f: f.arrival)
        return (f for f in rows if f.arrived is None or f.arrived >= since)

    def links(self, ids: Collection[str]) -> Sequence[PairLink]:
        found = {(link.a, link.b): link for i in ids if i in self._links for link in self._links[i].values()}
        return list(found.values())

    def members(self, story_id: str) -> Sequence[str]:
        return sorted(self._members.get(story_id, ()), key=lambda i: self._rows[i].arrival)

    def story_of(self, article_id: str) -> str:
        """The story that an article stands in now."""
        return self._rows[article_id].story_id

    def last_arrival(self) -> int:
        return self._last

    def put(self, fingerprint: Fingerprint) -> None:
        self.drop(fingerprint.article_id)
        self._rows[fingerprint.article_id] = fingerprint
        self._members[fingerprint.story_id].append(fingerprint.article_id)
        self._last = max(self._last, fingerprint.arrival)

    def drop(self, article_id: str) -> None:
        old = self._rows.pop(article_id, None)
        if old is not None:
            self._leave(article_id, old.story_id)

    def put_links(self, links: Sequence[PairLink]) -> None:
        for link in links:
            self._links[link.a][link.b] = link
            self._links[link.b][link.a] = link

    def drop_links(self, article_id: str) -> None:
        for other in self._links.pop(article_id, {}):
            self._links[other].pop(article_id, None)

    def move(self, ids: Sequence[str], story_id: str) -> None:
        for article_id in ids:
            old = self._rows[article_id]
            self._leave(article_id, old.story_id)
            self._rows[article_id] = replace(old, story_id=story_id)
            self._members[story_id].append(article_id)

    def _leave(self, article_id: str, story_id: str) -> None:
        members = self._members[story_id]
        members.remove(article_id)
        if not members:
            del self._members[story_id]


class OfflineBoilerplate:
    """The table ``boilerplate`` in memory."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Boilerplate] = {}

    def get(self, site: str, paragraphs: Collection[int]) -> Mapping[int, Boilerplate]:
        rows = self._rows
        return {p: rows[site, p] for p in paragraphs if (site, p) in rows}

    def put(self, rows: Sequence[Boilerplate]) -> None:
        for row in rows:
            self._rows[row.site, row.paragraph] = row


class Offline:
    """A ``GroupingMemory`` that lives as long as the process."""

    def __init__(self) -> None:
        self.fingerprints = OfflineFingerprints()
        self.boilerplate = OfflineBoilerplate()
