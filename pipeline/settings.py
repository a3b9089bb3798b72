"""Settings: every key with its type, default and unit (reasons stand in ``config/pipeline.toml``), and how they are read."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    user_agent: str = "wirefold/0.1 (+https://github.com/wirefold/wirefold; news deduplication)"
    concurrency: int = 32
    per_host_concurrency: int = 2
    per_host_delay_s: float = 1.0
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 15.0
    max_body_mib: float = 10.0
    max_redirects: int = 10
    respect_robots: bool = True
    robots_for_feeds: bool = False
    http2: bool = True
    allow_private_networks: tuple[str, ...] = ()
    resolve: dict[str, str] = field(default_factory=dict)
    """Host name → ``address:port``, as curl's --connect-to: for tests and demos."""
    max_attempts: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    min_interval_minutes: float = 5.0
    default_interval_minutes: float = 30.0
    max_interval_minutes: float = 1440.0
    error_cap_hours: float = 720.0
    jitter: float = 0.1
    tick_s: float = 1.0
    shutdown_grace_s: float = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    workers: int = 0
    """0: one per core."""
    quality: Literal["fast", "standard", "best"] = "standard"
    deadline_s: float = 10.0
    memory_mib: int = 1500
    recycle_after_pages: int = 2000
    min_words: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    window_days: float = 4.0
    num_perm: int = 128
    bands: int = 64
    rows: int = 2
    similarity: float = 0.25
    containment: float = 0.7
    min_shared_shingles: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    data: str = "./data"
    segment_mib: float = 128.0
    segment_hours: float = 24.0
    seal: bool = True
    plain_grace_hours: float = 24.0
    fsync: Literal["batch", "none"] = "batch"
    batch_articles: int = 100
    batch_wait_s: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """One ``[[feeds]]`` of feeds.toml, or one outline of feeds.opml."""

    url: str
    name: str | None = None
    interval_minutes: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    http2: bool = True
    full_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    fetch: FetchSettings = FetchSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    extract: ExtractSettings = ExtractSettings()
    group: GroupSettings = GroupSettings()
    store: StoreSettings = StoreSettings()
    feeds: tuple[FeedSettings, ...] = ()
