"""`clerk extract`: names and votes from what is read already."""

from __future__ import annotations

import click

from clerk.cli.pipeline import process
from clerk.cli.session import settings
from clerk.models import RunRequest
from clerk.storage import check_subdomain


@click.command()
@click.argument("subdomain")
@click.option("--force", is_flag=True, help="Extract everything again, also what is there.")
@click.pass_context
def extract(context: click.Context, subdomain: str, force: bool) -> None:
    """Extract names and votes of a site from what is read already.

    Nothing is fetched, read or recognised. What the present rules and model found in the same text is kept, unless
    --force says otherwise. The full database is built and deployed. The exit code is that of `clerk run`.
    """
    chosen = settings()
    check_subdomain(subdomain)
    request = RunRequest(subdomain, skip_fetch=True, extract_only=True, force=force)
    context.exit(process(chosen, request))
