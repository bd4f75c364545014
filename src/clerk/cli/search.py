"""`clerk search`: full-text search over the compiled databases."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from clerk.cli import output
from clerk.cli.session import settings
from clerk.errors import UsageError
from clerk.models import Kind
from clerk.search import MARK, Hit
from clerk.search import search as find
from clerk.storage import SiteStore, check_subdomain

COLUMNS = ("subdomain", "kind", "meeting", "date", "page", "snippet")


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--site", metavar="SUBDOMAIN", help="Search this site only.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Search this kind only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Most hits.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, an object for each page found.")
def search(words: tuple[str, ...], site: str | None, kind: str | None, limit: int, as_json: bool) -> None:
    """Search the text of all compiled meetings.

    A page is found when it holds all WORDS. Words in "double quotes" must stand together, and word*
    finds all that begin so.
    """
    root = settings().storage_dir
    if site and not SiteStore(root, check_subdomain(site)).database.is_file():
        raise UsageError(
            f"There is no compiled database of {site}.",
            advice=f"Make it with `clerk run {site}`; `clerk sites list` shows all sites.",
        )
    hits = find(root, " ".join(words), site=site, kind=Kind(kind) if kind else None, limit=limit)
    if as_json:
        output.emit_json([hit.to_json() for hit in hits])
    elif output.is_terminal():
        _for_people(hits, limit)
    else:
        plain = [replace(hit, snippet=hit.snippet.replace(MARK, "")) for hit in hits]
        output.table(COLUMNS, [[getattr(hit, name) for name in COLUMNS] for hit in plain])


def _for_people(hits: list[Hit], limit: int) -> None:
    console = Console(highlight=False)
    for hit in hits:
        console.print(
            Text(f"{hit.subdomain}  {hit.kind} {hit.meeting} {hit.date}  page {hit.page}", style="bold")
        )
        console.print(_snippet(hit.snippet))
    if not hits:
        output.note("Nothing found. Fewer or other words may help; `clerk status` shows what is compiled.")
    elif len(hits) == limit:
        output.note(f"The first {limit} hits; --limit shows more.")


def _snippet(text: str) -> Padding:
    """The snippet with what was found in bold, indented under its heading."""
    parts = text.split(MARK)
    marked = Text.assemble(*((part, "bold yellow" if index % 2 else "") for index, part in enumerate(parts)))
    return Padding(marked, (0, 0, 0, 2))
