"""The command line: one file a command group, each loaded only when its command is called."""

from __future__ import annotations

from clerk.cli.app import cli
from clerk.cli.errors import main

__all__ = ["cli", "main"]
