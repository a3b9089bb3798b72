"""Tells our own network's failure from theirs: when everybody fails at once, nobody is to blame."""

from collections import deque
from datetime import datetime, timedelta

from pipeline.errors import Fate

NETWORK_SLUGS = frozenset({"dns_failure", "connect_failure", "timeout"})
OUR_DOING = frozenset({"host_closed", "interrupted", "blocked_address", "bad_url"})
"""Fates that are settled without a packet: they prove nothing about the network."""
SILENCE = timedelta(seconds=60)
FEW_HOSTS, MANY_HOSTS = 3, 10
"""Ten different hosts in a row that do not answer, or three and a minute's silence. (Dead hosts answer last, because they
run into their time limits: three in a row at the end of a pass are no outage.)
"""


class OutageDetector:
    """Fed with every poll's host and fate, in order. One host that answers, with whatever status, proves the network."""

    def __init__(self) -> None:
        self._hosts: set[str] = set()
        self._blamed: deque[str] = deque(maxlen=MANY_HOSTS * 10)
        self._since: datetime | None = None
        self._now: datetime | None = None

    def observe(self, host: str, fate: Fate | None, now: datetime, feed_url: str | None = None) -> None:
        """``fate``: None, or anything that is not a network failure, means that the host answered. ``feed_url``: who is
        being blamed for it, unless ``down``.
        """
        self._now = now
        if fate is not None and fate.slug in OUR_DOING:
            return
        if fate is None or fate.slug not in NETWORK_SLUGS:
            self._since = now
            self._hosts.clear()
            self._blamed.clear()
            return
        self._since = self._since or now
        self._hosts.add(host)
        if feed_url is not None and not self.down():
            self._blamed.append(feed_url)

    def down(self) -> bool:
        """Whether a network failure now should blame no feed."""
        if len(self._hosts) >= MANY_HOSTS:
            return True
        silent = self._since is not None and self._now is not None and self._now - self._since >= SILENCE
        return silent and len(self._hosts) >= FEW_HOSTS

    def pardoned(self) -> tuple[str, ...]:
        """The feeds that were blamed before the outage was understood; told once. For ``cadence.pardon``."""
        if not self.down():
            return ()
        blamed = tuple(self._blamed)
        self._blamed.clear()
        return blamed
