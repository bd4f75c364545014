"""What lies in a site's folders and is passed over, since its name is none that `clerk` can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clerk.models import MAX_PAGES, Kind, is_stem
from clerk.storage import SiteStore, page_number

Stray = tuple[Path, str]


def strays(store: SiteStore) -> dict[Path, str]:
    """PDFs, texts and folders of texts that are no part of any document, each with what its name lacks."""
    found = (stray for kind in Kind for stray in (*_pdfs(store, kind), *_texts(store, kind)))
    return {path: why for path, why in found if not path.name.startswith(".")}


def _pdfs(store: SiteStore, kind: Kind) -> Iterator[Stray]:
    for path in sorted(store.pdf_dir(kind).glob("*/*.[pP][dD][fF]")):
        if not path.is_file():
            continue
        if path.suffix != ".pdf":
            yield path, "does not end in .pdf"
        elif not is_stem(path.stem):
            yield path, "is no date (YYYY-MM-DD.pdf)"


def _texts(store: SiteStore, kind: Kind) -> Iterator[Stray]:
    """Only where there is no PDF: beside one they are what was made of it."""
    for folder in sorted(store.text_root(kind).glob("*/*/")):
        if (store.pdf_dir(kind) / folder.parent.name / f"{folder.name}.pdf").exists():
            continue
        if not is_stem(folder.name):
            yield folder, "is no date (YYYY-MM-DD)"
            continue
        for path in sorted(folder.glob("*.txt")):
            if page_number(path.stem) is None:
                yield path, f"is no number of a page (1.txt to {MAX_PAGES}.txt)"
