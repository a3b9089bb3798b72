"""The current articles and stories in the forms that other programs take; every export streams in bounded memory."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal

from storage.disk import Disk
from storage.export.atom import write_atom
from storage.export.parquet import write_parquet
from storage.export.rows import ROWS, Kind
from storage.export.text import write_csv, write_jsonl
from storage.store import Store

__all__ = ["FORMATS", "Format", "Kind", "export", "export_file"]

Format = Literal["parquet", "jsonl", "csv", "atom"]
FORMATS: tuple[Format, ...] = ("parquet", "jsonl", "csv", "atom")


def export(
    store: Store, kind: Kind, form: Format, out: BinaryIO, *, progress: Callable[[int], None] | None = None
) -> int:
    """Writes the latest revision of every article, or the present state of every story, and returns how many.

    Articles carry their present ``story_id`` and every feed that announced them. Raises StoreError for Parquet without
    pyarrow, and for articles as Atom (an Atom feed is of stories).
    """
    progress = progress or (lambda _rows: None)
    if form == "atom":
        return write_atom(store, kind, out, progress)
    rows = ROWS[kind](store)
    if form == "parquet":
        return write_parquet(kind, rows, out, progress)
    return (write_csv if form == "csv" else write_jsonl)(kind, rows, out, progress)


def export_file(
    store: Store, kind: Kind, form: Format, path: Path, *, progress: Callable[[int], None] | None = None
) -> int:
    """The same into a file that appears only once it is whole."""
    draft = path.with_name(f".{path.name}.tmp")
    try:
        with draft.open("wb") as out:
            rows = export(store, kind, form, out, progress=progress)
        Disk(durable=False).replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return rows
