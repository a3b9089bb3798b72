"""Where a key stands in a TOML text: tomllib gives no positions, and an error must name its line.

Not a parser: it runs only over texts that tomllib has accepted, and an unfound key costs a line number, nothing else.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")
_QUOTES = ('"""', "'''")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A header or a key on its line (1-based). ``path`` holds table names, array indices (0-based) and the key."""

    path: Path
    line: int


def marks(text: str) -> Iterator[Mark]:
    """Every table header and every key of ``text``, in order."""
    table: Path = ()
    arrays: Counter[str] = Counter()
    for number, line in _logical_lines(text):
        header = _HEADER.match(line)
        if header:
            table = _table(header, arrays)
            yield Mark(table, number)
        elif key := _KEY.match(line):
            yield Mark((*table, *_parts(key[1])), number)


def line_of(text: str, path: Path) -> int | None:
    """The line of ``path``, else of the nearest table around it, else None."""
    found: dict[Path, int] = {}
    for mark in marks(text):
        found.setdefault(mark.path, mark.line)
        if isinstance(mark.path[-1], int):
            found.setdefault(mark.path[:-1], mark.line)
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None


def _table(header: re.Match[str], arrays: Counter[str]) -> Path:
    name = header[2]
    parts: Path = tuple(_parts(name))
    if header[1] == "[":
        first = str(parts[0])
        return (first, arrays[first] - 1, *parts[1:]) if arrays[first] else parts
    arrays[name] += 1
    return (*parts, arrays[name] - 1)


def _parts(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", name)]


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that can start a key: not comments, not inside a multi-line string or a bracketed value."""
    closing, depth = "", 0  # str.splitlines would also break at U+0085 and others, which are no newlines in TOML
    for number, line in enumerate(text.split("\n"), start=1):
        if closing:
            closing = "" if closing in line else closing
            continue
        inside = depth > 0
        bare = _without_strings(line)
        if not _HEADER.match(line) or inside:
            depth += sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")
        closing = next((quote for quote in _QUOTES if bare.count(quote) % 2), "")
        if not inside and bare.strip():
            yield number, line


def _without_strings(line: str) -> str:
    """``line`` without its one-line strings and its comment; an opening triple quote stays."""
    kept = re.sub(r'"""(?:(?!""").)*"""|\'\'\'(?:(?!\'\'\').)*\'\'\'', "", line)
    kept = re.sub(r'(?<!")"(?:\\.|[^"\\])*"(?!")|(?<!\')\'[^\']*\'(?!\')', "", kept)
    return kept.split("#", 1)[0]
