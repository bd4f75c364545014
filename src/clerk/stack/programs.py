"""The programs of a plan: command, environment and how each is stopped."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clerk.stack import broker, postgres, redis_server
from clerk.stack.leash import Stop
from clerk.stack.parts import Part
from clerk.stack.plan import Plan, dask_protocol
from clerk.stack.remains import MARK
from clerk.stack.server import QUIET

# What a user may want otherwise: a variable that is set wins.
TUNING = {
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # The shortest that Prefect takes: it decides how soon a run is noticed whose worker is gone, too.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    # Here the output goes into a log of its own, not onto somebody's terminal.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
    "PREFECT_LOGGING_COLORS": "false",
    "PYTHONUNBUFFERED": "1",
    # A page that kills its worker twice is the page's fault.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
}

# Seconds that each may take to end: with those of its group at once, they add up to less than 15.
_WORKER = Stop(signal.SIGTERM, 4.0, whole_group=False)
_STOPS = {
    Part.POSTGRES: Stop(signal.SIGINT, 2.5, whole_group=False),  # fast: without waiting for its clients
    Part.REDIS: Stop(signal.SIGTERM, 1.5),
    Part.SERVER: Stop(signal.SIGTERM, 2.5),
    Part.SCHEDULER: Stop(signal.SIGTERM, 1.0),
    Part.SWEEPER: Stop(signal.SIGTERM, 1.5),
}


@dataclass(frozen=True, slots=True)
class Program:
    """One program: run in `folder` with `environment` (all of it), as `user` (uid, gid) where that is given."""

    part: Part
    command: tuple[str, ...]
    environment: dict[str, str]
    stop: Stop
    folder: str
    user: tuple[int, int] | None = None


def build(plan: Plan, postgres_user: tuple[int, int] | None) -> list[Program]:
    """The programs of all parts of `plan`, in their order.

    Raises:
        StackError: a program is not installed.
    """
    common = environment(plan)
    made = []
    for part in plan.parts:
        extra = _server_environment(plan) if part is Part.SERVER else {}
        user = postgres_user if part is Part.POSTGRES else None
        command = tuple(_command(plan, part))
        made.append(
            Program(part, command, {**common, **extra}, _STOPS.get(part, _WORKER), str(Path.cwd()), user)
        )
    return made


def environment(plan: Plan) -> dict[str, str]:
    """The environment that all parts and the stack's own commands share."""
    own = {
        MARK: str(plan.layout.folder),
        "STORAGE_DIR": str(plan.settings.storage_dir),
        "PLUGINS_DIR": str(plan.settings.plugins_dir),
        "PREFECT_HOME": str(plan.layout.prefect),
        "PREFECT_PROFILES_PATH": str(plan.layout.prefect / "profiles.toml"),
        "PREFECT_API_AUTH_STRING": plan.settings.prefect_api_auth_string,
        "PREFECT_API_KEY": plan.settings.prefect_api_key,
        **plan.addresses,
    }
    made = {**QUIET, **TUNING, **os.environ}
    for name, value in own.items():
        if value:
            made[name] = value
        else:
            made.pop(name, None)
    return made


def _server_environment(plan: Plan) -> dict[str, str]:
    host, port = plan.listens[Part.SERVER]
    made = {
        **broker.environment(plan.redis_url),
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_UI_ENABLED": "true",
        "PREFECT_UI_API_URL": os.environ.get("PREFECT_UI_API_URL", f"{plan.ui_url}/api"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": plan.server_database(),
        "PREFECT_SERVER_API_AUTH_STRING": plan.settings.prefect_api_auth_string,
    }
    return {name: value for name, value in made.items() if value}


def _command(plan: Plan, part: Part) -> list[str]:
    if part is Part.POSTGRES:
        return postgres.command(plan.layout, plan.listens[part][1])
    if part is Part.REDIS:
        return redis_server.command(plan.layout, plan.listens[part][1])
    return [sys.executable, "-m", *_PYTHON[part](plan)]


def _server(plan: Plan) -> list[str]:
    host, port = plan.listens[Part.SERVER]
    return ["prefect", "server", "start", "--host", host, "--port", str(port)]


def _scheduler(plan: Plan) -> list[str]:
    host, port = plan.listens[Part.SCHEDULER]
    where = ["--host", host, "--port", str(port), "--protocol", dask_protocol()]
    # Without an address of its own, what it serves over HTTP would be bound to all interfaces.
    return ["distributed.cli.dask_scheduler", *where, "--no-dashboard", "--dashboard-address", "127.0.0.1:0"]


def workers(plan: Plan, part: Part) -> int:
    """Number of workers of a kind."""
    return plan.settings.workers[part]


def _worker(part: Part) -> Callable[[Plan], list[str]]:
    return lambda plan: ["clerk", "worker", part.value, "-n", str(workers(plan, part))]


_PYTHON: dict[Part, Callable[[Plan], list[str]]] = {
    Part.SERVER: _server,
    Part.SCHEDULER: _scheduler,
    Part.FETCH: _worker(Part.FETCH),
    Part.OCR: _worker(Part.OCR),
    Part.EXTRACTION: _worker(Part.EXTRACTION),
    Part.DEPLOY: _worker(Part.DEPLOY),
    Part.SWEEPER: lambda _plan: ["clerk", "sweep", "--loop"],
}
