"""The fork server: its processes have the launcher's streams, environment, folder and fate."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from clerk.stack import prefork_launch
from clerk.stack.prefork import PLAIN, Prefork
from tests.fixtures_pipeline import wait_until

# What a fork does here in place of the engine: says where it is, then what it was told to.
SERVER = """
import os, sys, time
from clerk.stack.prefork_server import Server
order = Server(sys.argv[1]).serve()
for number, stream in enumerate(order.streams):
    os.dup2(stream, number)
print(os.getpid(), order.folder, order.environment["WORD"], sys.stdin.read(), flush=True)
exec(order.environment["DO"])
"""

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    socket = tmp_path / "fork"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(socket)])
    wait_until(socket.exists, 20, "the fork server listens")

    def start(do: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", prefork_launch.__file__, str(socket)],
            env={**os.environ, "WORD": "ünlike", "DO": do},
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write("hello")
        process.stdin.close()
        process.stdin = None
        process.server = server  # type: ignore[attr-defined]
        return process

    yield start
    server.kill()
    server.wait()


def line(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def test_a_fork_has_the_streams_the_environment_and_the_folder_of_its_launcher(
    launch: Launch, tmp_path: Path
) -> None:
    process = launch("sys.exit(7)")
    pid, *said = line(process)
    assert said == [str(tmp_path), "ünlike", "hello"]
    assert int(pid) != process.pid
    assert process.wait(20) == 7


def test_many_at_once_end_each_with_its_own_code(launch: Launch) -> None:
    processes = [launch(f"time.sleep(0.2); sys.exit({number})") for number in range(8)]
    assert [process.wait(30) for process in processes] == list(range(8))


def test_a_launcher_that_is_asked_to_stop_passes_it_on(launch: Launch) -> None:
    process = launch(
        "import signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(9)); print(flush=True); time.sleep(60)"
    )
    line(process)
    line(process)
    process.terminate()
    assert process.wait(20) == 9


def test_a_fork_that_is_killed_ends_its_launcher_by_the_same_signal(launch: Launch) -> None:
    process = launch("time.sleep(60)")
    os.kill(int(line(process)[0]), signal.SIGKILL)
    assert process.wait(20) == -signal.SIGKILL


def test_a_launcher_that_is_killed_takes_its_fork_along(launch: Launch) -> None:
    process = launch("time.sleep(60)")
    fork = psutil.Process(int(line(process)[0]))
    process.kill()
    process.wait(20)
    wait_until(lambda: not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE, 20, "the fork is gone")
    after = launch("sys.exit(3)")
    assert after.wait(20) == 3


def test_a_server_that_is_killed_takes_all_along(launch: Launch) -> None:
    process = launch("time.sleep(60)")
    fork = psutil.Process(int(line(process)[0]))
    process.server.kill()  # type: ignore[attr-defined]
    assert process.wait(20) == 1
    wait_until(lambda: not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE, 20, "the fork is gone")


@pytest.mark.e2e
def test_without_a_server_a_launcher_becomes_the_engine(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", prefork_launch.__file__, str(tmp_path / "none")],
        env={**os.environ, "PREFECT__FLOW_RUN_ID": "no id"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Invalid flow run id" in done.stderr + done.stdout


@pytest.mark.e2e
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks on Linux only")
def test_the_second_run_starts_the_server_and_another_environment_does_without(tmp_path: Path) -> None:
    prefork = Prefork(tmp_path)
    same = {**os.environ, "PREFECT__FLOW_RUN_ID": "1", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    try:
        assert prefork.command(same) == PLAIN
        assert prefork.pid is None
        assert prefork.command(same | {"PREFECT__FLOW_RUN_ID": "2"}) == PLAIN
        assert prefork.pid is not None
        wait_until((tmp_path / "fork").exists, 60, "the fork server listens")
        assert str(tmp_path / "fork") in prefork.command(same | {"PREFECT__FLOW_RUN_ID": "3"})
        assert prefork.command(same | {"PREFECT_LOGGING_LEVEL": "DEBUG"}) == PLAIN
    finally:
        prefork.stop()
