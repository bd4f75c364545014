"""`clerk inspect`: which pages of a PDF have a text layer that is trusted, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.errors import StorageError, UsageError
from clerk.isolation import Child
from clerk.pdf.inspection import PageLook, count_pages, look_at, picture
from clerk.pdf.sheet import figure, sheet

MOST_PICTURES = 40
COLUMNS = ("page", "trusted", "rule", "why", "figures")


@click.command()
@click.argument("pdf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--page", "pages", type=click.IntRange(min=1), multiple=True, help="Look at this page; may repeat."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write an HTML page: pictures beside the text.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, an object for each page.")
def inspect(pdf: Path, pages: tuple[int, ...], out: Path | None, as_json: bool) -> None:
    """Show which text layers of a PDF are trusted, and why.

    The same rules as in a run decide, in the same kind of child process. With --out the page of HTML
    holds all it shows and opens without a network; it shows 40 pages at most.
    """
    if out is not None:
        output.check_out(out, pdf)
    config = settings()
    child = Child(config.page_memory_mb)
    timeout = float(config.page_timeout_seconds)
    try:
        wanted = _wanted(pdf, pages, count_pages(pdf, child, timeout))
        looks = list(look_at(pdf, wanted, languages=config.ocr_languages, child=child, timeout=timeout))
        if out is not None:
            _write(out, pdf, looks, child, timeout)
    finally:
        child.close()
    if as_json:
        output.emit_json([look.to_json() for look in looks])
    else:
        output.table(COLUMNS, [_row(look) for look in looks], right=("page",))
    if out is not None:
        output.note(f"Wrote {out}.")


def _wanted(pdf: Path, pages: tuple[int, ...], count: int) -> list[int]:
    beyond = [page for page in pages if page > count]
    if beyond:
        raise UsageError(f"{pdf} has {count} pages, no page {beyond[0]}.", advice="Pages count from 1.")
    return sorted(set(pages)) or list(range(1, count + 1))


def _row(look: PageLook) -> tuple[str, ...]:
    trusted = {True: "yes", False: "no", None: "failed"}[look.trusted]
    figures = ", ".join(f"{name} {figure(name, value)}" for name, value in look.figures.items())
    return str(look.page), trusted, look.rule, look.why or look.error, figures


def _write(out: Path, pdf: Path, looks: list[PageLook], child: Child, timeout: float) -> None:
    shown = looks[:MOST_PICTURES]
    trusted = sum(look.trusted is True for look in looks)
    pages = "1 page" if len(looks) == 1 else f"{len(looks)} pages"
    summary = f"{pages} looked at, {trusted} with a text layer that is trusted."
    if len(shown) < len(looks):
        summary += f" The first {len(shown)} are shown; --page shows others."

    def pictured() -> Iterator[tuple[PageLook, bytes]]:
        for look in shown:
            # One that ended its reader would end it again.
            yield look, picture(pdf, look.page, child, timeout) if not look.error else b""

    try:
        with out.open("w", encoding="utf-8") as stream:
            stream.writelines(sheet(pdf.name, summary, pictured()))
    except OSError as error:
        raise StorageError(f"Cannot write {out}: {error.strerror or error}.") from error
