"""The parent's side of the isolation: one warm process that may be killed at any time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.util import Finalize
from typing import IO, Any

from clerk.errors import ChildCrashedError, ChildMemoryError, ChildTimeoutError, PageError
from clerk.isolation import worker

START_SECONDS = 120.0
LOG_BYTES = 1_000_000
_OUT_OF_MEMORY = ("bad_alloc", "MemoryError", "out of memory", "Cannot allocate memory")
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from clerk.isolation.worker import main; main(*map(int, sys.argv[2:]))"
)


@dataclass(slots=True)
class _Running:
    """A live process and the lines to it."""

    process: subprocess.Popen[bytes]
    requests: Connection
    replies: Connection
    lifeline: int
    log: IO[bytes]
    # Where in the log the present call begins.
    since: int = 0

    def kill(self) -> None:
        """Kill the process and what it started."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process and leave nothing behind."""
        self.kill()
        self.process.wait()
        self.requests.close()
        self.replies.close()
        os.close(self.lifeline)
        self.log.close()


class Child:
    """One warm process that runs top-level functions one at a time.

    It starts at the first call and again after every death. Functions and arguments are pickled; a function
    whose engine takes long to load wraps that in `engine_loading`.

    Args:
        memory_mb: memory that a call may take on top of what the process holds when the call begins.
    """

    def __init__(self, memory_mb: int) -> None:
        self.memory_mb = memory_mb
        self._running: _Running | None = None
        self._lock = threading.RLock()
        self._owner = os.getpid()

    def call(self, fn: Callable[..., Any], *args: Any, timeout: float) -> Any:
        """Run `fn(*args)` in the child and return what it returns.

        Args:
            timeout: seconds until the child is killed; the loading of engines does not count.

        Raises:
            ChildTimeoutError: no answer in time.
            ChildCrashedError: the process died, or ended itself.
            ChildMemoryError: it needed more memory than it was given.
            ClerkError: what `fn` raised; any other exception of it arrives as a PageError.
        """
        with self._lock:
            request = pickle.dumps((fn, args, timeout), protocol=pickle.HIGHEST_PROTOCOL)
            running = self._hand_over(request)
            try:
                answer = self._await(running, timeout)
            except (EOFError, OSError) as error:
                raise self._died(running) from error
            except BaseException:
                self.close()
                raise
            kind, body = answer[:1], memoryview(answer)[1:]
            if kind in (worker.LAST_RESULT, worker.LAST_ERROR):
                self.close()
        try:
            value = pickle.loads(body)  # noqa: S301 - written by our own child
        except Exception as error:
            raise PageError(f"the answer of {fn.__name__} cannot be unpickled: {error}") from error
        if kind in (worker.ERROR, worker.LAST_ERROR):
            raise value
        return value

    @property
    def pid(self) -> int | None:
        """Process id of the live process, if any."""
        return self._running.process.pid if self._running else None

    def close(self) -> None:
        """End the process, also amid a call of another thread. A later call starts a new one."""
        if self._running is not None and self._owner == os.getpid():
            self._running.kill()
        with self._lock:
            running, self._running = self._running, None
            # A fork of our process inherits this object, but not the right to end the process.
            if running is not None and self._owner == os.getpid():
                running.end()

    def _ensure(self) -> _Running:
        if self._running is not None and self._running.process.poll() is not None:
            self.close()
        if self._running is not None and os.fstat(self._running.log.fileno()).st_size > LOG_BYTES:
            os.ftruncate(self._running.log.fileno(), 0)
        if self._running is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._running = running = _spawner().submit(_start, self.memory_mb).result()
            try:
                if not running.replies.poll(START_SECONDS):
                    raise ChildCrashedError("the isolated process does not start")
                running.replies.recv_bytes()
            except (EOFError, OSError) as error:
                raise self._died(running) from error
            except BaseException:
                self.close()
                raise
        return self._running

    def _hand_over(self, request: bytes) -> _Running:
        """Give the request to a live process. One that died since its last call is replaced: it ran nothing of it.

        That a process is dead shows late, when the last of its threads has ended; so only its word that it has
        taken the request tells a death before the call from one in it.
        """
        for last in (False, True):
            running = self._ensure()
            running.since = os.fstat(running.log.fileno()).st_size
            try:
                running.requests.send_bytes(request)
                if not running.replies.poll(START_SECONDS):
                    raise ChildCrashedError("the isolated process does not answer")
                running.replies.recv_bytes()
                return running
            except (EOFError, OSError) as error:
                if last:
                    raise self._died(running) from error
                self.close()
            except BaseException:
                self.close()
                raise
        raise AssertionError("unreachable")

    def _await(self, running: _Running, timeout: float) -> bytes:
        deadline = time.monotonic() + timeout
        while running.replies.poll(max(0.0, deadline - time.monotonic())):
            answer = running.replies.recv_bytes()
            if answer == worker.LOADING:
                deadline = time.monotonic() + START_SECONDS
            elif answer == worker.LOADED:
                deadline = time.monotonic() + timeout
            else:
                return answer
        raise ChildTimeoutError(f"took longer than {timeout:g} s")

    def _died(self, running: _Running) -> ChildCrashedError | ChildMemoryError:
        """Say how the process died.

        Raises:
            RuntimeError: this process is ending, and took its child along: that says nothing of a page.
        """
        if not threading.main_thread().is_alive():
            raise RuntimeError("This process is ending.")
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(5)
        code = running.process.poll()
        lines = _tail(running.log, running.since)
        self.close()
        if any(sign in line for sign in _OUT_OF_MEMORY for line in lines):
            return ChildMemoryError("needed more memory than PAGE_MEMORY_MB allows")
        if code is not None and code < 0:
            return ChildCrashedError(f"crashed its process ({_signal_name(-code)})")
        last = f": {lines[-1]}" if lines and code else ""
        return ChildCrashedError(f"ended its process (exit code {code}){last}")


def _start(memory_mb: int) -> _Running:
    """Start a process. To be run in a thread that lives as long as we do: the kernel ties the child to it."""
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    lifeline_end, lifeline = os.pipe()
    theirs = (theirs_in, theirs_out, lifeline_end)
    log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
    # Appending, so that the log can be cut short while the process writes to it.
    fcntl.fcntl(log, fcntl.F_SETFL, fcntl.fcntl(log, fcntl.F_GETFL) | os.O_APPEND)
    numbers = [str(value) for value in (*theirs, os.getpid(), memory_mb)]
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, json.dumps(sys.path), *numbers],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=theirs,
            # A group of its own: no Ctrl-C from the terminal, and killed together with what it starts.
            start_new_session=True,
            # One thread an engine: the cores are shared out among processes already.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    return _Running(
        process, Connection(ours_out, readable=False), Connection(ours_in, writable=False), lifeline, log
    )


def _tail(log: IO[bytes], since: int) -> list[str]:
    """The last lines of the log after its first `since` bytes."""
    try:
        log.seek(max(since, log.seek(0, os.SEEK_END) - 4096))
        text = log.read().decode(errors="replace")
    except (OSError, ValueError):
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


_guard = threading.Lock()
_spawners: dict[int, ThreadPoolExecutor] = {}
_shared: dict[int, Child] = {}


def _spawner() -> ThreadPoolExecutor:
    # Keyed by process, since the thread of a forked process is gone.
    with _guard:
        if os.getpid() not in _spawners:
            _spawners.clear()
            _spawners[os.getpid()] = ThreadPoolExecutor(1, thread_name_prefix="clerk-spawn")
        return _spawners[os.getpid()]


def worker_child(memory_mb: int) -> Child:
    """The child that this process shares, made at the first use and ended with the process."""
    with _guard:
        child = _shared.get(os.getpid())
        if child is None or child.memory_mb != memory_mb:
            if child is not None:
                child.close()
            else:
                # Not `atexit`: a worker process that was forked ends without it.
                Finalize(None, _close_shared, exitpriority=0)
            child = _shared[os.getpid()] = Child(memory_mb)
        return child


def _close_shared() -> None:
    child = _shared.pop(os.getpid(), None)
    if child is not None:
        child.close()
