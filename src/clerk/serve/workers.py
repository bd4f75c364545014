"""Reads PDFs for those who look at pages: in few processes that may be killed, each page once for all who ask."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clerk.errors import ClerkError
from clerk.isolation import Child

TIMEOUT_SECONDS = 20.0
MEMORY_MB = 1024
THREADS = 2
MAX_WAITING = 100
# A page that hung or crashed its process is not tried again for a while.
FAILED_SECONDS = 600.0
MAX_FAILED = 1000

Call = Callable[..., Any]


class OverloadedError(ClerkError):
    """So many wait already that one more would wait in vain."""

    transient = True


class PageWorkers:
    """Threads, each with a process of its own.

    Args:
        timeout: seconds until a process that does not answer is killed.
        memory_mb: memory that a page may take in it.
    """

    def __init__(self, timeout: float = TIMEOUT_SECONDS, memory_mb: int = MEMORY_MB) -> None:
        self.timeout = timeout
        self.memory_mb = memory_mb
        self.children: list[Child] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._failed: dict[str, tuple[float, ClerkError]] = {}
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(THREADS, "pages")

    async def once(self, key: str, make: Callable[[Call], Any]) -> Any:
        """What `make(call)` returns, made once however many ask for `key` meanwhile.

        `make` runs in a thread; `call(fn, *args)` runs `fn(*args)` in the thread's process. What fails is not tried
        again for ten minutes.

        Raises:
            OverloadedError: too many are waiting.
            ClerkError: what `make` raises, or raised the last time.
        """
        until, error = self._failed.get(key, (0.0, None))
        if error is not None and time.monotonic() < until:
            # Never the same one twice: its traceback would grow, and hold what was made meanwhile.
            raise copy.copy(error)
        future = self._waiting.get(key)
        if future is None:
            if len(self._waiting) >= MAX_WAITING:
                raise OverloadedError("Too many pages are being drawn.")
            future = asyncio.get_running_loop().run_in_executor(self._pool, make, self._call)
            self._waiting[key] = future
            future.add_done_callback(lambda _: self._waiting.pop(key, None))
        try:
            return await asyncio.shield(future)
        except ClerkError as failure:
            self._failed[key] = (time.monotonic() + FAILED_SECONDS, copy.copy(failure))
            while len(self._failed) > MAX_FAILED:
                self._failed.pop(next(iter(self._failed)))
            raise

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for child in self.children:
            child.close()

    def _call(self, fn: Callable[..., Any], *args: Any) -> Any:
        child: Child | None = getattr(self._local, "child", None)
        if child is None:
            child = self._local.child = Child(self.memory_mb)
            self.children.append(child)
        return child.call(fn, *args, timeout=self.timeout)
