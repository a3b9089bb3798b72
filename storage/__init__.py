"""The store that downstream programs build on: two append-only JSONL streams and the state behind them.

Reading needs nothing but this package (no web, no extraction, no numpy):

    from storage import Reader
    for line in Reader("data").read():
        print(line.seq, line.type, line.record())
"""

from storage.consume import Cursor, Line, Reader, tail
from storage.errors import StoreDamaged, StoreError, StoreFailed, StoreInUse, StoreMissing
from storage.options import StoreOptions
from storage.store import Store, Transaction
from storage.tables.claims import host_of

__all__ = [
    "Cursor",
    "Line",
    "Reader",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreFailed",
    "StoreInUse",
    "StoreMissing",
    "StoreOptions",
    "Transaction",
    "host_of",
    "tail",
]
