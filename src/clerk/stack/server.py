"""A Prefect server of a run's own: started before the flow, stopped after it, gone when the run is killed."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

from clerk.errors import ServerError
from clerk.stack import ports

START_SECONDS = 180.0
HOST = "127.0.0.1"

# Quiet, offline, and recording every task run soon enough to be seen when a short run ends.
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # What a person must know is said by clerk itself, once.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
}
# What `prefect server start` runs, as its own background mode does: the command would first import all others, two
# seconds of CPU at the start of each run.
PROGRAM = ("uvicorn", "--factory", "clerk.stack.server_app:create_app", "--log-level", "warning")


@dataclass(slots=True)
class LocalServer:
    """A server process that is coming up: `url` is that of its API."""

    url: str
    log: Path
    home: Path
    _process: subprocess.Popen[bytes]
    _slot: IO[bytes]
    _port: int
    started: float

    def wait(self, deadline: float = START_SECONDS) -> float:
        """Return once the API answers; the value is the seconds from the start to the answer.

        Raises:
            ServerError: it ended, or did not answer in time; the message names its log.
        """
        end = self.started + deadline
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise ServerError(
                    f"The Prefect server ended while it started (exit code {self._process.returncode}).",
                    advice=f"See {self.log}.",
                )
            # Asked in vain ten times a second, a client that reads its certificates anew would keep a core busy.
            if ports.listens(HOST, self._port) and answers(self.url):
                return time.monotonic() - self.started
            time.sleep(0.1)
        raise ServerError(
            f"The Prefect server did not answer within {deadline:.0f} s.", advice=f"See {self.log}."
        )

    def stop(self) -> None:
        """Stop the server and all it started; harmless when it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._slot.close()


def answers(url: str, seconds: float = 2.0) -> bool:
    """True when a Prefect API answers at `url`."""
    try:
        return httpx.get(f"{url.rstrip('/')}/health", timeout=seconds).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def launch(storage_dir: Path) -> LocalServer:
    """Start a server on a free port of the loopback interface; call `wait` before using it."""
    home, slot = _claim(storage_dir / ".prefect")
    port = _free_port()
    environment = {
        **os.environ,
        **QUIET,
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_API_HOST": HOST,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_UI_API_URL": f"http://{HOST}:{port}/api",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT__SERVER_FINAL": "1",
        # Its database is its own: a setting meant for a shared server must not leak in.
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
    }
    environment.pop("PREFECT_API_URL", None)
    log = home / "server.log"
    command = [sys.executable, "-m", "clerk.stack.leash", sys.executable, "-m", *PROGRAM]
    command += ["--host", HOST, "--port", str(port), "--timeout-keep-alive", "5"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=stream, stderr=subprocess.STDOUT, env=environment
        )
    return LocalServer(f"http://{HOST}:{port}/api", log, home, process, slot, port, time.monotonic())


@contextmanager
def environment(url: str, home: Path | None) -> Iterator[None]:
    """Point this process and all its children at the API at `url` for the time of the block."""
    values = {**QUIET, "PREFECT_API_URL": url}
    if home is not None:
        values |= {"PREFECT_HOME": str(home), "PREFECT_PROFILES_PATH": str(home / "profiles.toml")}
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _claim(folder: Path) -> tuple[Path, IO[bytes]]:
    """The first home that no other live run uses, with the lock that says so.

    A home keeps its database between runs, since migrating a new one costs seconds; two servers on one SQLite
    file would lock each other out.
    """
    for number in range(1, 1000):
        home = folder / f"server-{number}"
        try:
            home.mkdir(parents=True, exist_ok=True)
            slot = (home / "in-use.lock").open("ab")
        except OSError as error:
            raise ServerError(
                f"Cannot write {home}: {error.strerror}.", advice="Check STORAGE_DIR."
            ) from error
        try:
            fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            slot.close()
            continue
        return home, slot
    raise ServerError(f"Every home under {folder} is in use.", advice="Stop other runs of clerk first.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
