"""`clerk retry`: make what failed due again and run the site."""

from __future__ import annotations

import click

from clerk.cli import output
from clerk.cli.pipeline import process
from clerk.cli.session import settings
from clerk.models import RunRequest
from clerk.stages.account import failures
from clerk.stages.plan import records
from clerk.storage import SiteStore
from clerk.tracking import open_tracking


@click.command()
@click.argument("subdomain")
@click.option("--ocr-backend", metavar="NAME", default="", help="OCR backend for this try.")
@click.pass_context
def retry(context: click.Context, subdomain: str, ocr_backend: str) -> None:
    """Try again what failed in a site.

    Failed pages, unreadable documents and failed downloads only; what is done stays as it is.
    """
    chosen = settings()
    tracking = open_tracking(chosen)
    site = tracking.sites.get(subdomain)
    tracking.close()
    store = SiteStore(chosen.storage_dir, site.subdomain)
    letters = failures(store, records(store))
    if not letters:
        output.note(f"Nothing failed in {subdomain}.")
        return
    # A source is only asked again where something of it failed.
    fetched = any(letter.stage == "fetch" for letter in letters)
    request = RunRequest(subdomain, skip_fetch=not fetched, retry=True, ocr_backend=ocr_backend)
    context.exit(process(chosen, request))
