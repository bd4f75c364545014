"""`clerk run`: the whole pipeline of one site, in this process."""

from __future__ import annotations

from pathlib import Path

import click

from clerk.cli.pipeline import process
from clerk.cli.redo import redo_options, with_redo
from clerk.cli.session import settings
from clerk.errors import UsageError
from clerk.models import RunRequest, Site
from clerk.settings import Settings
from clerk.storage import check_subdomain
from clerk.tracking import open_tracking


@click.command()
@click.argument("subdomain")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Take the PDFs of this folder.",
)
@click.option("--all-years", is_flag=True, help="Fetch from the site's first year on, not only the last two.")
@click.option("--all-agendas", is_flag=True, help="Fetch past agendas too.")
@click.option("--skip-fetch", is_flag=True, help="Work on what is there already.")
@click.option("--force", is_flag=True, help="Read, recognise and build everything again.")
@click.option("--ocr-backend", metavar="NAME", default="", help="OCR backend for this run.")
@redo_options
@click.pass_context
def run(
    context: click.Context,
    subdomain: str,
    folder: Path | None,
    all_years: bool,
    all_agendas: bool,
    skip_fetch: bool,
    force: bool,
    ocr_backend: str,
    redo_ocr: bool,
    below_confidence: float | None,
    documents: tuple[str, ...],
) -> None:
    """Run the whole pipeline of a site in this process.

    With --from, a site that is not known yet is added, and its folder is remembered for later runs. The exit
    code is 0 when the run finished, also with failures that are listed, and 1 when it failed.
    """
    chosen = settings()
    check_subdomain(subdomain)
    request = RunRequest(
        subdomain=subdomain,
        source_folder=str(folder.absolute()) if folder else "",
        all_years=all_years,
        all_agendas=all_agendas,
        skip_fetch=skip_fetch,
        force=force,
        ocr_backend=ocr_backend,
    )
    if redo_ocr and documents:
        tracking = open_tracking(chosen)
        tracking.sites.get(
            subdomain
        )  # that there is no such site is said before that it has no such document
        tracking.close()
    request = with_redo([request], chosen, redo_ocr, below_confidence, documents)[0]
    if folder is not None:
        register(chosen, Site(subdomain, scraper="folder"), folder)
    context.exit(process(chosen, request))


def register(chosen: Settings, site: Site, folder: Path) -> None:
    """Add the site unless it is known.

    Raises:
        UsageError: `folder` is no readable folder.
    """
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise UsageError(f"Cannot read the folder {folder}: {error.strerror}.") from error
    tracking = open_tracking(chosen)
    if tracking.sites.find(site.subdomain) is None:
        tracking.sites.add(site)
    tracking.close()
