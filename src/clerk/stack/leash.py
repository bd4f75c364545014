"""Run one program that must not outlive its parent: `python -m clerk.stack.leash PROGRAM [ARG …]`.

The parent holds the other end of this process's standard input and never writes to it. When the parent ends, however
it ends (also by SIGKILL), the pipe closes, and the program's whole process group is asked to stop and then killed.
Works on every POSIX system; on Linux the kernel also kills the program should this process itself be killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

GRACE_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies; a no-op outside Linux."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prepare() -> None:
    # A shell without job control starts its children with SIGINT ignored, and servers that wait for it never stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent()


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return


def _stop(child: subprocess.Popen[bytes]) -> None:
    _signal_group(child, signal.SIGTERM)
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    # The group may hold grandchildren even where the child itself is gone.
    _signal_group(child, signal.SIGKILL)


def _watch(child: subprocess.Popen[bytes], leave: Callable[[int], None]) -> None:
    # A raw read: the parent's end closing is the only thing that can end it.
    while os.read(0, 4096):
        pass
    _stop(child)
    leave(0)


def main(argv: list[str]) -> int:
    """Run `argv` as a child, end with its exit code, or stop it when standard input closes."""
    # No thread exists yet, so running code between fork and exec is safe.
    child = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_prepare,  # noqa: PLW1509
    )

    def leave(*_: object) -> None:
        _stop(child)
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    # Ctrl-C reaches the whole foreground group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(child, os._exit), daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
