"""Commands of plug-ins, looked for only where there are plug-ins: else `clerk --help` pays nothing."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from clerk.cli.commands import COMMANDS

GROUP = "clerk.plugins"
_DEFAULT = "plugins"


@dataclass(frozen=True, slots=True)
class Found:
    """Commands of plug-ins by name, and one line for each plug-in that could not give its commands."""

    commands: dict[str, click.Command] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def load() -> Found:
    """Commands of all plug-ins. Never raises: a broken plug-in is a line in `problems`."""
    try:
        folder = plugins_dir()
    except Exception as error:  # noqa: BLE001 - help must come even where the settings are wrong
        return Found(problems=(_line(error),))
    return _load(folder) if _has_plugins(folder) else Found()


def plugins_dir() -> Path:
    """Folder of single-file plug-ins; the settings are read only where `.env` may name it.

    Raises:
        SettingsError: a setting has a value that cannot be used.
    """
    named = os.environ.get("PLUGINS_DIR")
    if named or not Path(".env").is_file():
        return Path(named or _DEFAULT).expanduser().absolute()
    folder: Path = importlib.import_module("clerk.settings").get_settings().plugins_dir
    return folder


def _has_plugins(folder: Path) -> bool:
    files = folder.glob("*.py") if folder.is_dir() else ()
    return any(not path.name.startswith("_") for path in files) or bool(metadata.entry_points(group=GROUP))


@lru_cache(maxsize=4)
def _load(folder: Path) -> Found:
    try:
        manager = importlib.import_module("clerk.plugins").plugin_manager(folder)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code runs here
        return Found(problems=(_line(error),))
    commands: dict[str, click.Command] = {}
    problems: list[str] = []
    # Each implementation is called by itself, so that one that raises does not silence the others.
    for implementation in manager.hook.register_cli_commands.get_hookimpls():
        try:
            given = implementation.function()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code runs here
            problems.append(f"{implementation.plugin_name}: {_line(error)}")
            continue
        _collect(implementation.plugin_name, given, commands, problems)
    return Found(commands, tuple(problems))


def _collect(plugin: str, given: Any, commands: dict[str, click.Command], problems: list[str]) -> None:
    for command in given if isinstance(given, (list, tuple)) else [given]:
        if command is None:
            continue
        name = getattr(command, "name", None)
        if not isinstance(command, click.Command) or not name:
            problems.append(f"{plugin}: register_cli_commands gave {command!r}, which is no click command.")
        elif name in COMMANDS:
            problems.append(f"{plugin}: its command {name!r} has the name of a built-in one.")
        else:
            commands[name] = command


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."
