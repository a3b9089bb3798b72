"""Parquet, typed: the columns follow from the record types, so they cannot drift from them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from itertools import islice
from types import NoneType
from typing import Any, BinaryIO, Literal, get_args, get_origin, get_type_hints

import msgspec

from storage.errors import StoreError
from storage.export.rows import RECORDS, Kind, Row

GROUP_ROWS = 2000
"""Rows of one row group: about 10 MiB of articles, the export's memory."""


def write_parquet(kind: Kind, rows: Iterable[Row], out: BinaryIO, progress: Callable[[int], None]) -> int:
    """zstd, one row group for 2,000 rows; times are UTC microseconds."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as problem:
        raise StoreError("Parquet needs pyarrow: install wirefold[parquet]") from problem
    schema = arrow_schema(pa, RECORDS[kind])
    written = 0
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for group in _groups(iter(rows)):
            writer.write_batch(pa.RecordBatch.from_pylist([_values(row) for row in group], schema=schema))
            written += len(group)
            progress(written)
    return written


def arrow_schema(pa: Any, record: type) -> Any:
    """The envelope's ``seq`` and ``time``, then the record's fields."""
    head = [pa.field("seq", pa.int64(), nullable=False), pa.field("time", pa.timestamp("us", "UTC"), nullable=False)]
    return pa.schema([*head, *_fields(pa, record)])


def _fields(pa: Any, record: type) -> list[Any]:
    hints = get_type_hints(record)
    return [pa.field(field.name, *_arrow(pa, hints[field.name])) for field in fields(record)]


def _arrow(pa: Any, hint: Any) -> tuple[Any, bool]:
    """The Arrow type of a type hint, and whether it may be null."""
    arguments = get_args(hint)
    if NoneType in arguments:
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        return _arrow(pa, inner)[0], True
    if get_origin(hint) is tuple:
        return pa.list_(_arrow(pa, arguments[0])[0]), False
    if is_dataclass(hint):
        return pa.struct(_fields(pa, hint)), False  # type: ignore[arg-type]  # get_type_hints gives classes
    plain = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        datetime: pa.timestamp("us", "UTC"),
    }
    return (pa.string() if get_origin(hint) is Literal else plain[hint]), False


def _values(row: Row) -> dict[str, Any]:
    return {"seq": row.seq, "time": row.time, **msgspec.to_builtins(row.record, builtin_types=(datetime,))}


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while group := list(islice(rows, GROUP_ROWS)):
        yield group
