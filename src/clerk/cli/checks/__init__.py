"""What `clerk doctor` looks at: one file each for what is installed, this machine, recognition, servers."""

from __future__ import annotations

import importlib

from clerk.cli.checks import installed, machine, recognition, servers
from clerk.cli.checks.check import Check, Status, missing, ok

__all__ = ["Check", "Status", "run_all"]


def run_all() -> list[Check]:
    """All checks, in the order in which to mend what they find. Takes seconds: big libraries are loaded."""
    checks = installed.look()
    try:
        settings = importlib.import_module("clerk.settings").get_settings()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the settings is the finding
        return [*checks, missing("settings", str(error), "Correct it in .env or in the environment.")]
    checks.append(ok("settings", "all can be used"))
    return [*checks, *machine.look(settings), *recognition.look(settings), *servers.look(settings)]
