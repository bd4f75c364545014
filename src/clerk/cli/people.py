"""`clerk people`: everyone who sat, moved or voted in the minutes of a site."""

from __future__ import annotations

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.compile import questions
from clerk.storage import SiteStore, check_subdomain

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
    with questions.full_build(SiteStore(settings().storage_dir, check_subdomain(subdomain))) as connection:
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


def _text(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
