"""Start one program of the stack as a service: `python -m clerk.install.launch MODULE [ARGUMENT…]`.

A service manager gives a process next to no environment, so this reads `.env` of the working folder as clerk
itself does, adds what the program needs, and becomes `python -m MODULE`. What the environment already has wins.
No secret has to be written into a unit for it.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from clerk.settings import ENV_FILE
from clerk.stack import broker
from clerk.stack.server import QUIET

API_URL = "http://127.0.0.1:4200/api"
SCHEDULER = "tcp://127.0.0.1:8786"
_PREFECT = "prefect"


def file_values(folder: Path) -> dict[str, str]:
    """Names and values of the `.env` of `folder`, without those that are empty; none where there is no file."""
    return {name: value for name, value in dotenv_values(folder / ENV_FILE).items() if value}


def environment(module: str, folder: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service that runs `module` with `folder` as its working folder."""
    given = file_values(folder) | {name: value for name, value in inherited.items() if value}
    storage = (folder / Path(given.get("STORAGE_DIR", "storage")).expanduser()).absolute()
    defaults = {
        **QUIET,
        "PREFECT_API_URL": API_URL,
        "DASK_SCHEDULER_ADDRESS": SCHEDULER,
        # A run that killed its Dask worker must not be handed to the next one.
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        # Of this host alone: the storage folder may be shared, and a profile or SQLite file must not be.
        "PREFECT_HOME": str(storage / ".prefect" / f"services-{socket.gethostname()}"),
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
    }
    if module == _PREFECT:
        defaults |= broker.environment(given.get("REDIS_URL", ""))
    return {**defaults, **given, "PATH": _path(given.get("PATH", os.defpath))}


def _path(inherited: str) -> str:
    """PATH with the programs beside this Python first; launchd leaves out where Mac packages are installed."""
    found = [str(Path(sys.executable).parent), *inherited.split(os.pathsep)]
    if sys.platform == "darwin":
        found += ["/opt/homebrew/bin", "/usr/local/bin"]
    return os.pathsep.join(dict.fromkeys(entry for entry in found if entry))


def main(argv: list[str]) -> None:
    """Become `python -m MODULE ARGUMENT…`; never returns."""
    if not argv:
        sys.exit("Usage: python -m clerk.install.launch MODULE [ARGUMENT…]")
    values = environment(argv[0], Path.cwd(), os.environ)
    # Prefect makes its home itself, but not for the SQLite file in it.
    home = Path(values["PREFECT_HOME"])
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sys.exit(f"Cannot make {home}: {error.strerror}. Check STORAGE_DIR and who owns it.")
    os.execve(sys.executable, [sys.executable, "-m", *argv], values)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
