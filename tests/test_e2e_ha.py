"""High availability: two API servers and one services process on one Postgres and one Redis."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from clerk.fleet.api import PrefectApi
from clerk.stack import broker
from clerk.stack.server import QUIET, answers
from tests.balancer import balancer
from tests.fixtures_pipeline import wait_until
from tests.fixtures_redis import RedisServer

pytestmark = pytest.mark.e2e
TASKS = 20

FLOW = """
import sys, time
from pathlib import Path
from prefect import flow, task

done = Path(sys.argv[1])

@task(task_run_name="{number}")
def work(number: int) -> int:
    time.sleep(0.25)
    (done / str(number)).touch()
    return number

@flow(name="many")
def many() -> int:
    return sum(work(number) for number in range(int(sys.argv[2])))

if __name__ == "__main__":
    many()
"""


@dataclass
class Cluster:
    """Two API servers, which may be killed, and the process that does the services of both."""

    environment: dict[str, str]
    folder: Path
    ports: list[int] = field(default_factory=list)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.ports[number]}/api"

    def start(self) -> None:
        # Once, and by one: servers that start at the same time would migrate at the same time.
        subprocess.run(
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        self.ports = free_ports(2)
        self._begin("services", "services", "start")
        for number, port in enumerate(self.ports):
            # Of two that write the types of blocks into a new database at once, one ends.
            self.environment["PREFECT_API_BLOCKS_REGISTER_ON_START"] = str(not number).lower()
            self._begin(f"api-{port}", "start", "--no-services", "--host", "127.0.0.1", "--port", str(port))
        for number in range(len(self.ports)):
            wait_until(partial(answers, self.url(number)), 90, f"server {number} answers")

    def kill(self, number: int) -> None:
        """kill -9 of an API server."""
        process = self._processes[1 + number]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.log"))

    def _begin(self, name: str, *arguments: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "prefect", "server", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)


def free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture
def cluster(
    postgres_url: str, redis_servers: Callable[..., RedisServer], tmp_path: Path
) -> Iterator[Cluster]:
    base = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    database = make_url(postgres_url).set(drivername="postgresql+asyncpg")
    environment = {
        **base,
        **QUIET,
        **broker.environment(redis_servers().url),
        "PREFECT_HOME": str(tmp_path / "home"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": database.render_as_string(hide_password=False),
        "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
    }
    made = Cluster(environment, tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_the_death_of_an_api_server_costs_no_task_and_no_later_record(
    cluster: Cluster, tmp_path: Path
) -> None:
    with PrefectApi(cluster.url(0)) as first, PrefectApi(cluster.url(1)) as second:
        flow = first.post("/flows/", {"name": "seen"})["id"]
        run = second.post("/flow_runs/", {"flow_id": flow, "state": {"type": "PENDING"}})["id"]
        assert first.get(f"/flow_runs/{run}")["state_type"] == "PENDING"
        first.post(f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})
        assert second.get(f"/flow_runs/{run}")["state_type"] == "RUNNING"
    done = tmp_path / "done"
    done.mkdir()
    script = tmp_path / "many.py"
    script.write_text(FLOW)
    with balancer(cluster.ports) as port:
        address = f"http://127.0.0.1:{port}/api"
        process = subprocess.Popen(
            [sys.executable, str(script), str(done), str(TASKS)],
            env=cluster.environment | {"PREFECT_API_URL": address},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_until(lambda: len(list(done.iterdir())) >= 5, 60, "five tasks are done")
            assert process.poll() is None
            cluster.kill(0)
            # The next one may have begun before the death.
            later = {str(number) for number in range(len(list(done.iterdir())) + 1, TASKS)}
            said, _ = process.communicate(timeout=90)
        finally:
            process.kill()
            process.wait()
        assert process.returncode == 0, said + cluster.log()
    assert len(list(done.iterdir())) == TASKS
    with PrefectApi(cluster.url(1)) as api:
        (run,) = api.post("/flow_runs/filter", {"flows": {"name": {"any_": ["many"]}}})
        assert run["state_type"] == "COMPLETED"
        # Task runs are recorded by the services process, from events that either server took. What the dead one had
        # taken and not yet handed on is lost, see docs/high-availability.md: a record of those before, none of a later.
        wanted = {
            "flows": {"name": {"any_": ["many"]}},
            "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
        }
        recorded: set[str] = set()

        def later_recorded() -> bool:
            recorded.update(each["name"] for each in api.post("/task_runs/filter", wanted))
            return later <= recorded

        assert len(later) >= TASKS // 2
        try:
            wait_until(later_recorded, 30, "every later task run is recorded")
        finally:
            print(f"not recorded: {later - recorded}\n{cluster.log()}")
