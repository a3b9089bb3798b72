"""The command line: argv → settings → one engine. A command a file; what is heavy is imported inside the command."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code.

    0 done; 1 done but something failed; 2 usage or configuration; 3 the store is in use or damaged; 130 interrupted.
    """
    from pipeline.cli.commands import program
    from pipeline.cli.outcome import outcome

    arguments = list(sys.argv[1:] if argv is None else argv)
    return outcome(lambda: _ended_with(program(), arguments), verbose=False)


def _ended_with(command: object, arguments: list[str]) -> int:
    """Typer ends by raising SystemExit, whose code may be absent."""
    try:
        command(args=arguments, prog_name="wirefold")  # type: ignore[operator] # a click command is called like this
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
