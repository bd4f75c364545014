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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GRACE_SECONDS = 5.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Stop:
    """How a program is stopped: `number` to it (and its group where `whole_group`), SIGKILL after `grace` seconds."""

    number: int = signal.SIGTERM
    grace: float = GRACE_SECONDS
    whole_group: bool = True


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


def _stop(child: subprocess.Popen[bytes], how: Stop) -> None:
    if how.whole_group:
        _signal_group(child, how.number)
    else:
        child.send_signal(how.number)
    try:
        child.wait(how.grace)
    except subprocess.TimeoutExpired:
        pass
    # The group may hold grandchildren even where the child itself is gone.
    _signal_group(child, signal.SIGKILL)


def _watch(child: subprocess.Popen[bytes], how: Stop) -> None:
    # A raw read: the parent's end closing is the only thing that can end it.
    while os.read(0, 4096):
        pass
    _stop(child, how)


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    how: Stop | None = None,
    user: tuple[int, int] | None = None,
) -> int:
    """Run `command`, return its exit code (128 + n after signal n), or stop it when standard input closes.

    Args:
        environment: all variables of the program; None for those of this process.
        user: ids of the user and the group that it runs as; only root may give them.
    """
    stop = how or Stop()
    uid, gid = user or (None, None)
    # No thread exists yet, so running code between fork and exec is safe.
    child = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_prepare,  # noqa: PLW1509
        user=uid,
        group=gid,
        extra_groups=[] if user else None,
    )

    def leave(*_: object) -> None:
        # Not here: this interrupts the wait below, which holds what another wait for the child would need.
        threading.Thread(target=_stop, args=(child, stop), daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    # Ctrl-C reaches the whole foreground group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(child, stop), daemon=True).start()
    code = child.wait()
    # What the program leaves behind would go on without anyone who can stop it.
    _signal_group(child, signal.SIGKILL)
    return code if code >= 0 else 128 - code


def main(argv: list[str]) -> int:
    """Run `argv` as a child, end with its exit code, or stop it when standard input closes."""
    return run(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
