"""The version of this clerk, and what it requires: from its metadata, or from the checkout it runs in."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from clerk import project_root

DISTRIBUTION = "civicband-clerk"


def version() -> str:
    """Version of the installed distribution, of the checkout, or `unknown`."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return str(_project().get("version", "unknown"))


def requirements() -> list[str]:
    """Requirement lines of the distribution itself, without those of its extras."""
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        lines = _project().get("dependencies", [])
    return [line for line in lines if "extra ==" not in line]


def _project() -> dict[str, Any]:
    path = Path(project_root.__file__).resolve().parents[2] / "pyproject.toml"
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    project: dict[str, Any] = data.get("project", {})
    return project
