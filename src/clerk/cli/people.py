"""`clerk people`: everyone who sat, moved or voted in the minutes of a site."""

from __future__ import annotations

import sqlite3

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.compile import questions
from clerk.errors import ClerkError
from clerk.people import read_overrides
from clerk.storage import SiteStore, check_subdomain

_NAMED = 8  # names of a warning
_NUMBERS = ("meetings", "votes", "moved", "seconded")
_SHOWN = ("name", "roles", "last_date", *_NUMBERS)  # what fits a terminal
COLUMNS = (
    "name",
    "roles",
    "bodies",
    "first_date",
    "last_date",
    "meetings",
    "votes",
    "moved",
    "seconded",
    "aliases",
)


@click.command()
@click.argument("subdomain")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, an object for each person.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, a line for each person.")
def people(subdomain: str, as_json: bool, as_csv: bool) -> None:
    """List the people who sat, moved or voted in a site.

    Of the site SUBDOMAIN, from its last full build. The site's people.yaml joins and parts them, where the minutes
    do not tell.
    """
    output.one_format(as_json, as_csv)
    store = SiteStore(settings().storage_dir, check_subdomain(subdomain))
    with questions.full_build(store) as connection:
        _warn(store, connection)
        found = questions.people(connection)
        if as_json:
            output.emit_json(list(found))
            return
        rows = [each | {"aliases": [alias["name"] for alias in each["aliases"]]} for each in found]
    if as_csv:
        output.emit_csv(questions.PERSON_FIELDS, rows)
    else:
        columns = _SHOWN if output.is_terminal() else COLUMNS
        output.table(columns, [[_text(each[column]) for column in columns] for each in rows], right=_NUMBERS)


def _warn(store: SiteStore, connection: sqlite3.Connection) -> None:
    """Say which names of the site's people.yaml change nothing, in one line on standard error."""
    try:
        text = store.people_file.read_text(encoding="utf-8")
        idle = read_overrides(text, str(store.people_file)).idle(questions.printed_names(connection))
    except FileNotFoundError:
        return
    except (ClerkError, OSError, UnicodeDecodeError) as error:
        click.echo(f"Warning: {store.people_file} cannot be used: {error}", err=True)
        return
    if idle:
        named = ", ".join(idle[:_NAMED]) + (f" and {len(idle) - _NAMED} more" if len(idle) > _NAMED else "")
        click.echo(
            f"Warning: {store.people_file} names what no minutes print (or none at the body and time of its entry), "
            f"so this changes nothing: {named}.",
            err=True,
        )


def _text(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
