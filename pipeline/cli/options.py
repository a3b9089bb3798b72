"""The options that every command takes, and what they amount to."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import ConfigError
from pipeline.settings import Settings

DEFAULT_CONFIG = Path("config")
HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def command_app(text: str | None = None) -> typer.Typer:
    """The ``app`` of a command's module: with ``text`` a group of verbs, else one command."""
    return typer.Typer(
        help=text,
        no_args_is_help=text is not None,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings=HELP_NAMES,
    )


ConfigDir = Annotated[
    Path | None,
    typer.Option("--config", metavar="DIR", help="Folder with pipeline.toml and feeds.toml [default: ./config]."),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder of the store [default: store.data in the configuration]."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine output on stdout: one JSON object, or one a line.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Log everything to stderr; tracebacks for errors.")]


def checked_urls(option: str, urls: list[str] | None) -> tuple[str, ...]:
    """Each address once. Raises ConfigError for what is none."""
    for url in urls or ():
        check_address(option, url)
    return tuple(dict.fromkeys(urls or ()))


def check_address(where: str, url: str) -> None:
    """Raises ConfigError, with ``where`` before what was expected."""
    from pipeline.configuration.checks import check_url

    try:
        check_url(url)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What a command runs with."""

    settings: Settings
    config_dir: Path
    data: Path
    json: bool
    verbose: bool


def begin(
    config: Path | None, data: Path | None, *, json: bool, verbose: bool, service: bool = False, must_exist: bool = True
) -> Invocation:
    """Reads the configuration and starts logging. ``service``: a command whose log is its output (the daemon).

    Raises ConfigError; a folder that was named must exist (``must_exist``), the default one may be absent.
    """
    from pipeline.cli import logs
    from pipeline.configuration import load_settings

    config_dir = config or DEFAULT_CONFIG
    if config is not None and must_exist and not config.is_dir():
        raise ConfigError(
            f"{config}: no such folder; --config names the folder that holds pipeline.toml and feeds.toml"
        )
    settings = load_settings(config_dir, os.environ, {"store.data": str(data)} if data else None)
    logs.start(settings.log, verbose=verbose, service=service)
    return Invocation(
        settings=settings, config_dir=config_dir, data=Path(settings.store.data), json=json, verbose=verbose
    )
