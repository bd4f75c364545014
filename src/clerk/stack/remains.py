"""Ends what a stack left behind: processes that carry its mark and have nobody left who would stop them."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

# Set in the environment of every process of a stack; the value is its folder.
MARK = "CLERK_STACK"


# These write their title over their environment; but they work in their own folder of the stack.
_TITLED = ("redis-server", "postgres")


def find(folder: Path) -> list[psutil.Process]:
    """Every process of the stack in `folder`, save this one."""
    return [each for each in psutil.process_iter() if each.pid != os.getpid() and _belongs(each, folder)]


def _belongs(process: psutil.Process, folder: Path) -> bool:
    try:
        if process.name() in _TITLED:
            return Path(process.cwd()).parent == folder.resolve()
        return process.environ().get(MARK) == str(folder)
    except (psutil.Error, OSError):
        return False


def end(folder: Path, seconds: float) -> int:
    """Ask them to stop, kill those that do not within `seconds`; the number of those found."""
    found = find(folder)
    for process in found:
        _signal(process, kill=seconds <= 0)
    _, alive = psutil.wait_procs(found, timeout=max(seconds, 2))
    # They may have started others in the meantime.
    for process in {*alive, *find(folder)}:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=2)
    return len(found)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.Error:
        return
