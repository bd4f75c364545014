"""`clerk up` with real processes: starts, survives deaths of its parts, stops, and leaves nothing whatever happens."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg2
import pytest
import redis

from clerk.stack import remains
from clerk.stack.layout import Layout, default_folder
from clerk.stack.running import addresses
from tests.fixtures_pipeline import wait_until

pytestmark = pytest.mark.e2e

# Those that come up in a second.
QUICK = ("--only", "postgres,redis,scheduler", "--dask-port", "0")


class Up:
    """`clerk up` on a storage folder of its own."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.storage = base / "storage"
        self.layout = Layout(default_folder(self.storage))
        self.output = base / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DASK_"))}
        own = {
            "STORAGE_DIR": str(self.storage),
            "OCR_LANGUAGES": "eng",
            "OCR_WORKERS": "1",
            "FETCH_WORKERS": "1",
        }
        return {**base, **own}

    def start(self, *arguments: str) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "clerk", "up", *arguments],
                env=self.environment(),
                cwd=self.base,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def until(self, text: str, seconds: float) -> None:
        def said() -> bool:
            assert self.process is not None
            if text in self.text():
                return True
            assert self.process.poll() is None, self.text()
            return False

        wait_until(said, seconds, f"{text!r} has been said")

    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def ended(self, seconds: float = 20) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def left(self) -> list[psutil.Process]:
        return remains.find(self.layout.folder)

    def clerk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "clerk", *arguments],
            env=self.environment(),
            cwd=self.base,
            capture_output=True,
            text=True,
        )

    def found(self) -> dict[str, str]:
        return addresses(self.storage)


@pytest.fixture
def up() -> Iterator[Up]:
    # Not pytest's own folder: as root, Postgres runs as another user, to whom that is closed.
    base = Path(tempfile.mkdtemp(prefix="clerk-up-", dir="/tmp"))
    made = Up(base)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait()
    remains.end(made.layout.folder, 0)
    shutil.rmtree(base, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_sql(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url, connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def program(up: Up, name: str) -> psutil.Process:
    """The process of a part that does its work: named `name`, nearest to the root of the tree."""
    for process in up.left():
        try:
            if process.name() == name and process.parent().name() != name:  # type: ignore[union-attr]
                return process
        except psutil.Error:
            continue
    pytest.fail(f"no process {name}")


def test_the_whole_stack_from_start_to_start_again(up: Up) -> None:
    assert up.clerk("sites", "add", "town.ca", "--name", "Town").returncode == 0
    port = free_port()
    up.start("--port", str(port), "--dask-port", "0")
    up.until("Ready after", 120)
    text = up.text()
    assert f"http://127.0.0.1:{port}" in text
    assert "Copied 1 sites" in text

    found = up.found()
    assert found["PREFECT_API_URL"] == f"http://127.0.0.1:{port}/api"
    with httpx.Client(base_url=found["PREFECT_API_URL"]) as api:
        assert api.get("/health").status_code == 200
        pools = {pool["name"] for pool in api.post("/work_pools/filter", json={}).json()}
        deployments = {each["name"] for each in api.post("/deployments/filter", json={}).json()}
        assert {"clerk-fetch", "clerk-extraction", "clerk-deploy"} <= pools
        assert {"site", "fast", "full", "deploy"} <= deployments

        def working() -> bool:
            return all(api.post(f"/work_pools/{pool}/workers/filter", json={}).json() for pool in pools)

        wait_until(working, 60, "each pool has a worker")
    assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    # Other commands find it by themselves, and its database is the one in use.
    assert run_sql(found["DATABASE_URL"], "SELECT subdomain FROM sites") == [("town.ca",)]
    assert up.clerk("sites", "add", "village.ca").returncode == 0
    assert "village.ca" in up.clerk("sites", "list").stdout
    printed = up.clerk("up", "--print-env")
    assert dict(line.split("=", 1) for line in printed.stdout.splitlines()) == found

    up.signal(signal.SIGINT)
    assert up.ended(15) == 0
    assert up.left() == []
    assert up.found() == {}
    # What is not there does not vanish without a word.
    assert "clerk up" in up.clerk("sites", "list").stderr

    up.start("--port", str(port), "--only", "postgres,redis,scheduler,server", "--dask-port", "0")
    up.until("Ready after", 90)
    assert up.found()["DATABASE_URL"] == found["DATABASE_URL"]
    assert "village.ca" in up.clerk("sites", "list").stdout
    up.signal(signal.SIGTERM)
    assert up.ended(15) == 0
    assert up.left() == []


def test_a_kill_leaves_nothing_and_the_next_start_has_all_data(up: Up) -> None:
    up.start(*QUICK)
    up.until("Ready after", 60)
    found = up.found()
    run_sql(found["DATABASE_URL"], "CREATE TABLE kept AS SELECT 1 AS one")
    redis.Redis.from_url(found["REDIS_URL"]).set("kept", "yes")
    assert len(up.left()) > 5
    wait_until(lambda: aof_holds(up, b"kept"), 5, "Redis has written the key")

    up.signal(signal.SIGKILL)
    up.ended()
    wait_until(lambda: up.left() == [], 12, "nothing of the stack is left")
    assert up.found() == {}

    up.start(*QUICK)
    up.until("Ready after", 60)
    assert run_sql(up.found()["DATABASE_URL"], "SELECT one FROM kept") == [(1,)]
    assert redis.Redis.from_url(up.found()["REDIS_URL"]).get("kept") == b"yes"
    up.signal(signal.SIGINT)
    assert up.ended(15) == 0


def aof_holds(up: Up, key: bytes) -> bool:
    return any(key in path.read_bytes() for path in up.layout.redis.rglob("*") if path.is_file())


def test_a_start_right_after_a_kill_ends_what_is_still_there(up: Up) -> None:
    up.start(*QUICK)
    up.until("Ready after", 60)
    up.signal(signal.SIGKILL)
    up.ended()
    up.start(*QUICK)
    up.until("Ready after", 60)
    assert run_sql(up.found()["DATABASE_URL"], "SELECT 1") == [(1,)]
    up.signal(signal.SIGINT)
    assert up.ended(15) == 0


def test_parts_that_are_killed_come_back_with_a_line_each(up: Up) -> None:
    up.start(*QUICK)
    up.until("Ready after", 60)
    for name, part in (("postgres", "postgres"), ("redis-server", "redis")):
        program(up, name).kill()
        up.until(f"{part} ended", 15)
        up.until(f"{part} runs again", 30)
    found = up.found()
    wait_until(lambda: answers(found["DATABASE_URL"]), 20, "Postgres answers again")
    wait_until(lambda: pongs(found["REDIS_URL"]), 20, "Redis answers again")
    up.signal(signal.SIGINT)
    assert up.ended(15) == 0


def pongs(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False


def answers(url: str) -> bool:
    try:
        return run_sql(url, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def test_a_second_signal_kills_at_once(up: Up) -> None:
    up.start(*QUICK)
    up.until("Ready after", 60)
    # A part that does not stop: what cannot run cannot answer a signal.
    program(up, "redis-server").suspend()
    up.signal(signal.SIGINT)
    up.until("Stopping", 5)
    began = time.monotonic()
    up.signal(signal.SIGINT)
    assert up.ended(5) == 130
    assert time.monotonic() - began < 3
    assert up.left() == []


def test_a_part_that_hangs_is_killed_within_the_time(up: Up) -> None:
    up.start(*QUICK)
    up.until("Ready after", 60)
    program(up, "postgres").suspend()
    program(up, "redis-server").suspend()
    up.signal(signal.SIGINT)
    assert up.ended(15) == 0
    assert up.left() == []


def test_a_second_stack_and_a_taken_port_are_one_line(up: Up) -> None:
    up.start("--only", "redis", "--dask-port", "0")
    up.until("Ready after", 30)
    second = up.clerk("up", "--only", "redis")
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"process {up.process.pid}" in second.stderr  # type: ignore[union-attr]
    up.signal(signal.SIGINT)
    assert up.ended(15) == 0
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        refused = up.clerk("up", "--only", "redis,scheduler", "--redis-port", port, "--dask-port", port)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert [line.partition(":")[0] for line in refused.stderr.splitlines()] == ["clerk", "clerk"]
    assert refused.stderr.count(f"port {port} of 127.0.0.1 is taken") == 2
    assert up.left() == []


def test_an_interrupt_while_it_starts_stops_what_is_there(up: Up) -> None:
    up.start("--only", "postgres,redis,server", "--port", str(free_port()))
    up.until("redis ", 30)
    up.signal(signal.SIGINT)
    assert up.ended(15) == 0
    assert "Ready" not in up.text()
    assert up.left() == []
