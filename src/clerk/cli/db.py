"""`clerk db`: the schema of the civic database."""

from __future__ import annotations

import click

from clerk.cli import output
from clerk.settings import get_settings
from clerk.tracking import migrate


@click.group()
def db() -> None:
    """Bring the civic database to the schema of this version.

    The database is that of DATABASE_URL, or else a SQLite file in STORAGE_DIR, which is kept up to date by
    itself.
    """


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Create the tables or bring them to REVISION.

    The default is head, the newest that this version knows.
    """
    url = get_settings().civic_url
    before = migrate.current(url)
    migrate.upgrade(url, revision)
    after = migrate.current(url)
    click.echo(f"Already at {after}." if before == after else f"{before or 'empty'} -> {after}")


@db.command()
def current() -> None:
    """Print the revision of the database.

    And whether this version needs another.
    """
    found, newest = migrate.current(get_settings().civic_url), migrate.head()
    if found == newest:
        click.echo(f"{found} (newest)")
    else:
        click.echo(f"{found or 'empty'} (this version needs {newest}: run `clerk db upgrade`)")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of {revision, title}.")
def history(as_json: bool) -> None:
    """List all revisions of the schema."""
    entries = migrate.history()
    if as_json:
        output.emit_json([{"revision": revision, "title": title} for revision, title in entries])
    else:
        output.table(("revision", "title"), entries)


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Take the tables back to REVISION.

    REVISION is one of `clerk db history`, -1 for the one before, or base for none at all.
    Columns and tables that REVISION does not have are lost with their rows; documents and compiled databases
    are untouched.
    """
    url = get_settings().civic_url
    if not yes:
        click.confirm(f"Go back from {migrate.current(url) or 'empty'} to {revision}?", abort=True)
    migrate.downgrade(url, revision)
    click.echo(f"Now at {migrate.current(url) or 'empty'}.")
