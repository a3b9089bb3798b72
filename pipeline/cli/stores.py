"""Opening the store from a command, for reading or for writing."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.cli.invoked import command
from pipeline.cli.options import Invocation
from pipeline.world import SystemClock
from storage.errors import StoreMissing
from storage.layout import Layout
from storage.store import Store


@contextlib.contextmanager
def reading(call: Invocation) -> Iterator[Store]:
    """A store opened for reading: a daemon may be writing at the same time. Raises StoreMissing, StoreDamaged."""
    try:
        store = Store.open(call.data, clock=SystemClock().now, write=False)
    except StoreMissing:
        raise StoreMissing(_no_store(call)) from None
    with store:
        yield store


@contextlib.contextmanager
def writing(call: Invocation) -> Iterator[Store]:
    """An existing store opened for writing. Raises StoreMissing, StoreInUse, StoreDamaged."""
    from pipeline.engines.session import store_options

    require_streams(call)
    with Store.open(call.data, store_options(call.settings), clock=SystemClock().now) as store:
        yield store


def require_streams(call: Invocation) -> None:
    """Raises StoreMissing where no stream was ever written: most likely a mistyped --data."""
    if not _has_streams(call.data):
        raise StoreMissing(_no_store(call))


def _no_store(call: Invocation) -> str:
    """With its remedy; ``wirefold demo`` leaves its store below the usual place."""
    demo = call.data / "demo"
    if _has_streams(demo):
        return f"{call.data} holds no store; the demo's lies in {demo}: --data {demo}"
    return (
        f"{call.data} holds no store yet; --data DIR names the folder of another, "
        f"`{command('once')}` makes one of your feeds, `{command('demo')}` one to look at"
    )


def _has_streams(data: Path) -> bool:
    return any(Layout(data).directory(stream).is_dir() for stream in ("articles", "stories"))
