"""Files of a build: its temporary name, what dead builds left, and the swap."""

from __future__ import annotations

import os
import re
import secrets
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psutil

from clerk.errors import StorageError
from clerk.storage import sync_file

_NAME = re.compile(
    r"\.meetings~(?P<host>.*)~(?P<pid>\d+)~(?P<started>\d+)~[0-9a-f]+\.build(?:-journal|-wal|-shm)?"
)
_FOREIGN_AGE = 24 * 3600.0  # seconds: no build takes a day, and a process of another host cannot be asked


def new_build_file(folder: Path) -> Path:
    """A name beside the database that says which process builds there."""
    process = psutil.Process()
    name = f".meetings~{_host()}~{process.pid}~{int(process.create_time())}~{secrets.token_hex(4)}.build"
    return folder / name


def remove_dead_builds(folder: Path) -> None:
    """Remove what builds left behind whose process is dead."""
    for path in folder.glob(".meetings~*"):
        match = _NAME.fullmatch(path.name)
        if match and _dead(path, match):
            path.unlink(missing_ok=True)


def _dead(path: Path, match: re.Match[str]) -> bool:
    if match["host"] != _host():
        try:
            return time.time() - path.stat().st_mtime > _FOREIGN_AGE
        except FileNotFoundError:
            return False
    try:
        # One second of slack: the start time is derived from the boot time, which is adjusted now and then.
        return bool(abs(psutil.Process(int(match["pid"])).create_time() - int(match["started"])) > 2)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname())


def swap_in(new: Path, live: Path) -> None:
    """Replace `live` by `new` in one step; readers that have the old file open keep it.

    Raises:
        StorageError: another program holds unfinished writes on the live file.
    """
    _settle_side_files(live)
    os.replace(new, live)
    sync_file(live.parent)


def _settle_side_files(live: Path) -> None:
    """Bring a write-ahead log or journal of another program into the old file and remove it.

    SQLite would apply one that is left behind to the new file, and so damage it.
    """
    sides = [live.with_name(live.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
    if not any(side.exists() for side in sides):
        return
    try:
        with closing(sqlite3.connect(live, timeout=10)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _, logged, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.OperationalError as error:
        raise StorageError(
            f"{live} is in use ({error}).", advice="Stop the program that writes it."
        ) from error
    except sqlite3.DatabaseError:
        logged = copied = 0  # the old file is damaged: nothing of it can be kept
    if logged != copied:
        raise StorageError(f"{live} is being written.", advice="Stop the program that writes it.")
    for side in sides:
        side.unlink(missing_ok=True)
