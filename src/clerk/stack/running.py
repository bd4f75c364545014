"""Whether a stack runs on this machine, and at which addresses: how other commands find it by themselves.

`clerk up` holds a lock for as long as it lives, and the kernel lets go of it however the process ends. So what it
wrote down is used exactly while it runs, and never after.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from clerk.stack.layout import Layout, StackError, default_folder, write_private

# What a command needs to work with a stack; the settings of the same names.
NAMES = ("PREFECT_API_URL", "DATABASE_URL", "REDIS_URL", "DASK_SCHEDULER_ADDRESS")
_WAIT_SECONDS = 1.0


@contextmanager
def held(layout: Layout) -> Iterator[None]:
    """Hold the stack's folder for the time of the block.

    Raises:
        StackError: another `clerk up` holds it, or the folder cannot be written.
    """
    try:
        stream = layout.lock.open("a+b")
    except OSError as error:
        raise StackError(
            f"Cannot write {layout.lock}: {error.strerror or error}.", advice="Check STORAGE_DIR."
        ) from error
    with stream:
        if not _lock(stream):
            holder = _holder(stream)
            raise StackError(
                f"A stack runs on {layout.folder} already "
                f"(process {holder.get('pid', '?')} on {holder.get('host', '?')}).",
                advice="Stop it first; machines that share STORAGE_DIR each need a --folder of their own.",
            )
        stream.truncate(0)
        stream.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())
        stream.flush()
        yield


def write_addresses(layout: Layout, values: Mapping[str, str]) -> None:
    """Write down the addresses of a stack that is ready, as lines that fit into `.env`."""
    write_private(layout.env, "".join(f"{line}\n" for line in lines(values)))


def forget_addresses(layout: Layout) -> None:
    """Take the addresses away; harmless when there are none."""
    layout.env.unlink(missing_ok=True)


def lines(values: Mapping[str, str]) -> list[str]:
    """`values` as lines of `.env`, those that are set."""
    return [
        f"{name}='{value}'" if set(value) & set(' #$"') else f"{name}={value}"
        for name, value in values.items()
        if value
    ]


def addresses(storage_dir: Path, folder: Path | None = None) -> dict[str, str]:
    """Addresses of the stack that runs on this machine for `storage_dir`, by name; empty when none does.

    Args:
        folder: the stack's folder, where it is not the default one.
    """
    layout = Layout(folder or default_folder(storage_dir))
    try:
        text = layout.env.read_text(encoding="utf-8")
        with layout.lock.open("rb") as stream:
            # Another machine's stack on a shared folder has addresses that mean nothing here.
            if _holder(stream).get("host") != socket.gethostname() or not _is_locked(stream):
                return {}
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value.strip("'") for name, _, value in pairs if name in NAMES}


def stopped_note(storage_dir: Path) -> str:
    """A line for a command that is about to use the SQLite file beside a stack's database; else empty."""
    layout = Layout(default_folder(storage_dir))
    if not (layout.postgres / "PG_VERSION").exists() or addresses(storage_dir):
        return ""
    return (
        "The stack of this folder is stopped: this is clerk.db, not its database. Start it with `clerk up`."
    )


def _lock(stream: IO[bytes]) -> bool:
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A command that looks whether a stack runs holds the lock for an instant, too.
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        else:
            return True


def _is_locked(stream: IO[bytes]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(stream, fcntl.LOCK_UN)
    return False


def _holder(stream: IO[bytes]) -> dict[str, object]:
    stream.seek(0)
    try:
        found = json.loads(stream.read() or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
