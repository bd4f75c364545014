"""`clerk install-workers`: services of the operating system for the stack or for the workers of a fleet."""

from __future__ import annotations

import os
from pathlib import Path

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.install import launch, parts, place, services


def _choices(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    unknown = [name for name in names if name not in parts.CHOICES]
    if unknown or (value is not None and not names):
        what = f"no part is called {unknown[0]}" if unknown else "names no part"
        raise click.BadParameter(f"{what}; there are {', '.join(parts.CHOICES)}")
    return names


@click.command(name="install-workers")
@click.option("--dry-run", is_flag=True, help="Show every file, and write none.")
@click.option("--user", is_flag=True, help="For this user; the default for everyone but root.")
@click.option("--system", is_flag=True, help="For the machine; needs root, and is its default.")
@click.option(
    "--only", metavar="PART[,PART…]", callback=_choices,
    help=f"These parts only: {', '.join(parts.CHOICES)}.",
)  # fmt: skip
def install_workers(dry_run: bool, user: bool, system: bool, only: tuple[str, ...]) -> None:
    """Install servers and workers as services of the system.

    Units of systemd on Linux, LaunchAgents on macOS. They work in the current folder and read its .env. Every file is
    shown before it is written. A second call changes only what is different, and takes away surplus workers.
    """
    found = settings()
    values = launch.file_values(Path.cwd())
    chosen = parts.plan(found, values, only)
    for name in parts.unseen(os.environ, values):
        output.note(f"{name} is set in this shell and not, or not so, in .env: the services will not see it.")
    for line in chosen.notes:
        output.note(line)
    storage = parts.storage_folder(Path.cwd(), values)
    target = place.here(place.scope(user=user, system=system), storage)
    services.install(chosen, target, dry_run=dry_run, say=click.echo)
