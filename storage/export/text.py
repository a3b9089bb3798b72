"""JSONL and CSV."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any, BinaryIO, get_args, get_type_hints

import msgspec

from storage import codec
from storage.export.rows import RECORDS, Kind, Row

FLUSH_ROWS = 500


def write_jsonl(kind: Kind, rows: Iterable[Row], out: BinaryIO, progress: Callable[[int], None]) -> int:
    """The lines of the store's own schema, with the present story and feeds."""
    name = "article" if kind == "articles" else "story"
    number = 0
    for number, row in enumerate(rows, 1):
        out.write(codec.line(row.seq, name, row.time, row.record))
        progress(number)
    return number


def write_csv(kind: Kind, rows: Iterable[Row], out: BinaryIO, progress: Callable[[int], None]) -> int:
    """Records within the record become columns (``source_domain``); lists become JSON; None an empty cell (RFC 4180)."""
    columns = _columns(RECORDS[kind])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["seq", "time", *(name for name, _path in columns)])
    number = 0
    for number, row in enumerate(rows, 1):
        cells = msgspec.to_builtins(row.record)
        writer.writerow([row.seq, msgspec.to_builtins(row.time), *(_cell(cells, path) for _name, path in columns)])
        if number % FLUSH_ROWS == 0:
            _flush(text, out)
        progress(number)
    _flush(text, out)
    return number


def _columns(record: type) -> list[tuple[str, tuple[str, ...]]]:
    """Column names with the path to their value: one level of nested records is unfolded."""
    hints = get_type_hints(record)
    columns: list[tuple[str, tuple[str, ...]]] = []
    for field in fields(record):
        nested = next((part for part in (hints[field.name], *get_args(hints[field.name])) if is_dataclass(part)), None)
        if nested is None or get_args(hints[field.name])[-1:] == (...,):
            columns.append((field.name, (field.name,)))
        else:
            columns += [(f"{field.name}_{inner.name}", (field.name, inner.name)) for inner in fields(nested)]
    return columns


def _cell(cells: dict[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = cells
    for name in path:
        value = None if value is None else value[name]
    return msgspec.json.encode(value).decode() if isinstance(value, list | tuple | dict) else value


def _flush(text: io.StringIO, out: BinaryIO) -> None:
    out.write(text.getvalue().encode())
    text.seek(0)
    text.truncate()
