"""The edge: runs the command line and turns every way it can end into one line and an exit code.

0 fine, 1 failed, 2 wrong usage, 130 interrupted, 141 the reader of a pipe went away.
"""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import shell_complete

from clerk.cli.app import cli
from clerk.errors import ClerkError

PROGRAM = "clerk"
_COMPLETE = "_CLERK_COMPLETE"
INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run `clerk` with `argv` (default: the process's arguments) and return its exit code."""
    if sys.stdout is None:  # closed by whoever started this
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end of the process
    # A file name that is no UTF-8 must not stop a listing.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if _COMPLETE in os.environ:
        return shell_complete(cli, {}, PROGRAM, _COMPLETE, os.environ[_COMPLETE])
    code = 0
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return PIPE_CLOSED
    except OSError as error:
        _drop_stdout()
        # Where the command failed, of this very thing perhaps, that was said already.
        return code or _unexpected(error)
    return code


def _run(argv: list[str]) -> int:
    try:
        with cli.make_context(PROGRAM, argv) as context:
            cli.invoke(context)
            return 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _refused(error)
    except (click.Abort, KeyboardInterrupt) as error:
        return _stopped(error)
    except BrokenPipeError:
        raise
    except ClerkError as error:
        _trace(error)
        _say(str(error))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the edge of the program
        return _unexpected(error)


def _refused(error: click.ClickException) -> int:
    """Wrong usage: one line and where to read more; the bare name of a group shows its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
    elif isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else PROGRAM
        message = error.format_message().rstrip()
        stop = "" if message.endswith((".", "?", "!")) else "."
        _say(f"{message}{stop} Try `{path} --help`.")
    else:
        _say(error.format_message())
    return error.exit_code


def _stopped(error: BaseException) -> int:
    # click turns Ctrl-C and an ended input at a question into one exception, and leaves the cursor there.
    cause = error if isinstance(error, KeyboardInterrupt) else error.__context__
    if cause is not None:
        click.echo(err=True)
    if isinstance(cause, KeyboardInterrupt):
        _say("interrupted.")
        return INTERRUPTED
    _say("nothing was changed.")
    return 1


def _unexpected(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        _trace(error)
        _say("no space is left where this was to be written. Make room and do it again.")
        return 1
    what = f"unexpected {type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("clerk"):
        what = f"the package {error.name} is missing. Run `clerk doctor`"
    if _trace(error):
        _say(f"{what}.")
    else:
        _say(f"{what}. The details are in {_write_trace(error)}; CLERK_DEBUG=1 shows them here.")
    return 1


def _trace(error: BaseException) -> bool:
    """Print the traceback where CLERK_DEBUG asks for it; True when it did."""
    if os.environ.get("CLERK_DEBUG", "0") in ("", "0"):
        return False
    click.echo("".join(traceback.format_exception(error)), err=True)
    return True


def _write_trace(error: BaseException) -> str:
    try:
        handle, path = tempfile.mkstemp(prefix="clerk-", suffix=".traceback.txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write("".join(traceback.format_exception(error)))
    except OSError:
        return "no file (the temporary folder cannot be written)"
    return path


def _say(text: str) -> None:
    click.echo(f"{PROGRAM}: {' '.join(text.split())}", err=True)


def _drop_stdout() -> None:
    """Let the interpreter's last flush go nowhere instead of failing."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
