"""`clerk status`: what waits, what runs, what ran, and how much failed.

From the civic database and the Prefect API over HTTP. What one of them cannot say is left out, and said so.
"""

from __future__ import annotations

import click

from clerk.cli import output, status_view
from clerk.cli.session import settings
from clerk.cli.status_report import report
from clerk.errors import DatabaseError


@click.command()
@click.option("--subdomain", metavar="SUBDOMAIN", help="This site only, with its stages and its history.")
@click.option("--watch", is_flag=True, help="Show it anew every 2 seconds, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object; docs/commands.md lists its keys.")
@click.pass_context
def status(context: click.Context, subdomain: str | None, watch: bool, as_json: bool) -> None:
    """Show queues, active sites, the last runs and how much failed.

    Runs of this machine whose process is gone are marked crashed first, so that none looks alive.
    """
    if watch and as_json:
        raise click.UsageError("--watch is for people: use --json alone, as often as you like.", context)
    chosen, one = settings(), subdomain is not None
    if watch:
        status_view.watch(lambda: status_view.page(report(chosen, subdomain), one=one, watched=True))
        return
    found = report(chosen, subdomain)
    problem = found["database"]["problem"]
    if as_json:
        output.emit_json(found)
    elif not problem or found["api"]["state"] != "none":
        status_view.show(status_view.page(found, one=one))
    if problem:
        raise DatabaseError(problem)
