"""The programs of the stack: their commands and environments, the leash, and what is said when one dies."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from supervisor.options import ServerOptions

from clerk.settings import load
from clerk.stack import broker, programs
from clerk.stack import plan as planning
from clerk.stack.layout import Layout, StackError, default_folder
from clerk.stack.parts import Part
from clerk.stack.plan import Options, Plan
from clerk.stack.supervision import Status, Supervisor
from clerk.stack.watch import Watch
from tests.fixtures_pipeline import wait_until

LOCAL = frozenset(Part) - {Part.POSTGRES, Part.REDIS}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """All parts but the two servers from wheels; folder and password need care where they are quoted."""
    storage = tmp_path / 'my 50% "storage"'
    layout = Layout(default_folder(storage))
    layout.make()
    settings = load(
        storage_dir=storage,
        database_url="postgresql://u:p%40%25s@db/civic",
        redis_url="redis://:s3cret@cache:6380/2",
        fetch_workers=3,
        ocr_workers=5,
        prefect_api_auth_string="admin:pass",
    )
    return planning.make(layout, settings, Options(parts=LOCAL, port=4711, dask_port=8799))


def words(plan: Plan, part: Part) -> list[str]:
    return next(list(each.command) for each in programs.build(plan, None) if each.part is part)[1:]


def test_commands_of_the_parts(plan: Plan) -> None:
    assert words(plan, Part.FETCH) == ["-m", "clerk", "worker", "fetch", "-n", "3"]
    assert words(plan, Part.OCR) == ["-m", "clerk", "worker", "ocr", "-n", "5"]
    assert words(plan, Part.SWEEPER) == ["-m", "clerk", "sweep", "--loop"]
    assert words(plan, Part.SERVER)[-4:] == ["--host", "127.0.0.1", "--port", "4711"]
    scheduler = words(plan, Part.SCHEDULER)
    assert scheduler[1:6] == ["distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "8799"]
    assert scheduler[-2:] == ["--dashboard-address", "127.0.0.1:0"]


def test_every_part_knows_all_addresses_and_only_the_server_its_database(plan: Plan) -> None:
    by_part = {each.part: each.environment for each in programs.build(plan, None)}
    for environment in by_part.values():
        assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4711/api"
        assert environment["DASK_SCHEDULER_ADDRESS"] == "tcp://127.0.0.1:8799"
        assert environment["DATABASE_URL"] == "postgresql://u:p%40%25s@db/civic"
        assert environment["PREFECT_HOME"] == str(plan.layout.prefect)
        assert environment["PREFECT_API_AUTH_STRING"] == "admin:pass"
    server = by_part[Part.SERVER]
    assert server["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith("u:p%40%25s@db/civic_prefect")
    assert server["PREFECT_UI_API_URL"] == "http://127.0.0.1:4711/api"
    assert server["PREFECT_SERVER_API_AUTH_STRING"] == "admin:pass"
    assert server["PREFECT_MESSAGING_BROKER"] == "prefect_redis.messaging"
    assert "PREFECT_MESSAGING_BROKER" not in by_part[Part.FETCH]
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" not in by_part[Part.FETCH]


def test_a_variable_that_the_user_set_wins_over_our_tuning(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_WORKER_QUERY_SECONDS", "7")
    monkeypatch.setenv("PREFECT_API_URL", "http://elsewhere/api")
    environment = programs.environment(plan)
    assert environment["PREFECT_WORKER_QUERY_SECONDS"] == "7"
    assert environment["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4711/api"


@pytest.mark.parametrize(
    ("url", "following"),
    [
        ("redis://h:6379/0", "redis://h:6379/1"),
        ("redis://h:6379", "redis://h:6379/1"),
        ("rediss://u:p%40@h:6380/4?ssl_cert_reqs=none", "rediss://u:p%40@h:6380/5?ssl_cert_reqs=none"),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=3"),
    ],
)
def test_background_work_has_a_redis_database_of_its_own(url: str, following: str) -> None:
    assert broker.environment(url)["PREFECT_SERVER_DOCKET_URL"] == following


def test_without_redis_there_is_no_broker() -> None:
    assert not any("REDIS" in name or "BROKER" in name for name in broker.environment(""))


def test_the_manager_reads_what_is_written_for_it(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = Supervisor(plan.layout, programs.build(plan, None), {})
    path = supervisor.write()
    text = path.read_text(encoding="utf-8")
    # The manager runs in the stack's folder, and its programs where `clerk up` was called.
    monkeypatch.chdir(plan.layout.folder)
    options = ServerOptions()
    options.realize(args=["-c", str(path), "-n"])
    found = {config.name: config.process_configs[0] for config in options.process_group_configs}
    assert set(found) == set(plan.parts)
    assert not any(config.autostart for config in found.values())
    assert Path(found["fetch"].stdout_logfile).absolute() == plan.layout.log("fetch")
    for secret in ("p%40", "s3cret", "admin:pass"):
        assert secret not in text
    spec = plan.layout.run / "server.json"
    assert spec.stat().st_mode & 0o777 == 0o600
    assert found["server"].command.endswith("run/server.json")
    assert json.loads(spec.read_text())["environment"]["REDIS_URL"] == "redis://:s3cret@cache:6380/2"


def leashed(code: str) -> subprocess.Popen[bytes]:
    """Python code under a leash, which has started when it prints a line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "clerk.stack.leash", sys.executable, "-S", "-u", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.first = process.stdout.readline().decode().strip()  # type: ignore[attr-defined]
    return process


def finish(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=10)


def test_a_leashed_program_that_stops_when_asked_is_not_waited_for() -> None:
    process = leashed("import time; print('up'); time.sleep(60)")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    assert time.monotonic() - began < 2
    finish(process)


def test_what_a_leashed_program_leaves_behind_is_killed_with_it() -> None:
    child = "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])"
    process = leashed(
        f"import os, signal, subprocess, sys; print({child}.pid); os.kill(os.getpid(), signal.SIGKILL)"
    )
    grandchild = int(process.first)  # type: ignore[attr-defined]
    process.wait(10)
    finish(process)
    assert process.returncode == 128 + signal.SIGKILL
    wait_until(lambda: gone(grandchild), 5, "the grandchild is gone")


def test_a_leashed_program_ends_with_the_end_of_its_parents_pipe() -> None:
    process = leashed("import os, time; print(os.getpid()); time.sleep(60)")
    program = int(process.first)  # type: ignore[attr-defined]
    finish(process)
    wait_until(lambda: gone(program), 5, "the program is gone")


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Manager:
    """A process manager whose parts are what the test says."""

    def __init__(self) -> None:
        self.parts: dict[Part, Status] = {}
        self.started: list[Part] = []

    def states(self) -> dict[Part, Status]:
        return self.parts

    def start(self, part: Part) -> None:
        self.started.append(part)

    def set(self, state: str, pid: int, code: int | None = 0) -> None:
        self.parts = {Part.FETCH: Status(Part.FETCH, state, pid, code)}


def test_a_part_that_dies_is_said_once_and_tried_for_ever(tmp_path: Path) -> None:
    manager, said = Manager(), list[str]()
    watch = Watch(manager, Layout(tmp_path), said.append)  # type: ignore[arg-type]
    for state, pid, code in (
        ("RUNNING", 10, 0), ("RUNNING", 10, 0), ("EXITED", 0, 137), ("BACKOFF", 0, None), ("FATAL", 0, None),
        ("RUNNING", 11, 0), ("RUNNING", 12, 3), ("BACKOFF", 0, None),
    ):  # fmt: skip
        manager.set(state, pid, code)
        watch.look()
    assert [line.partition(" See ")[0] for line in said] == [
        "fetch ended (killed by signal 9) and is started again.",
        "fetch runs again (process 11).",
        "fetch ended (exit code 3) and runs again (process 12).",
        "fetch ended (soon after its start) and is started again.",
    ]
    assert manager.started == [Part.FETCH]


def test_a_manager_that_is_gone_is_one_line(plan: Plan) -> None:
    with pytest.raises(StackError, match="process manager is gone"):
        Supervisor(plan.layout, [], {}).states()
