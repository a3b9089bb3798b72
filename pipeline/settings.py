"""Settings: every key with its type, range, default and unit. Reasons stand in ``config/pipeline.toml``.

How they are read from files and the environment, and checked, is ``pipeline.configuration``. A number's range is part
of its type: ``msgspec.Meta`` is what the check reads.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from msgspec import Meta

Count = Annotated[int, Meta(ge=1)]
CountOrZero = Annotated[int, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Text = Annotated[str, Meta(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    user_agent: Text = "wirefold/0.1 (+https://github.com/wirefold/wirefold; news deduplication)"
    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 32
    per_host_concurrency: Annotated[int, Meta(ge=1, le=32)] = 2
    per_host_delay_s: NotNegative = 1.0
    timeout_s: Positive = 30.0
    connect_timeout_s: Positive = 10.0
    read_timeout_s: Positive = 15.0
    max_body_mib: Positive = 10.0
    max_redirects: Annotated[int, Meta(ge=0, le=50)] = 10
    respect_robots: bool = True
    robots_for_feeds: bool = False
    http2: bool = True
    allow_private_networks: tuple[str, ...] = ()
    resolve: dict[str, str] = field(default_factory=dict)
    """Host name → ``address:port``, as curl's --connect-to: for tests and demos."""
    max_attempts: Count = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSettings:
    min_interval_minutes: Positive = 5.0
    default_interval_minutes: Positive = 30.0
    max_interval_minutes: Positive = 1440.0
    error_cap_hours: Positive = 720.0
    jitter: Share = 0.1
    tick_s: Positive = 1.0
    shutdown_grace_s: NotNegative = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    workers: Annotated[int, Meta(ge=0, le=256)] = 0
    """0: one per core."""
    quality: Literal["fast", "standard", "best"] = "standard"
    deadline_s: Positive = 10.0
    memory_mib: Annotated[int, Meta(ge=200)] = 1500
    recycle_after_pages: Count = 2000
    min_words: CountOrZero = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSettings:
    window_days: Positive = 4.0
    num_perm: Annotated[int, Meta(ge=16, le=1024)] = 128
    bands: Count = 64
    rows: Count = 2
    similarity: Share = 0.25
    containment: Share = 0.7
    min_shared_shingles: Count = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    data: Text = "./data"
    segment_mib: Positive = 128.0
    segment_hours: Positive = 24.0
    seal: bool = True
    plain_grace_hours: NotNegative = 24.0
    fsync: Literal["batch", "none"] = "batch"
    batch_articles: Count = 100
    batch_wait_s: NotNegative = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    wayback_url: Text = "https://web.archive.org"
    patience_s: NotNegative = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["line", "json"] = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """One ``[[feeds]]`` of feeds.toml, or one outline of feeds.opml."""

    url: str
    name: str | None = None
    interval_minutes: Positive | None = None
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
    archives: ArchiveSettings = ArchiveSettings()
    log: LogSettings = LogSettings()
    feeds: tuple[FeedSettings, ...] = ()
