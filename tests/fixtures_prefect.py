"""A Prefect database that is up to date, made once: each new server would take ten seconds of CPU to make its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clerk.stack.server import QUIET

Prepared = Callable[[Path], Path]


@pytest.fixture(scope="session")
def prepared_server(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Give a storage folder a Prefect database with every table and no row; the value is the folder."""
    folder = tmp_path_factory.getbasetemp()
    # The processes of one test run share it.
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    template = folder / "prefect.db"
    with (folder / "prefect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            made = folder / "prefect-home" / "prefect.db"
            _migrate(made)
            made.rename(template)

    def prepare(storage: Path) -> Path:
        home = storage / ".prefect" / "server-1"
        home.mkdir(parents=True)
        shutil.copy(template, home / "prefect.db")
        return storage

    return prepare


def _migrate(database: Path) -> None:
    database.parent.mkdir()
    base = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    own = {
        **QUIET,
        "PREFECT_HOME": str(database.parent),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
    }
    command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
    done = subprocess.run(command, env=base | own, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    # What a connection that was not closed left beside the file belongs to it.
    assert not database.with_name("prefect.db-wal").exists()
