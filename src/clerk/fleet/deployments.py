"""Deploy everything in `prefect.yaml`, by Prefect's own command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from clerk import project_root
from clerk.errors import ServerError
from clerk.fleet.api import PrefectApi
from clerk.fleet.queues import DEPLOYMENTS
from clerk.settings import Settings
from clerk.stack.server import QUIET

TIMEOUT_SECONDS = 300.0
_COMMAND = (sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all")


def deploy_all(api: PrefectApi, settings: Settings) -> tuple[str, ...]:
    """Deploy, read back, and return the names of the deployments, `flow/deployment`.

    Raises:
        ServerError: the command failed, which it says in one line, or a deployment is missing afterwards.
    """
    try:
        done = subprocess.run(
            _COMMAND,
            cwd=project_root.root(),
            env=_environment(api, settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise ServerError(
            f"Deploying took longer than {TIMEOUT_SECONDS:.0f} s.", advice="Try again."
        ) from error
    if done.returncode:
        raise ServerError(f"Deploying failed: {_reason(done.stdout + done.stderr)}", advice="")
    return read(api)


def read(api: PrefectApi) -> tuple[str, ...]:
    """Names of our deployments, after a look whether each waits in the pool that is its own.

    Raises:
        ServerError: one is missing or in another pool.
    """
    for name, pool in DEPLOYMENTS.items():
        found = api.get(f"/deployments/name/{name}")
        where = found["work_pool_name"] if found else None
        if where != pool:
            state = f"is in the pool {where}, not {pool}" if found else "does not exist"
            raise ServerError(
                f"The deployment {name} {state}.", advice=f"Is it in {project_root.root() / 'prefect.yaml'}?"
            )
    return tuple(DEPLOYMENTS)


def _environment(api: PrefectApi, settings: Settings) -> dict[str, str]:
    values = {
        **os.environ,
        **QUIET,
        "PREFECT_API_URL": api.url,
        # Rich would fold the line that says what is wrong.
        "COLUMNS": "1000",
        "NO_COLOR": "1",
    }
    secrets = {
        "PREFECT_API_AUTH_STRING": settings.prefect_api_auth_string,
        "PREFECT_API_KEY": settings.prefect_api_key,
    }
    return values | {name: value for name, value in secrets.items() if value}


def _reason(output: str) -> str:
    """The line that says what is wrong: the last one with words, which is where tracebacks have it too."""
    lines = [" ".join(line.split()) for line in output.splitlines()]
    spoken = [line for line in lines if any(letter.isalpha() for letter in line)]
    return spoken[-1][:500] if spoken else "it said nothing."
