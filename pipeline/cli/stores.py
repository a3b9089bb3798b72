"""Opening the store from a command, for reading or for writing."""

import contextlib
from collections.abc import Iterator

from storage.store import Store, StoreOptions

from pipeline.cli.options import Invocation


@contextlib.contextmanager
def reading(call: Invocation) -> Iterator[Store]:
    """A store opened for reading: a daemon may be writing at the same time. Raises StoreMissing, StoreDamaged."""
    store = Store.open(call.data, StoreOptions(), write=False)
    try:
        yield store
    finally:
        store.close()
