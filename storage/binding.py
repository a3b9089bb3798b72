"""The connection that every table is bound to: what SQLite cannot hold is replaced where it is bound."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from storage import codec

Values = Sequence[Any] | Mapping[str, Any]


class Connection(sqlite3.Connection):
    """Binds lone surrogates as ``codec.text`` stores them, in what is written and in what is looked for."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(sql, parameters)
        except UnicodeEncodeError:  # raised while binding: nothing was done yet
            return super().execute(sql, _storable(parameters))

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> sqlite3.Cursor:
        return super().executemany(sql, map(_storable, parameters))  # a second try would repeat the rows before


def _storable(values: Values) -> Values:
    if isinstance(values, Mapping):
        return {name: _value(value) for name, value in values.items()}
    return tuple(map(_value, values))


def _value(value: Any) -> Any:
    return codec.text(value) if isinstance(value, str) else value
