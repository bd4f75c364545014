"""Health of a service in a container: `python -m clerk.install.health PART`, exit code 0 or 1 and one line.

A container whose main process has ended is started again without this. It finds the process that runs and does
nothing: a worker that the API has not heard of, a server that does not answer.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import redis

from clerk.errors import ClerkError
from clerk.fleet import queues
from clerk.fleet.api import PrefectApi
from clerk.install.launch import environment

_SECONDS = 5.0
# Workers send a heartbeat every 20 to 30 s.
_SILENCE = timedelta(seconds=120)
_POOLS = {"fetch": queues.FETCH, "extraction": queues.EXTRACTION, "deploy": queues.DEPLOY}
_COMMANDS = {
    "services": ("prefect", "server", "services", "start"),
    "sweep": ("clerk", "sweep", "--loop"),
}


class UnhealthyError(Exception):
    """The service does not do its work; the text says why."""


def server(values: Mapping[str, str]) -> str:
    """The API of this container answers, and reaches its database."""
    with _api(values, "http://127.0.0.1:4200/api") as api:
        api.get("/ready")
    return "the API answers"


def services(values: Mapping[str, str]) -> str:
    """The process is there, and Redis, from which it takes its work, answers."""
    _running("services")
    with redis.Redis.from_url(values["REDIS_URL"], socket_timeout=_SECONDS) as client:
        client.ping()
    return "the process runs, Redis answers"


def scheduler(values: Mapping[str, str]) -> str:
    """A process of this container listens on the scheduler's port; no connection is made, since Dask logs each."""
    port = _port(values)
    found = psutil.net_connections("tcp")
    listening = [entry.laddr for entry in found if entry.status == psutil.CONN_LISTEN]
    if not any(address and address.port == port for address in listening):
        raise UnhealthyError(f"nothing listens on port {port}")
    return f"listens on port {port}"


def ocr(values: Mapping[str, str]) -> str:
    """A worker of this container holds a connection to the scheduler."""
    port = _port(values)
    found = psutil.net_connections("tcp")
    held = [entry for entry in found if entry.raddr and entry.raddr.port == port]
    if not any(entry.status == psutil.CONN_ESTABLISHED for entry in held):
        raise UnhealthyError("no worker is connected to the Dask scheduler")
    return "connected to the Dask scheduler"


def sweep(values: Mapping[str, str]) -> str:
    """The process is there, and the API that it asks answers."""
    _running("sweep")
    with _api(values, values["PREFECT_API_URL"]) as api:
        api.get("/ready")
    return "the process runs, the API answers"


def worker(part: str, values: Mapping[str, str]) -> str:
    """The API has heard of a worker of this container within two minutes."""
    pool = _POOLS[part]
    with _api(values, values["PREFECT_API_URL"]) as api:
        found = api.post(f"/work_pools/{pool}/workers/filter", {}) or []
    here = f"{pool}-{socket.gethostname()}-"
    times = [
        datetime.fromisoformat(entry["last_heartbeat_time"])
        for entry in found
        if entry["name"].startswith(here) and entry["last_heartbeat_time"]
    ]
    if not times:
        raise UnhealthyError(f"the API knows no worker {here}… of {pool}")
    silence = datetime.now(UTC) - max(times)
    if silence > _SILENCE:
        raise UnhealthyError(f"the API has not heard of the worker for {silence.total_seconds():.0f} s")
    return f"heard of {silence.total_seconds():.0f} s ago"


_CHECKS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "server": server,
    "services": services,
    "scheduler": scheduler,
    "ocr": ocr,
    "sweep": sweep,
}


def check(part: str, values: Mapping[str, str]) -> str:
    """One line on the health of `part`.

    Raises:
        UnhealthyError: it does not do its work.
    """
    try:
        return worker(part, values) if part in _POOLS else _CHECKS[part](values)
    except ClerkError as error:
        raise UnhealthyError(error.message) from error
    except (OSError, ValueError, KeyError, psutil.Error, redis.RedisError) as error:
        raise UnhealthyError(f"{type(error).__name__}: {error}") from error


def _api(values: Mapping[str, str], url: str) -> PrefectApi:
    # A health check asks once: it is called again.
    auth, key = values.get("PREFECT_API_AUTH_STRING", ""), values.get("PREFECT_API_KEY", "")
    return PrefectApi(url, auth=auth, key=key, patience=0)


def _port(values: Mapping[str, str]) -> int:
    return urlsplit(values["DASK_SCHEDULER_ADDRESS"]).port or 8786


def _running(part: str) -> None:
    """Raise unless a live process has the command of `part`."""
    wanted = " ".join(_COMMANDS[part])
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if line.endswith(wanted) and process.info["status"] != psutil.STATUS_ZOMBIE:
            return
    raise UnhealthyError(f"no process runs `{wanted}`")


def main(argv: list[str]) -> int:
    """Check the part that is named; the exit code is 1 when it is not healthy, 2 when there is no such part."""
    names = [*_POOLS, *_CHECKS]
    if len(argv) != 1 or argv[0] not in names:
        sys.stderr.write(f"Usage: python -m clerk.install.health {'|'.join(names)}\n")
        return 2
    try:
        sys.stdout.write(check(argv[0], environment("clerk", Path.cwd(), os.environ)) + "\n")
    except UnhealthyError as error:
        sys.stdout.write(f"{argv[0]}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
