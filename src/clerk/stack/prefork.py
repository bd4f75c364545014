"""The fork server of a worker: started when it pays, and asked for each flow run from then on."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from clerk.stack import prefork_launch

PLAIN = shlex.join([sys.executable, "-m", "prefect.engine"])
# What these set is read when their packages are imported, so a fork cannot take other values.
_IMPORTED = ("PREFECT_", "DASK_", "PYTHON")
# Set for each run, and read when it begins.
_OF_THE_RUN = "PREFECT__"


class Prefork:
    """Starts flow runs as forks of a process that has imported all they need.

    The first run of a worker starts from nothing: for one alone a fork server would not pay. The second starts the
    fork server, with its own environment; a run with another one starts from nothing too.

    Args:
        folder: private folder for its socket.
    """

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "fork"
        self._environment: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._runs = 0

    @property
    def pid(self) -> int | None:
        """Process id of the fork server, where there is one."""
        return self._process.pid if self._process else None

    def command(self, environment: Mapping[str, str | None]) -> str:
        """The command line for a run with this environment: by the fork server when it listens, plainly otherwise."""
        self._runs += 1
        mine = {name: value for name, value in environment.items() if value is not None}
        if self._process is None or self._process.poll() is not None:
            if self._runs > 1:
                self._start(mine)
            return PLAIN
        if _read_at_import(mine) != _read_at_import(self._environment) or not self._socket.exists():
            return PLAIN
        # -I and -S: neither user folders nor site packages, which take most of an interpreter's start.
        return shlex.join([sys.executable, "-I", "-S", str(Path(prefork_launch.__file__)), str(self._socket)])

    def _start(self, environment: dict[str, str]) -> None:
        # A fork of a process with such imports is safe on Linux only.
        if not sys.platform.startswith("linux"):
            return
        self._socket.unlink(missing_ok=True)
        self._environment = {
            name: value for name, value in environment.items() if not name.startswith(_OF_THE_RUN)
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "clerk.stack.prefork_server", str(self._socket)],
            env={**os.environ, **self._environment},
            stdin=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        """End the fork server, and with it what it has forked."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _read_at_import(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(_IMPORTED) and not name.startswith(_OF_THE_RUN)
    }
