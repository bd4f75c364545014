"""This machine: folders, disk, language model, plug-ins."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clerk.cli import plugin_commands
from clerk.cli.checks.check import Check, guarded, missing, ok, warn

if TYPE_CHECKING:  # what is missing may be what the settings are made with
    from clerk.settings import Settings

NEEDED_BYTES = 200 * 2**20
WANTED_BYTES = 2 * 2**30


def look(settings: Settings) -> list[Check]:
    """Checks of what this machine gives to clerk. Never raises."""
    looks: list[tuple[str, Callable[[], list[Check]]]] = [
        ("storage folder", lambda: _folder("storage folder", settings.storage_dir)),
        ("temporary folder", lambda: _folder("temporary folder", Path(tempfile.gettempdir()))),
        ("spaCy model", lambda: _model(settings)),
        ("plug-ins", lambda: _plugins(settings)),
    ]
    return [check for name, found in looks for check in guarded(name, found)]


def _folder(name: str, folder: Path) -> list[Check]:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return [missing(name, f"{there} is not a folder", f"Move {there} away, or set STORAGE_DIR.")]
    try:
        handle, probe = tempfile.mkstemp(dir=there, prefix=".clerk-doctor-")
        os.close(handle)
        Path(probe).unlink()
    except OSError as error:
        return [missing(name, f"{there} cannot be written: {error.strerror}", f"chmod u+rwx {there}")]
    state = "can be written" if there == folder else "will be made"
    return [ok(name, f"{folder} {state}"), _disk(name, there)]


def _disk(name: str, folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    detail = f"{free / 2**30:.1f} GiB free at {folder}"
    name = name.replace("folder", "disk")
    if free < NEEDED_BYTES:
        return missing(name, detail, "Free some space, or move the folder to a larger disk.")
    if free < WANTED_BYTES:
        return warn(name, detail, "A site of 1,000 pages takes about 0.5 GiB: free some space.")
    return ok(name, detail)


def _model(settings: Settings) -> list[Check]:
    extraction: Any = importlib.import_module("clerk.extraction")
    return [ok("spaCy model", str(extraction.resolve_model(settings.spacy_model)))]


def _plugins(settings: Settings) -> list[Check]:
    found = plugin_commands.load()
    if found.problems:
        advice = f"Mend or remove it: {settings.plugins_dir}, or the package that brings it."
        return [missing("plug-ins", problem, advice) for problem in found.problems]
    names = ", ".join(sorted(found.commands))
    return [ok("plug-ins", f"commands: {names}" if names else f"nothing wrong in {settings.plugins_dir}")]
