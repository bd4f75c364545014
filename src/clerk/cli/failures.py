"""`clerk failures`: the dead letters, pages and whole documents."""

from __future__ import annotations

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.models import Failure
from clerk.tracking import open_tracking

COLUMNS = ("subdomain", "kind", "meeting", "date", "path", "page", "stage", "reason", "attempts")


@click.command()
@click.argument("subdomain", required=False)
@click.option("--json", "as_json", is_flag=True, help=f"Print a JSON list of {{{', '.join(COLUMNS)}}}.")
def failures(subdomain: str | None, as_json: bool) -> None:
    """List pages and documents that could not be read, and why.

    Of the site SUBDOMAIN, or of all sites. A row without a page stands for a whole document. `clerk retry`
    tries them again.
    """
    civic = open_tracking(settings())
    if subdomain:
        civic.sites.get(subdomain)
    found = civic.failures.list(subdomain)
    if as_json:
        output.emit_json([{name: getattr(entry, name) for name in COLUMNS} for entry in found])
    elif not output.is_terminal():
        output.table(COLUMNS, [[getattr(entry, name) for name in COLUMNS] for entry in found])
    else:
        _for_people(found)


def _for_people(found: list[Failure]) -> None:
    """A block for each failure: nine columns do not fit a terminal without folding every one of them."""
    for entry in found:
        document = " ".join(filter(None, (entry.kind, entry.meeting, entry.date)))
        page = "whole document" if entry.page is None else f"page {entry.page}"
        tries = f", tried {entry.attempts} times" if entry.attempts > 1 else ""
        click.secho(output.cell(f"{entry.subdomain}  {document or entry.path}  {page}"), bold=True)
        click.echo(output.indented(f"{entry.stage}: {entry.reason}{tries}"))
        click.echo(f"  {output.cell(entry.path)}")
    sites = len({entry.subdomain for entry in found})
    plural = "" if len(found) == 1 else "s"
    click.echo(
        f"{len(found)} failure{plural} in {sites} sites." if sites > 1 else f"{len(found)} failure{plural}."
    )
