"""Tells our own network's failure from theirs: when everybody fails at once, nobody is to blame."""

from collections import deque
from datetime import datetime, timedelta

from pipeline.errors import Fate

NETWORK_SLUGS = frozenset({"dns_failure", "connect_failure", "timeout"})
SILENCE = timedelta(seconds=60)
MIN_HOSTS = 3
KEEP = 256


class OutageDetector:
    """Fed with every poll's host and fate, in order. ``down``: no host answered since ``MIN_HOSTS`` different ones failed.

    One host that answers, with whatever status, proves that the network is up.
    """

    def __init__(self) -> None:
        self._failed: deque[tuple[datetime, str]] = deque(maxlen=KEEP)
        self._answered_at: datetime | None = None
        self._hosts_that_answered: set[str] = set()

    def observe(self, host: str, fate: Fate | None, now: datetime) -> None:
        """``fate``: None, or anything that is not a network failure, means that the host answered."""
        if fate is not None and fate.slug == "host_closed":
            return
        if fate is None or fate.slug not in NETWORK_SLUGS:
            self._answered_at = now
            self._failed.clear()
            return
        self._failed.append((now, host))

    def down(self) -> bool:
        """Whether a network failure now should blame no feed."""
        return len({host for _, host in self._failed}) >= MIN_HOSTS
