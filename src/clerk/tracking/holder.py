"""Who holds a lease: a process, told apart from a later one that was given the same number."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

import psutil

_FIRST_NAMESPACE = "pid:[4026531836]"
_TOLERANCE = 0.5


@dataclass(frozen=True, slots=True)
class Holder:
    """A process. `pid_started` is what `started` says of it: seconds, of use only to be compared."""

    host: str
    pid: int
    pid_started: float

    @classmethod
    def current(cls) -> Holder:
        """The process that asks."""
        return cls(this_host(), os.getpid(), started(os.getpid()) or 0.0)

    @property
    def local(self) -> bool:
        """True where its process numbers are ours."""
        return self.host == this_host()

    @property
    def alive(self) -> bool:
        """True when a local process is running; of use for local holders only."""
        since = started(self.pid)
        return since is not None and abs(since - self.pid_started) < _TOLERANCE


def this_host() -> str:
    """Name of the machine and, in a container, of its process namespace.

    Containers that share the machine's name have process numbers of their own: to each other they are remote.
    """
    name = socket.gethostname()
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return name
    return name if namespace == _FIRST_NAMESPACE else f"{name}/{namespace.strip('pid:[]')}"


def started(pid: int) -> float | None:
    """When a process started, in seconds, or None when there is none or it has ended (a zombie has).

    On Linux the seconds count from the boot of the machine: the wall clock may be set while a process runs,
    and a time that is computed from it would then make a living process look like another one.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return _started_elsewhere(pid)
    except OSError:
        return None
    # The name of the program, in brackets, may hold blanks and brackets.
    state, *fields = stat.rpartition(b")")[2].split()
    return None if state in (b"Z", b"X") else int(fields[18]) / os.sysconf("SC_CLK_TCK")


def _started_elsewhere(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None
