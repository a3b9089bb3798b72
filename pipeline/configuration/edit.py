"""Adding to and removing from ``feeds.toml`` as text, so that the operator's comments and order stay.

Every edit is checked before it is written: the new text must parse to exactly the feeds that were meant.
"""

import json
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.configuration.feedlist import OPML, same_feed
from pipeline.configuration.locate import marks
from pipeline.errors import ConfigError
from pipeline.settings import FeedSettings

NEW_FILE = "# The feeds that wirefold follows; every key is explained in docs/configuration.md.\n"


def add_feeds(path: Path, feeds: Iterable[FeedSettings]) -> list[FeedSettings]:
    """Appends a block for every feed that is not listed yet; returns those. The file is made where there is none."""
    _refuse_opml(path)
    text = path.read_text(encoding="utf-8") if path.exists() else NEW_FILE
    listed = {same_feed(table["url"]) for table in _tables(text)}
    added: list[FeedSettings] = []
    for feed in feeds:
        if same_feed(feed.url) not in listed:
            listed.add(same_feed(feed.url))
            added.append(feed)
    if added:
        new = "\n".join([text.rstrip("\n") + "\n", *(block(feed) for feed in added)])
        _replace(path, new, [*_tables(text), *(_table(feed) for feed in added)])
    return added


def remove_feeds(path: Path, urls: Collection[str]) -> list[str]:
    """Removes the blocks of ``urls``, each with the comment directly above it; returns the addresses removed."""
    _refuse_opml(path)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    wanted, tables = {same_feed(url) for url in urls}, _tables(text)
    gone = [index for index, table in enumerate(tables) if same_feed(table["url"]) in wanted]
    new = text
    for index in reversed(gone):
        new = _without_block(new, index)
    if gone:
        _replace(path, new, [table for index, table in enumerate(tables) if index not in gone])
    return [tables[index]["url"] for index in gone]


def block(feed: FeedSettings) -> str:
    """One ``[[feeds]]`` block; keys that have their default are left out."""
    lines = [f"{key} = {_toml(value)}" for key, value in _table(feed).items()]
    return "\n".join(["[[feeds]]", *lines, ""])


def _table(feed: FeedSettings) -> dict[str, Any]:
    """What a reader of the block gets."""
    plain = FeedSettings(url=feed.url)
    kept = {one.name: getattr(feed, one.name) for one in fields(feed)}
    return {key: value for key, value in kept.items() if key == "url" or value != getattr(plain, key)}


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON allows DEL, TOML does not


def _without_block(text: str, index: int) -> str:
    lines = text.split("\n")
    headers = [mark for mark in marks(text) if mark.path[:1] == ("feeds",) and mark.path[1:] == (index,)]
    if not headers:
        return text
    start = headers[0].line - 1
    later = [mark.line - 1 for mark in marks(text) if mark.line - 1 > start and mark.path[:2] != ("feeds", index)]
    end = later[0] if later else len(lines)
    while end > start and _is_comment(lines[end - 1]):
        end -= 1
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    while end < len(lines) and not lines[end].strip() and (start == 0 or not lines[start - 1].strip()):
        end += 1
    return "\n".join(lines[:start] + lines[end:])


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _tables(text: str) -> list[dict[str, Any]]:
    return list(tomllib.loads(text).get("feeds", []))


def _refuse_opml(path: Path) -> None:
    opml = path.with_name(OPML)
    if opml.exists():
        raise ConfigError(
            f"{opml}: the feed list is an OPML file, which is not edited here; "
            f"move it elsewhere and `wirefold feeds import` it once to have {path.name} instead"
        )


def _replace(path: Path, text: str, meant: list[dict[str, Any]]) -> None:
    if _tables(text) != meant:
        raise ConfigError(f"{path}: its layout cannot be edited safely from here; please edit it by hand")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(text, encoding="utf-8")
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o777)
    temporary.replace(path)
