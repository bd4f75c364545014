"""`clerk demo`: the pipeline over the sample documents, then three searches of what it made."""

from __future__ import annotations

from pathlib import Path

import click

from clerk import project_root
from clerk.cli.pipeline import process
from clerk.cli.run import register
from clerk.cli.session import settings
from clerk.models import RunRequest, Site
from clerk.search import MARK, search

SUBDOMAIN = "demo"
TOWN = Site(SUBDOMAIN, name="Alder Hollow", state="CA", kind="city council", scraper="folder")
SEARCHES = ('"heritage oak"', "culvert", "presupuesto")


@click.command()
@click.pass_context
def demo(context: click.Context) -> None:
    """Run the pipeline over the sample documents and search them.

    The documents are those of a town that does not exist, with everything that real ones have: text layers, scans,
    faxes, a page that was scanned sideways, and three files that cannot be read.
    """
    chosen = settings()
    folder = project_root.root() / "samples" / "town"
    register(chosen, TOWN, folder)
    code = process(chosen, RunRequest(SUBDOMAIN, source_folder=str(folder)))
    if code == 0:
        for words in SEARCHES:
            _search(chosen.storage_dir, words)
        click.echo("\nSearch for yourself: clerk search WORDS --site demo")
    context.exit(code)


def _search(root: Path, words: str) -> None:
    hits = search(root, words, site=SUBDOMAIN, limit=3)
    click.echo(f"\nclerk search '{words}' --site {SUBDOMAIN}")
    for hit in hits:
        snippet = " ".join(hit.snippet.replace(MARK, "").split())
        click.echo(f"  {hit.kind} {hit.meeting} {hit.date}, page {hit.page}: {snippet}")
    if not hits:
        click.echo("  nothing found")
