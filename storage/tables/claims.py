"""Which entries are in hand, and on which hosts."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host whose politeness the URL falls under: ``name:port`` in lower case, the scheme's port where none is given."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname or ''}:{port}"


@dataclass(slots=True)
class Claims:
    """Entries in hand, in memory alone: a crash opens them again. One object a store."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    generations: dict[int, int] = field(default_factory=dict)
    hosts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    after: dict[int, str] = field(default_factory=dict)

    def take(self, host: str, entry: int, generation: int) -> None:
        self.generations[entry] = generation
        self.hosts[host].add(entry)

    def settle(self, host: str, entry: int) -> None:
        with self.lock:
            self.generations.pop(entry, None)
            self.hosts[host].discard(entry)
            if not self.hosts[host]:
                del self.hosts[host]

    def clear(self) -> None:
        with self.lock:
            self.generations.clear()
            self.hosts.clear()
