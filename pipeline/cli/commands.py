"""The table of commands. To add one: write its module with an ``app``, add its line here."""

import importlib
from typing import Any, Final

import typer
from typer.core import TyperGroup

from pipeline.cli.options import HELP_NAMES

COMMANDS: Final = {
    "demo": "pipeline.cli.demo",
    "once": "pipeline.cli.once",
    "daemon": "pipeline.cli.daemon",
    "backfill": "pipeline.cli.backfill",
    "group": "pipeline.cli.group",
    "extract": "pipeline.cli.extract",
    "feeds": "pipeline.cli.feeds",
    "stories": "pipeline.cli.stories",
    "serve": "pipeline.cli.serve",
    "tail": "pipeline.cli.tail",
    "export": "pipeline.cli.export",
    "store": "pipeline.cli.store",
    "config": "pipeline.cli.config",
}
"""Command → the module whose ``app`` (a ``typer.Typer``) it is, in the order of ``--help``. Imported when asked for."""

HELP = """Watches news sites, extracts the articles, groups the copies of one story, and writes an append-only JSONL store.

Results go to stdout (with --json for machines), logs to stderr.

Exit codes: 0 done; 1 done but something failed; 2 usage or configuration; 3 the store is in use or damaged;
130 interrupted."""


class Commands(TyperGroup):
    """Imports a command's module when the command is asked for, so that start-up costs one module."""

    def list_commands(self, ctx: Any) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # Typer looks for what was meant among ``self.commands``, which stays empty here.
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"No such command '{args[0]}'{_meant(args[0])}")
        return super().resolve_command(ctx, args)


def _meant(word: str) -> str:
    import difflib

    close = difflib.get_close_matches(word, COMMANDS, n=1)
    return f"; did you mean '{close[0]}'?" if close else "."


def program() -> Any:
    """The whole program as one command object."""
    app = typer.Typer(cls=Commands, pretty_exceptions_enable=False, rich_markup_mode=None, context_settings=HELP_NAMES)

    @app.callback(help=HELP, no_args_is_help=True)
    def root(
        *,
        version: bool = typer.Option(
            False, "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ) -> None:
        del version

    return typer.main.get_command(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"wirefold {version('wirefold')}")
        raise typer.Exit
