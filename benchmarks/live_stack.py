"""A whole `clerk up` for measurements: on a folder of its own, with everything gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import sqlalchemy

from clerk.models import State
from clerk.stack import remains
from clerk.stack.layout import Layout, default_folder
from clerk.stack.running import addresses

TERMINAL = tuple(state.value for state in State if state.terminal)


class Stack:
    """`clerk up` on a folder of its own, outside of any other: Postgres may run as another user.

    Args:
        options: further options of `clerk up`.
        environment: settings that differ from the defaults.
    """

    def __init__(self, *options: str, **environment: str) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="clerk-stack-", dir="/tmp"))
        self.storage = self.base / "storage"
        self.layout = Layout(default_folder(self.storage))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DASK_"))}
        self.environment = {
            **kept,
            "STORAGE_DIR": str(self.storage),
            "PLUGINS_DIR": str(self.base / "plugins"),
            "OCR_LANGUAGES": "eng",
            "OCR_WORKERS": "2",
            **environment,
        }
        self.log = self.base / "up.log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with self.log.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "clerk", "up", "--port", str(port), "--dask-port", "0", *options],
                env=self.environment,
                cwd=self.base,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        until(lambda: "Ready after" in self.log.read_text(), 180, "the stack is up")
        self.addresses = addresses(self.storage)
        self.database = sqlalchemy.create_engine(
            self.addresses["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"),
            pool_pre_ping=True,
        )
        self.api = self.addresses["PREFECT_API_URL"]

    def clerk(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "clerk", *arguments],
            env=self.environment,
            cwd=self.base,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"clerk {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def rows(self, query: str, **values: str) -> list[tuple[object, ...]]:
        with self.database.connect() as connection:
            return [tuple(row) for row in connection.execute(sqlalchemy.text(query), values)]

    def ask(self, path: str, **body: Any) -> Any:
        """The answer of the Prefect API to a POST."""
        answer = httpx.post(f"{self.api}{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def all(self, path: str, **body: Any) -> list[dict[str, Any]]:
        """Every entry that a filter of the Prefect API finds."""
        found: list[dict[str, Any]] = []
        while page := self.ask(path, **body, limit=200, offset=len(found)):
            found += page
        return found

    def open_runs(self) -> list[dict[str, Any]]:
        """Flow runs of sites that have not ended."""
        states = {"any_": ["SCHEDULED", "PENDING", "RUNNING", "CANCELLING"]}
        found = self.all("/flow_runs/filter", flow_runs={"state": {"type": states}})
        return [run for run in found if "subdomain" in run["parameters"]]

    def find(self, *words: str) -> list[psutil.Process]:
        found = []
        for process in remains.find(self.layout.folder):
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if all(word in line for word in words) and "clerk.stack.leash" not in line:
                found.append(process)
        return found

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        remains.end(self.layout.folder, 0)
        self.database.dispose()
        shutil.rmtree(self.base, ignore_errors=True)


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll until `condition` holds; ends the program when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"not within {seconds:g} s: {what}")
        time.sleep(0.2)
