"""Whatever ends a command becomes an exit code and, where it failed, one clean message with its remedy."""

import functools
import os
import sys
import traceback
from collections.abc import Callable
from typing import ParamSpec

import typer

from pipeline.errors import ConfigError, Interrupted

DONE, FAILED, USAGE, STORE, INTERRUPTED = 0, 1, 2, 3, 130
P = ParamSpec("P")


def guarded(command: Callable[P, int]) -> Callable[P, int]:
    """For a command's function, under typer's decorator: its return value is the exit code."""

    @functools.wraps(command)
    def guard(*args: P.args, **kwargs: P.kwargs) -> int:
        code = outcome(lambda: command(*args, **kwargs), verbose=bool(kwargs.get("verbose")))
        raise typer.Exit(code)

    return guard


def outcome(run: Callable[[], int], *, verbose: bool) -> int:
    """Runs ``run`` and says what became of it."""
    try:
        code = run()
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    except (KeyboardInterrupt, Interrupted):
        return say("interrupted", INTERRUPTED, verbose=verbose)
    except Exception as error:  # the last stop: nothing may end in a bare traceback
        if type(error).__module__.startswith(("typer.", "click.")):
            raise  # usage errors, which typer formats itself
        return _failed(error, verbose=verbose)
    return code


def say(message: str, code: int, *, verbose: bool = False) -> int:
    """One message on stderr, ``wirefold: `` before its first line; returns ``code``."""
    if verbose and sys.exception() is not None:
        traceback.print_exc()
    sys.stderr.write(f"wirefold: {message}\n")
    return code


def _failed(error: Exception, *, verbose: bool) -> int:
    from storage.errors import StoreError, StoreMissing

    if isinstance(error, ConfigError | StoreMissing):
        return say(str(error), USAGE, verbose=verbose)
    if isinstance(error, StoreError):
        return say(str(error), STORE, verbose=verbose)
    if isinstance(error, OSError):
        usage = isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError | IsADirectoryError)
        place = "" if error.filename is None else f"{error.filename}: "
        return say(f"{place}{(error.strerror or str(error)).lower()}", USAGE if usage else FAILED, verbose=verbose)
    hint = "" if verbose else " (-v shows where; please report it)"
    return say(f"unexpected {type(error).__name__}: {error}{hint}", FAILED, verbose=verbose)


def _reader_left() -> int:
    """``wirefold tail | head``: the reader has what it wanted. Python must not flush into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return DONE
