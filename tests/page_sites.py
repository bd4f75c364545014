"""Sites with a few pages, what workers make of them, and the web application that serves them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from clerk.compile import PageRow, compile_database
from clerk.models import Document, Kind, Level, PageWork, RunRef
from clerk.serve.app import make_app, make_datasette, served_pages
from clerk.settings import Settings, load
from clerk.stages import plan
from clerk.stages.ocr import recognise_pages
from clerk.stages.read import read_documents
from clerk.storage import SiteStore
from tests.fixtures_pipeline import scanned_pdf, text_pdf

AGENDA = Document("oak.ca", Kind.AGENDA, "Parks & Rec.", "2024-03-01-2")
MINUTES = Document("oak.ca", Kind.MINUTES, "Board", "2024-03-01")


def site(tmp_path: Path) -> SiteStore:
    """A site whose agenda has two pages of text, and whose minutes are two scanned pages."""
    store = SiteStore(tmp_path, "oak.ca")
    text_pdf(store.pdf(AGENDA), 2)
    scanned_pdf(store.pdf(MINUTES), ["The first page.", "The second page."])
    rows = [
        PageRow(each.kind, each.meeting, each.date, each.stem, page, f"text {page}")
        for each in (AGENDA, MINUTES)
        for page in (1, 2)
    ]
    compile_database(store, rows, level=Level.FAST, run=RunRef("r", 1), fingerprint="", guard=lambda: None)
    return store


def ask(
    store: SiteStore, *paths: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> list[httpx.Response]:
    """The answers to requests that are made at once."""

    async def main() -> list[httpx.Response]:
        datasette = make_datasette(store.root)
        served = served_pages(store.root, datasette, 20, 1024)
        transport = httpx.ASGITransport(make_app(datasette, served))
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                requests = [client.request(method, path, headers=headers) for path in paths]
                return list(await asyncio.gather(*requests))
        finally:
            served.close()

    return asyncio.run(main())


def settings_of(store: SiteStore, **values: str) -> Settings:
    return load(storage_dir=store.root, plugins_dir=store.root / "plugins", **values)


def process(store: SiteStore, *, keep: bool = True) -> None:
    """Read and recognise what is due, as workers do."""
    work = PageWork(
        str(store.root), "eng", "tesseract", 60, 1024, str(store.root / "none"), "2026-01-01", images=keep
    )
    read_documents(plan.documents_to_read(store, plan.records(store), images=keep), work)
    recognise_pages(plan.pages_to_recognise(plan.records(store)), work)
