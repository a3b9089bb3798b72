"""The feed list: ``feeds.toml`` or ``feeds.opml`` in the configuration folder, never both."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from pipeline.configuration.checks import SPECIAL, convert, did_you_mean, shown
from pipeline.configuration.problems import Problems, Source
from pipeline.errors import ConfigError
from pipeline.settings import FeedSettings

TOML, OPML = "feeds.toml", "feeds.opml"
TYPES = get_type_hints(FeedSettings, include_extras=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedList:
    """The feeds in the file's order; ``path`` is None where there is no file."""

    path: Path | None = None
    feeds: tuple[FeedSettings, ...] = ()


def read_feed_list(config_dir: Path, problems: Problems) -> FeedList:
    """Reads and checks the one list there is; mistakes go into ``problems``."""
    toml, opml = config_dir / TOML, config_dir / OPML
    if toml.exists() and opml.exists():
        problems.lines.append(
            f"{opml}: {toml} exists too, and only one of them can be the list; "
            f"`wirefold feeds import {opml}` adds its feeds to {TOML}, then move {OPML} away"
        )
        return FeedList()
    if opml.exists():
        return FeedList(path=opml, feeds=_from_opml(opml, problems))
    if toml.exists():
        return FeedList(path=toml, feeds=_from_toml(Source.of_file(toml), problems))
    return FeedList()


def same_feed(url: str) -> str:
    """The key under which two spellings of a feed's address are one: scheme and host case, default port, fragment."""
    try:
        parts = urlsplit(url.strip())
        port = (
            f":{parts.port}" if parts.port and (parts.scheme, parts.port) not in (("http", 80), ("https", 443)) else ""
        )
    except ValueError:
        return url.strip()
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}{port}{parts.path or '/'}{query}"


def _from_toml(source: Source, problems: Problems) -> tuple[FeedSettings, ...]:
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        problems.lines.append(f"{source.name}: not valid TOML: {error}")
        return ()
    for name in document.keys() - {"feeds"}:
        hint = did_you_mean(name, ["feeds"]) or "; only [[feeds]] stand here, settings stand in pipeline.toml"
        problems.add(source, (name,), name, f"no such section{hint}")
    tables = document.get("feeds", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.add(source, ("feeds",), "feeds", f"expected [[feeds]] blocks, not {shown(tables)}")
        return ()
    feeds = [_feed(source, index, table, problems) for index, table in enumerate(tables)]
    _check_duplicates(source, [table.get("url") for table in tables], problems)
    return tuple(feed for feed in feeds if feed is not None)


def _feed(source: Source, index: int, table: dict[str, Any], problems: Problems) -> FeedSettings | None:
    before = len(problems.lines)
    if "url" not in table:
        problems.add(source, ("feeds", index), "feeds.url", 'missing; expected url = "https://..." in every [[feeds]]')
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key] = _checked(key, value)
        except ValueError as error:
            problems.add(source, ("feeds", index, key), f"feeds.{key}", str(error))
    return FeedSettings(**values) if len(problems.lines) == before else None


def _checked(key: str, value: object) -> Any:
    if key not in TYPES:
        raise ValueError("no such setting" + did_you_mean(key, TYPES))
    checked = convert(value, TYPES[key])
    if check := SPECIAL.get(f"feeds.{key}"):
        check(checked)
    return checked


def _check_duplicates(source: Source, urls: Iterable[object], problems: Problems) -> None:
    """Over the addresses as they stand in the file: another mistake in a block does not hide that it is there twice."""
    first: dict[str, int] = {}
    for index, url in enumerate(urls):
        if not isinstance(url, str):
            continue
        other = first.setdefault(same_feed(url), index)
        if other != index:
            where = source.place(("feeds", other, "url"))
            problems.add(source, ("feeds", index, "url"), "feeds.url", f"{url} is already listed at {where}")


def read_opml_file(path: Path) -> tuple[list[FeedSettings], list[str]]:
    """The feeds of an OPML file, each once, and what in it is no feed's address. Raises ConfigError if it is no OPML."""
    problems = Problems()
    feeds = _from_opml(path, problems)
    if not feeds:
        problems.raise_if_any()
    return list(feeds), problems.lines


def _from_opml(path: Path, problems: Problems) -> tuple[FeedSettings, ...]:
    """OPML lists repeat a feed in several folders by custom: the first one stands, the others are no mistake."""
    from pipeline.opml import read_opml

    try:
        listed = read_opml(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        problems.lines.append(f"{path}: not an OPML feed list: {error}")
        return ()
    kept: dict[str, FeedSettings] = {}
    for feed in listed:
        try:
            SPECIAL["feeds.url"](feed.url)
        except ValueError as error:
            problems.lines.append(f"{path}: feeds.url: {error}")
            continue
        kept.setdefault(same_feed(feed.url), feed)
    return tuple(kept.values())
