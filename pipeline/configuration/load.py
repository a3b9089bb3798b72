"""Files, environment and command line → ``Settings``; every mistake in them at once, each with its place and remedy."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from pipeline.configuration import environment
from pipeline.configuration.checks import SPECIAL, convert, did_you_mean, shown
from pipeline.configuration.feedlist import read_feed_list
from pipeline.configuration.problems import Problems, Source
from pipeline.errors import ConfigError
from pipeline.settings import Settings

SETTINGS_FILE = "pipeline.toml"
SECTIONS: dict[str, type] = {name: t for name, t in get_type_hints(Settings).items() if name != "feeds"}
TYPES: dict[str, dict[str, Any]] = {name: get_type_hints(t, include_extras=True) for name, t in SECTIONS.items()}


_FORM = f"settings are {environment.PREFIX}<SECTION>__<KEY>, such as {environment.PREFIX}FETCH__TIMEOUT_S"


@dataclass(slots=True)
class _Draft:
    """Checked values so far, by section and key, each with where it came from."""

    problems: Problems = field(default_factory=Problems)
    values: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in SECTIONS})
    origins: dict[str, tuple[Source, tuple[str, ...]]] = field(default_factory=dict)

    def put(self, source: Source, section: str, key: str, value: object) -> None:
        path, name = (section, key), f"{section}.{key}"
        if not _known(self.problems, source, section, key):
            return
        try:
            checked = convert(value, TYPES[section][key])
            if name in SPECIAL:
                SPECIAL[name](checked)
        except ValueError as error:
            self.problems.add(source, path, name, str(error))
            return
        self.values[section][key] = checked
        self.origins[name] = (source, path)


def load_settings(
    config_dir: Path, environ: Mapping[str, str], overrides: Mapping[str, object] | None = None
) -> Settings:
    """Defaults, then ``config_dir/pipeline.toml``, then ``WIREFOLD_*``, then ``overrides`` (``{"store.data": "x"}``).

    A folder or file that does not exist counts as empty. Raises ConfigError with one line per mistake.
    """
    draft = _Draft()
    _from_file(draft, config_dir / SETTINGS_FILE)
    _from_environment(draft, environ)
    for name, value in (overrides or {}).items():
        section, _, key = name.partition(".")
        draft.put(Source("command line"), section, key, value)
    feed_list = read_feed_list(config_dir, draft.problems)
    draft.problems.raise_if_any()
    settings = Settings(**{name: SECTIONS[name](**draft.values[name]) for name in SECTIONS}, feeds=feed_list.feeds)
    _check_together(draft, settings)
    draft.problems.raise_if_any()
    return settings


def _from_file(draft: _Draft, path: Path) -> None:
    if not path.exists():
        return
    source = Source.of_file(path)
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        draft.problems.lines.append(f"{path}: not valid TOML: {error}")
        return
    for section, table in document.items():
        if section in SECTIONS and isinstance(table, dict):
            for key, value in table.items():
                draft.put(source, section, key, value)
        else:
            draft.problems.add(source, (section,), section, _not_a_section(section, table))


def _from_environment(draft: _Draft, environ: Mapping[str, str]) -> None:
    for name, text in environment.variables(environ).items():
        split = environment.split_name(name)
        if split is None:
            _check_mistyped_variable(draft.problems, name)
            continue
        section, key = split
        expected = TYPES.get(section, {}).get(key)
        draft.put(Source(name), section, key, environment.parse_value(text, expected))


def _check_mistyped_variable(problems: Problems, name: str) -> None:
    """A variable that names no setting would be passed over in silence."""
    rest = name.removeprefix(environment.PREFIX).lower()
    right = next(
        (f"{section}__{rest.removeprefix(f'{section}_')}" for section in SECTIONS if _starts(rest, section)), ""
    )
    if right:
        hint = f"two underscores stand between section and key; did you mean {_variable(right)}?"
    else:
        close = did_you_mean(rest, _by_key())
        meant = _by_key().get(close.removeprefix("; did you mean ").removesuffix("?"))
        hint = "no such setting" + (f"; did you mean {_variable(meant)}?" if meant else f"; {_FORM}")
    problems.add(Source(name), (), "", hint)


def _starts(rest: str, section: str) -> bool:
    return rest.startswith(f"{section}_") and rest != f"{section}_"


def _by_key() -> dict[str, str]:
    """Each setting as ``section__key`` under its key alone and under the whole."""
    names = {f"{section}__{key}": f"{section}__{key}" for section in SECTIONS for key in TYPES[section]}
    return {**{name.partition("__")[2]: name for name in names}, **names}


def _variable(name: str) -> str:
    return f"{environment.PREFIX}{name}".upper()


def _known(problems: Problems, source: Source, section: str, key: str) -> bool:
    if section not in SECTIONS:
        problems.add(source, (section,), section, _not_a_section(section, {}))
        return False
    if key in TYPES[section]:
        return True
    problems.add(source, (section, key), f"{section}.{key}", "no such setting" + _where_instead(section, key))
    return False


def _where_instead(section: str, key: str) -> str:
    others = [name for name in SECTIONS if key in TYPES[name]]
    return f"; it belongs to [{others[0]}]" if others else did_you_mean(key, TYPES[section])


def _not_a_section(section: str, value: object) -> str:
    if section == "feeds":
        return "feeds stand in feeds.toml (or feeds.opml), not here"
    if section in SECTIONS:
        return f"expected a section [{section}], not {shown(value)}"
    homes = [name for name in SECTIONS if section in TYPES[name]]
    hint = f"; it belongs to [{homes[0]}]" if homes else did_you_mean(section, SECTIONS)
    return f"no such section{hint}" if isinstance(value, dict) else f"no such setting{hint}"


def _check_together(draft: _Draft, settings: Settings) -> None:
    """What must hold between settings."""
    schedule, group, fetch = settings.schedule, settings.group, settings.fetch
    if not schedule.min_interval_minutes <= schedule.default_interval_minutes <= schedule.max_interval_minutes:
        names = ("min_interval_minutes", "default_interval_minutes", "max_interval_minutes")
        given = ", ".join(f"{name} = {getattr(schedule, name):g}" for name in names)
        _contradiction(draft, [f"schedule.{name}" for name in names], f"expected min <= default <= max, not {given}")
    if group.bands * group.rows > group.num_perm:
        message = f"expected bands x rows <= num_perm, not {group.bands} x {group.rows} > {group.num_perm}"
        _contradiction(draft, ["group.bands", "group.rows", "group.num_perm"], message)
    if fetch.per_host_concurrency > fetch.concurrency:
        message = f"expected at most fetch.concurrency ({fetch.concurrency}), not {fetch.per_host_concurrency}"
        _contradiction(draft, ["fetch.per_host_concurrency", "fetch.concurrency"], message)


def _contradiction(draft: _Draft, names: Iterable[str], message: str) -> None:
    """Named at the first of ``names`` that was set at all; defaults agree with each other."""
    for name in names:
        if name in draft.origins:
            source, path = draft.origins[name]
            draft.problems.add(source, path, name, message)
            return


def require_feeds(settings: Settings, config_dir: Path) -> None:
    """Raises ConfigError with the remedy where a command needs feeds and there are none."""
    if not settings.feeds:
        raise ConfigError(
            f"{config_dir / 'feeds.toml'}: no feeds are configured; "
            f"add one with `wirefold feeds add URL --config {config_dir}`, or say --config DIR"
        )


def setting_names() -> list[str]:
    """Every ``section.key``."""
    return [f"{name}.{one.name}" for name, section in SECTIONS.items() for one in fields(section)]
