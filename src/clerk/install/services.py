"""Install and uninstall the services of a machine: show, write, then tell the service manager."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from clerk.errors import ClerkError, StorageError
from clerk.install.backends import Backend, backend
from clerk.install.change import Change, compare, describe, write
from clerk.install.manager import Manager, ServiceManagerError
from clerk.install.parts import Plan
from clerk.install.place import Place, require_account

Say = Callable[[str], None]
_DONE = ("written", "changed", "removed")


class LeftAloneError(ClerkError):
    """A file that belongs to the services was changed by hand, so it was not touched."""


def install(plan: Plan, place: Place, *, dry_run: bool, say: Say) -> None:
    """Write the files of `plan` and start its services; what is there already is left as it is.

    Raises:
        LeftAloneError: everything else is done, but a file was changed by hand or is not ours.
        ServiceManagerError: the files are written, and the service manager refused.
        StorageError: a folder cannot be written.
        UsageError: the services would run as root.
    """
    require_account(place)
    kind, manager = backend(place), Manager(place)
    change = compare(place.units, kind.files(plan, place), kind.patterns)
    for line in describe(change):
        say(line)
    if dry_run:
        say(f"Nothing was written: {_count(change)} with this command without --dry-run.")
        return
    if not change.empty:
        _folders(place)
        write(change)
        say(f"Done: {_count(change, _DONE)}.")
    _start(kind, manager, change, place, say)
    _report(change)


def uninstall(place: Place, *, dry_run: bool, say: Say) -> None:
    """Stop the services, and remove the files that were installed and are unchanged; no other file is touched.

    Raises:
        LeftAloneError: everything else is done, but a file was changed by hand.
        ServiceManagerError: a service could not be stopped, so its file is still there.
        StorageError: a file cannot be removed.
    """
    kind, manager = backend(place), Manager(place)
    change = compare(place.units, {}, kind.patterns)
    for line in describe(change):
        say(line)
    if dry_run:
        say(f"Nothing was removed: {_count(change)} with this command without --dry-run.")
        return
    if change.empty:
        say(f"There is nothing of clerk to remove in {place.units}.")
    else:
        _remove(kind, manager, change, say)
    _report(change)


def _remove(kind: Backend, manager: Manager, change: Change, say: Say) -> None:
    before, after = kind.deactivate(change)
    why = manager.missing()
    if not why:
        try:
            manager.do(before)
        except ServiceManagerError as error:
            message = error.message.replace("The files are written", "The files are still there")
            raise ServiceManagerError(message, advice=error.advice) from error
    write(change)
    if why:
        say(f"The files are removed, and no service was stopped: {why}.")
    else:
        manager.do(after)
        say(f"Done: {_count(change, _DONE)}; the services are stopped.")


def _start(kind: Backend, manager: Manager, change: Change, place: Place, say: Say) -> None:
    why = manager.missing()
    calls = kind.settle(change, manager) if change.empty else kind.activate(change)
    if change.empty:
        say("Nothing was changed: every file is there as it should be.")
    if why:
        say(
            f"No service was started: {why}. Where it runs, call:"
            if calls
            else f"No service was asked: {why}."
        )
        for call in calls:
            say(f"    {manager.line(call)}")
        return
    manager.do(calls)
    for call in calls:
        say(f"ran        {manager.line(call)}")
    if calls and not place.mac and not place.system and not _lingers():
        say(
            "These services end with your last session. `loginctl enable-linger` keeps them, and starts them at boot."
        )


def _lingers() -> bool:
    return (Path("/var/lib/systemd/linger") / os.environ.get("USER", "")).is_file()


def _folders(place: Place) -> None:
    """Make the folders that the services write: hardened services may write nowhere else, and cannot make them."""
    folders = [place.storage, *([place.logs] if place.mac else [])]
    try:
        for folder in folders:
            missing = not folder.is_dir()
            folder.mkdir(parents=True, exist_ok=True)
            if missing and place.user and os.geteuid() == 0:
                shutil.chown(folder, place.user)
    except (OSError, LookupError) as error:
        raise StorageError(f"Cannot make the folders of the services: {error}.") from error


def _count(change: Change, verbs: tuple[str, str, str] = ("to write", "to change", "to remove")) -> str:
    numbers = (len(change.new), len(change.changed), len(change.removed))
    said = [
        f"{number} {'file' if number == 1 else 'files'} {verb}"
        for number, verb in zip(numbers, verbs, strict=True)
        if number
    ]
    return ", ".join(said) or "nothing to do"


def _report(change: Change) -> None:
    if change.kept:
        names = ", ".join(str(change.folder / name) for name in change.kept)
        raise LeftAloneError(
            f"Left alone, since changed by hand or not written by clerk: {names}.",
            advice="Move each away and call the command again; changes belong into a drop-in (systemctl edit).",
        )
