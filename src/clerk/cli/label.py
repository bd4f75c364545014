"""`clerk label`: prefilled labels that a person corrects and the scorer reads."""

from __future__ import annotations

import json
from pathlib import Path

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.errors import ClerkError, DocumentError, StorageError
from clerk.extraction.labels import vote_lines
from clerk.isolation import Child
from clerk.ocr import OcrOptions, recognise_page, resolve_languages
from clerk.pdf import ReadResult, read_document
from clerk.settings import Settings


@click.group()
def label() -> None:
    """Write labels that a person corrects and the scorer reads."""


@label.command()
@click.argument("pdf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file; else to the terminal."
)
def votes(pdf: Path, out: Path | None) -> None:
    """Write the votes of a PDF as labels.

    Pages without a text layer that is trusted are recognised, as in a run. After the line of the document come one
    line for each vote and one for each sentence about a motion that is no part of a vote, with its result left null.
    """
    if out is not None:
        output.check_out(out, pdf)
        if out.is_file() and out.stat().st_size:
            raise StorageError(
                f"{out} is there, and may hold what a person corrected.",
                advice="Name another file, or delete it.",
            )
    lines = vote_lines(pdf.name, _texts(pdf, settings()))
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"Cannot write {out}: {error.strerror or error}.") from error
    kinds = [line["kind"] for line in lines]
    output.note(f"Wrote {out}: {kinds.count('vote')} votes, {kinds.count('candidate')} sentences to look at.")


def _texts(pdf: Path, config: Settings) -> dict[int, str]:
    """The text of each page, read and recognised as in a run; a page that fails is told and left out."""
    languages, _ = resolve_languages(config.ocr_languages)
    timeout = float(config.page_timeout_seconds)
    child = Child(config.page_memory_mb)
    try:
        read = _read(pdf, languages, child, timeout)
        texts = dict(read.texts)
        options = OcrOptions(config.default_ocr_backend, languages, timeout, str(config.plugins_dir))
        for page, record in read.pages.items():
            made = None if record.done or record.failed else recognise_page(pdf, page, options, child)
            if made is not None and made.record.done:
                texts[page] = made.text
            if (last := made.record if made else record).failed:
                output.note(f"Page {page} is left out: {last.error}.")
    finally:
        child.close()
    return texts


def _read(pdf: Path, languages: str, child: Child, timeout: float) -> ReadResult:
    try:
        return read_document(pdf, languages=languages, child=child, timeout=timeout)
    except ClerkError as error:
        raise DocumentError(f"{pdf} {error.message}.", advice="") from error
