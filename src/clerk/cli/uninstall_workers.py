"""`clerk uninstall-workers`: take away what `clerk install-workers` installed."""

from __future__ import annotations

from pathlib import Path

import click

from clerk.install import place, services


@click.command(name="uninstall-workers")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and remove nothing.")
@click.option("--user", is_flag=True, help="Services of this user; the default for everyone but root.")
@click.option("--system", is_flag=True, help="Services of the machine; needs root, and is its default.")
def uninstall_workers(dry_run: bool, user: bool, system: bool) -> None:
    """Stop the services and remove exactly what was installed.

    A file that was changed by hand is left alone and named, with exit code 1. Documents, databases and .env are
    not touched.
    """
    target = place.here(place.scope(user=user, system=system), Path.cwd())
    services.uninstall(target, dry_run=dry_run, say=click.echo)
