"""Where the stack keeps its things: one folder for all of it, the only place that knows its paths.

{STORAGE_DIR}/.stack/
    lock                held while the stack runs, names the process that holds it
    env                 addresses of the running stack, as lines of .env
    ports.json          ports that were chosen once and are kept
    postgres/           data of PostgreSQL
    postgres.password   its password, made once
    redis/              append-only file of Redis
    prefect/            home of Prefect (PREFECT_HOME)
    logs/               one log a part, kept short
    run/                what the process manager reads: written anew at every start
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from clerk.errors import ClerkError

FOLDER = ".stack"
# The kernel's limit is 104 or 108 bytes, and the process manager adds its process id for a moment.
_SOCKET_BYTES = 88


class StackError(ClerkError):
    """The stack cannot be started, or a part of it failed."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths under `folder`."""

    folder: Path

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def env(self) -> Path:
        return self.folder / "env"

    @property
    def ports(self) -> Path:
        return self.folder / "ports.json"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def password(self) -> Path:
        return self.folder / "postgres.password"

    @property
    def redis(self) -> Path:
        return self.folder / "redis"

    @property
    def prefect(self) -> Path:
        return self.folder / "prefect"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def log(self, name: str) -> Path:
        """The log of a part, or of a command that the stack runs."""
        return self.logs / f"{name}.log"

    def socket(self) -> Path:
        """Socket of the process manager; in the temporary folder where the path would be too long for one."""
        path = self.run / "manager.sock"
        if len(os.fsencode(path)) <= _SOCKET_BYTES:
            return path
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        short = Path(tempfile.gettempdir()) / f"clerk-{os.getuid()}"
        if len(os.fsencode(short)) > _SOCKET_BYTES - 24:
            short = Path("/tmp") / short.name  # noqa: S108 - owner and mode are checked below
        return _private(short) / f"{mark}.sock"

    def make(self) -> None:
        """Make the folders.

        Raises:
            StackError: a folder cannot be made or written.
        """
        for folder in (self.folder, self.redis, self.prefect, self.logs, self.run):
            _private(folder)


def default_folder(storage_dir: Path) -> Path:
    """The stack's folder where nobody chose another."""
    return storage_dir / FOLDER


def write_private(path: Path, text: str) -> None:
    """Write a small file that only its owner can read, in one step.

    Raises:
        StackError: it cannot be written.
    """
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(beside, path)
    except OSError as error:
        raise StackError(f"Cannot write {path}: {error.strerror or error}.", advice=_ADVICE) from error


_ADVICE = "Check STORAGE_DIR, or choose another folder with --folder."


def _private(folder: Path) -> Path:
    """Make a folder that others cannot look into; one that exists must be ours."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise StackError(f"Cannot make {folder}: {error.strerror or error}.", advice=_ADVICE) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StackError(f"Cannot write {folder}: permission denied.", advice=_ADVICE)
    if owner != os.getuid() and os.getuid() != 0:
        raise StackError(f"{folder} belongs to another user.", advice=_ADVICE)
    return folder
