"""The built-in target: a folder of versions with a link `current` that is switched in one step.

    _deploy/20250304T120000Z-1f0c…/meetings.db
    _deploy/current -> 20250304T120000Z-1f0c…

A version is a hard link to the compiled file, which is never changed in place; where links are not possible
it is a copy.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clerk.build_info import read_info
from clerk.errors import StorageError
from clerk.storage import SiteStore, locked, sync_file

KEEP = 3
_VERSION = re.compile(r"\d{8}T\d{6}(?:\d{6})?Z-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is current, its file, and whether this call made it."""

    version: str
    path: Path
    new: bool


def publish(store: SiteStore) -> Published:
    """Make the live database the current version; nothing is done where it already is. Keeps three versions.

    Raises:
        StorageError: there is no database, or the folder cannot be written.
    """
    if not store.database.is_file():
        raise StorageError(
            f"{store.subdomain} has no database to deploy.",
            advice=f"Run `clerk run {store.subdomain}` first.",
        )
    try:
        # The publish lock keeps the database as it is between reading what it is and linking it.
        with locked(store.publish_lock):
            return _publish(store)
    except OSError as error:
        raise StorageError(f"Cannot deploy to {store.deployed}: {error.strerror or error}.") from error


def _publish(store: SiteStore) -> Published:
    folder = store.deployed
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".*.tmp"):
        _remove(leftover)
    identity = _identity(store.database)
    current = current_version(store)
    if current is not None and current.endswith(identity):
        return Published(current, folder / current / "meetings.db", new=False)
    version = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{identity}"
    _add(store.database, folder, version)
    _switch(folder, version)
    for old in sorted(path for path in folder.iterdir() if _VERSION.fullmatch(path.name))[:-KEEP]:
        if old.name != version:
            _remove(old)
    return Published(version, folder / version / "meetings.db", new=True)


def current_version(store: SiteStore) -> str | None:
    """Name of the current version, or None."""
    link = store.deployed / "current"
    if not link.is_symlink():
        return None
    name = link.readlink().name
    return name if (store.deployed / name / "meetings.db").is_file() else None


def is_published(store: SiteStore) -> bool:
    """True when the current version is the live database."""
    current = current_version(store)
    return current is not None and store.database.is_file() and current.endswith(_identity(store.database))


def _identity(database: Path) -> str:
    """12 hex digits that stay the same while the content does."""
    info = read_info(database)
    if info is not None and info.fingerprint:
        # A rebuild of the same pages differs in its metadata only: not in what readers see.
        return hashlib.sha256(f"{info.level}\0{info.fingerprint}\0{info.pages}".encode()).hexdigest()[:12]
    with database.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:12]


def _add(database: Path, folder: Path, version: str) -> None:
    building = folder / f".{version}.tmp"
    building.mkdir()
    target = building / "meetings.db"
    try:
        os.link(database, target)
    except OSError:
        shutil.copyfile(database, target)
        sync_file(target)
    sync_file(building)
    os.replace(building, folder / version)
    sync_file(folder)


def _switch(folder: Path, version: str) -> None:
    link = folder / f".{version}.tmp"
    link.symlink_to(version)
    os.replace(link, folder / "current")
    sync_file(folder)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
