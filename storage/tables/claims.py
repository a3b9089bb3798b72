"""Which entries are in hand, and on which hosts."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host whose politeness the URL falls under: ``name:port`` in lower case, the scheme's port where none is given."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname or ''}:{port}"


@dataclass(slots=True)
class Claims:
    """Entries in hand, in memory alone: a crash opens them again. One object a store.

    A claim remembers the host and the generation under which it began: the entry's row may name others by its end.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    held: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Entry → (host, generation)."""
    after: dict[int, str] = field(default_factory=dict)
    _on_host: Counter[str] = field(default_factory=Counter)

    def take(self, host: str, entry: int, generation: int) -> None:
        self.held[entry] = (host, generation)
        self._on_host[host] += 1

    def on_host(self, host: str) -> int:
        """How many entries of the host are in hand."""
        return self._on_host[host]

    def overtaken(self, entry: int, generation: int) -> bool:
        """Whether the entry is in hand under another generation than the one it has now."""
        _host, claimed = self.held.get(entry, (None, generation))
        return claimed != generation

    def settle(self, entry: int) -> None:
        with self.lock:
            host, _generation = self.held.pop(entry, (None, 0))
            if host is not None:
                self._on_host[host] -= 1
                if not self._on_host[host]:
                    del self._on_host[host]

    def clear(self) -> None:
        with self.lock:
            self.held.clear()
            self._on_host.clear()
