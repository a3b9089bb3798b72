"""Opening the store from a command, for reading or for writing."""

import contextlib
from collections.abc import Iterator

from pipeline.cli.options import Invocation
from pipeline.world import SystemClock
from storage.errors import StoreMissing
from storage.layout import Layout
from storage.store import Store


@contextlib.contextmanager
def reading(call: Invocation) -> Iterator[Store]:
    """A store opened for reading: a daemon may be writing at the same time. Raises StoreMissing, StoreDamaged."""
    with Store.open(call.data, clock=SystemClock().now, write=False) as store:
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
    if not any(Layout(call.data).directory(stream).is_dir() for stream in ("articles", "stories")):
        raise StoreMissing(f"{call.data} holds no store; --data DIR says where it is, `wirefold once` makes one")
