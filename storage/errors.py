"""What the store refuses, and what a person does about it.

StoreError              exit 3
├── StoreMissing        there is no store in that folder yet
├── StoreInUse          another process writes here (its pid is named)
├── StoreDamaged        streams and state contradict each other, or a file is not what it should be
└── StoreFailed         the disk refused: nothing more is written until a restart has recovered
"""

from pathlib import Path

REBUILD = "`wirefold store rebuild` recreates the state from the streams"

VERIFY = "`wirefold store verify` names the place"


class StoreError(Exception):
    """Base of all that the store raises on purpose; the message names the file and the remedy."""


class StoreMissing(StoreError):
    """The folder holds no store (yet)."""


class StoreInUse(StoreError):
    """Another process holds the writer's lock; ``pid`` is 0 when it could not be read."""

    def __init__(self, data: Path, pid: int) -> None:
        super().__init__(data, pid)
        self.data = data
        self.pid = pid

    def __str__(self) -> str:
        return (
            f"the store in {self.data} is in use by process {self.pid or '(unknown)'}: stop it, or give another --data"
        )


class StoreDamaged(StoreError):
    """Going on would lose or duplicate lines; ``remedy`` is the one command that recovers."""

    def __init__(self, problem: str, remedy: str = REBUILD) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem}. Nothing was changed; {self.remedy}"


class StoreFailed(StoreError):
    """A write or an fsync failed. What was committed is safe: a restart publishes it."""
