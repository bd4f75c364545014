"""Says where the project root is: the checkout, or the copy that the wheel carries.

The root holds `flows/`, `tasks/`, `alembic/`, `alembic.ini`, `prefect.yaml` and `deployments/`. A checkout wins,
so that what a developer edits is what runs; a wheel carries the same tree under `clerk/project/`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from clerk.errors import ClerkError

_PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """Folder that holds `flows/` and its neighbours.

    Raises:
        ClerkError: the installation is damaged: neither tree is there.
    """
    for folder in (_PACKAGE.parent.parent, _PACKAGE / "project"):
        if (folder / "flows" / "site_flow.py").is_file() and (folder / "alembic.ini").is_file():
            return folder
    raise ClerkError("The flows of clerk are not installed.", advice="Install civicband-clerk again.")


def on_path() -> Path:
    """Put the project root at the end of `sys.path`, so that `flows` and `tasks` import, and return it."""
    folder = root()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return folder


def pull() -> dict[str, str]:
    """Prefect's pull step of all deployments: change into the project root of this machine and name it."""
    folder = on_path()
    os.chdir(folder)
    return {"directory": str(folder)}
