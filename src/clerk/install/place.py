"""Where services go, and on whose account they run."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from clerk.errors import UsageError


@dataclass(frozen=True, slots=True)
class Place:
    """A machine as the units see it.

    `folder` is where the services work, and holds `.env`; `user` is whose account they use, empty where the
    service manager is that user's own.
    """

    mac: bool
    system: bool
    folder: Path
    storage: Path
    python: Path
    home: Path
    user: str = ""

    @property
    def units(self) -> Path:
        """Folder of the unit files or property lists."""
        if self.mac:
            return Path("/Library/LaunchDaemons") if self.system else self.home / "Library" / "LaunchAgents"
        return Path("/etc/systemd/system") if self.system else self.home / ".config" / "systemd" / "user"

    @property
    def logs(self) -> Path:
        """Folder of the logs of launchd's services; systemd keeps its own journal."""
        return Path("/Library/Logs/clerk") if self.system else self.home / "Library" / "Logs" / "clerk"


def is_mac() -> bool:
    """True where launchd is the service manager."""
    return sys.platform == "darwin"


def scope(*, user: bool, system: bool) -> bool | None:
    """Whether the services of the machine are meant; None where neither was said.

    Raises:
        UsageError: both were said.
    """
    if user and system:
        raise UsageError("--user and --system exclude each other.", advice="Leave one of them out.")
    return system if user or system else None


def here(system: bool | None, storage: Path) -> Place:
    """The place of this process; `system` None: of the whole machine for root, of the user otherwise."""
    folder = Path.cwd()
    as_root = os.geteuid() == 0
    for_all = as_root if system is None else system
    return Place(
        mac=is_mac(),
        system=for_all,
        folder=folder,
        storage=storage,
        python=Path(sys.executable),
        home=Path.home(),
        user=account(folder) if for_all else "",
    )


def account(folder: Path) -> str:
    """Name of the user to whom `folder` belongs, who is not to be root."""
    try:
        return folder.owner()
    except KeyError:
        return getpass.getuser()


def require_account(place: Place) -> None:
    """Refuse to run services as root.

    Raises:
        UsageError: the working folder belongs to root.
    """
    if place.system and place.user == "root":
        raise UsageError(
            f"{place.folder} belongs to root, and services run as the owner of the folder that holds .env.",
            advice="Give it to a user of their own (chown -R clerk), or install with --user.",
        )
