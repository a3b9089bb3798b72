"""How a store writes. The names are those of ``[store]`` in ``config/pipeline.toml``."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """Rotation happens at ``segment_mib``, after ``segment_hours`` or at midnight UTC, whichever comes first.

    - ``seal``: closed segments become zstd once they have been closed for ``plain_grace_hours`` (so that followers of
      plain files, Vector or Fluent Bit, can finish them).
    - ``fsync``: ``batch`` makes every transaction durable against power loss; ``none`` only against the death of the
      process (for tests and throw-away runs).
    """

    segment_mib: float = 128.0
    segment_hours: float = 24.0
    seal: bool = True
    plain_grace_hours: float = 24.0
    fsync: Literal["batch", "none"] = "batch"
    zstd_level: int = 3
