"""What the tests of services share: a machine that is always the same, golden files, and a manager that records."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from clerk.install.parts import Plan, plan
from clerk.install.place import Place
from clerk.settings import Settings, load

GOLDEN = Path(__file__).parent / "golden"
SECRET = "vErY-s3cret"
# What `.env` says on the golden machine: a server with Postgres and Redis, and secrets wherever they can be.
VALUES = {
    "DATABASE_URL": f"postgresql://clerk:{SECRET}@db.example.org/clerk",
    "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:6379/0",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://clerk:{SECRET}@db.example.org/prefect",
    "PREFECT_API_AUTH_STRING": f"admin:{SECRET}",
}


def numbers(**values: int) -> Settings:
    return load(
        **{"fetch_workers": 2, "ocr_workers": 4, "extraction_workers": 1, "deploy_workers": 1} | values
    )


def golden_plan() -> Plan:
    return plan(numbers(), VALUES)


def golden_place(*, mac: bool = False, system: bool = False) -> Place:
    return Place(
        mac=mac,
        system=system,
        folder=Path("/srv/clerk"),
        storage=Path("/srv/clerk/storage"),
        python=Path("/opt/clerk/bin/python"),
        home=Path("/Volumes/ada" if mac else "/people/ada"),
        user="clerk" if system else "",
    )


def real_place(folder: Path, *, mac: bool = False, system: bool = False) -> Place:
    """A place whose folders and Python exist, under `folder`."""
    home, work = folder / "home", folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    place = golden_place(mac=mac, system=system)
    return replace(place, folder=work, storage=work / "storage", python=Path(sys.executable), home=home)


def check_golden(name: str, files: dict[str, str]) -> None:
    """Compare with tests/golden/NAME; with CLERK_REWRITE_GOLDEN=1 in the environment, write it anew."""
    folder = GOLDEN / name
    if os.environ.get("CLERK_REWRITE_GOLDEN") == "1":
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert files.keys() == kept.keys()
    for file, text in files.items():
        assert text == kept[file], f"{file} differs; CLERK_REWRITE_GOLDEN=1 writes tests/golden anew"


class Recorder:
    """An executable that writes down how it was called, and answers questions with what `yes` holds."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log, self._yes, self._no = folder / "calls", folder / "yes", folder / "no"
        self._log.touch()
        program = folder / name
        program.write_text(
            "#!/bin/sh\n"
            f'echo "$*" >>"{self._log}"\n'
            'case "$*" in\n'
            "  *is-system-running*) echo running; exit 0 ;;\n"
            f'  *is-enabled*|print*) test -e "{self._yes}"; exit ;;\n'
            "esac\n"
            f'if test -e "{self._no}"; then echo "Access denied" >&2; exit 4; fi\n',
            encoding="utf-8",
        )
        program.chmod(0o755)

    def calls(self) -> list[str]:
        """The calls since the last time, without questions."""
        lines = self._log.read_text(encoding="utf-8").splitlines()
        self._log.write_text("", encoding="utf-8")
        return [line for line in lines if not any(word in line for word in ("is-", "print "))]

    def says_yes(self) -> None:
        """From now on, what is asked for is there."""
        self._yes.touch()

    def refuse(self, refuse: bool = True) -> None:
        """From now on, everything but questions fails, or no more."""
        if refuse:
            self._no.touch()
        else:
            self._no.unlink()
