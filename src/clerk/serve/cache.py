"""A folder of files that can be made again, the least used of which go when it grows too large."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from clerk.errors import StorageError
from clerk.storage import write_atomic

# Looked at when so much was added since the last look: the folder is over its bound by that share at most.
LOOK_SHARE = 0.1
# What is left after the least used files went.
KEEP_SHARE = 0.8


class FileCache:
    """Files by key, in `folder`, of `limit` bytes together. Of use to several threads and processes at once."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        # So that the first write looks at what other processes left.
        self._added = limit

    def read(self, key: str) -> bytes | None:
        """The file of that key, or None."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        # Somebody else's file is no worse for that its use cannot be noted.
        with contextlib.suppress(OSError):
            os.utime(path)
        return data

    def write(self, key: str, data: bytes) -> None:
        """Keep a file; a disk that is full keeps none, and that harms nobody."""
        with contextlib.suppress(StorageError):
            write_atomic(self._path(key), data, sync=False)
        with self._lock:
            self._added += len(data)
            if self._added > self._limit * LOOK_SHARE:
                self._added = 0
                self._trim()

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.png"

    def _trim(self) -> None:
        """Remove the least used files where all together are too large; one that cannot be removed stays."""
        found = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                found.append((stat.st_mtime_ns, stat.st_size, path))
        size = sum(each[1] for each in found)
        if size <= self._limit:
            return
        for _, part, path in sorted(found):
            try:
                path.unlink(missing_ok=True)
            except OSError:
                continue
            size -= part
            if size <= self._limit * KEEP_SHARE:
                return
