"""What binds a child process: memory, processor time, and the life of its parent. Used inside the child."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

_MB = 1024 * 1024
_PR_SET_PDEATHSIG = 1
_STATM = Path("/proc/self/statm")


class Limits:
    """Memory and time limits of this process; one object a child.

    Args:
        memory_mb: address space that a call may take on top of what the loaded engines hold.
        notify: tells the parent that loading begins (True) or ends (False), so that it stops its clock.
    """

    def __init__(self, memory_mb: int, notify: Callable[[bool], None]) -> None:
        self._memory = memory_mb * _MB
        self._notify = notify
        self._base = address_space()

    def begin(self, timeout: float) -> None:
        """Arm the limits for a call of at most `timeout` seconds."""
        self.bound_memory()
        # The parent's clock is the deadline; this one holds where the parent cannot act any more.
        used = sum(os.times()[:2])
        _soft(resource.RLIMIT_CPU, int(used + (timeout + 30) * (os.cpu_count() or 1)) + 60)

    def bound_memory(self) -> None:
        size = address_space()
        if size:
            _soft(resource.RLIMIT_AS, size + self._memory)

    def lift_memory(self) -> None:
        _soft(resource.RLIMIT_AS, resource.RLIM_INFINITY)

    def overgrown(self) -> bool:
        """True when this process holds so much more than its engines that a new one should take over."""
        return address_space() > self._base + self._memory

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        before = address_space()
        self.lift_memory()
        self._notify(True)
        try:
            yield
        finally:
            self._notify(False)
            self._base += max(0, address_space() - before)
            self.bound_memory()


_current: list[Limits] = []


def install(limits: Limits) -> None:
    """Make `limits` those of this process."""
    _current[:] = [limits]


@contextlib.contextmanager
def engine_loading() -> Iterator[None]:
    """Import a heavy library or start an engine, outside of the page's deadline and memory limit.

    Without effect in a process that is no child of ours.
    """
    if not _current:
        yield
        return
    with _current[0].loading():
        yield


def address_space() -> int:
    """Bytes of address space this process holds; 0 where the system does not say (only Linux does)."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def bound_files() -> None:
    """No core dump, and no file over 512 MB: a page may not fill the disk."""
    _soft(resource.RLIMIT_CORE, 0)
    _soft(resource.RLIMIT_FSIZE, 512 * _MB)


def die_with_parent(lifeline: int, parent: int) -> None:
    """End this process when its parent ends.

    The kernel's own signal works even while a C library loops with the interpreter locked; the thread that
    waits for the lifeline's end works on every system.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
    threading.Thread(target=_await_end, args=(lifeline,), daemon=True, name="lifeline").start()


def _await_end(lifeline: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(lifeline, 1):
            pass
    # The whole group: a command that the page started must not outlive it.
    os.killpg(0, signal.SIGKILL)


def _soft(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = hard if value == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, hard))
