"""Compile a site: its pages, with what was extracted from them so far, into `meetings.db`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from clerk.compile import Built, PageRow, built, compile_database
from clerk.errors import ModelMissingError
from clerk.extraction import EXTRACTOR, entities_json, read_cached, resolve_model, votes_json
from clerk.models import Document, DocumentRecord, Level, PageRecord, RunRef, Stage
from clerk.settings import Settings
from clerk.stages.plan import Records, records
from clerk.storage import SiteStore


def compile_site(
    store: SiteStore, settings: Settings, *, level: Level, run: RunRef, guard: Callable[[], None]
) -> Built:
    """Build the site's database at `level` from what is on disk.

    A page whose text is not the one that its record speaks of is left out and recorded as failed.

    Raises:
        LeaseLostError: from `guard`, right before the swap. StorageError: the build failed its checks.
    """
    known = records(store)
    mark = fingerprint(known, settings)
    return compile_database(store, _rows(store, known), level=level, run=run, fingerprint=mark, guard=guard)


def is_current(store: SiteStore, settings: Settings) -> bool:
    """True when the live database is the full one of exactly the texts on disk."""
    live = built(store)
    return (
        live is not None
        and live.level is Level.FULL
        and live.fingerprint == fingerprint(records(store), settings)
    )


def fingerprint(known: Records, settings: Settings) -> str:
    """Names what a full build is made from: every page's text, the extractor and its model."""
    try:
        model = resolve_model(settings.spacy_model)
    except ModelMissingError:
        model = ""
    digest = hashlib.sha256(f"{EXTRACTOR} {model}".encode())
    for document, record in known.items():
        for page, entry in sorted(record.pages.items()):
            if entry.done:
                line = (document.kind.value, document.meeting, document.stem, str(page), entry.sha256)
                digest.update("\0".join(line).encode() + b"\n")
    return digest.hexdigest()


def _rows(store: SiteStore, known: Records) -> Iterator[PageRow]:
    for document, record in known.items():
        damaged: dict[int, PageRecord] = {}
        for page, entry in sorted(record.pages.items()):
            if not entry.done:
                continue
            text = _text(store, document, page, entry)
            if text is None:
                damaged[page] = _damaged(entry)
            else:
                yield _row(store, document, page, entry, text)
        if damaged:
            _record_damage(store, record, damaged)


def _row(store: SiteStore, document: Document, page: int, entry: PageRecord, text: str) -> PageRow:
    found = read_cached(store.extracted(document, page), entry.sha256)
    return PageRow(
        kind=document.kind,
        meeting=document.meeting,
        date=document.date,
        stem=document.stem,
        page=page,
        text=text,
        entities=entities_json(found.entities) if found else None,
        votes=votes_json(found.votes) if found else None,
    )


def _text(store: SiteStore, document: Document, page: int, entry: PageRecord) -> str | None:
    try:
        data = store.text(document, page).read_bytes()
    except OSError:
        return None
    return data.decode(errors="replace") if hashlib.sha256(data).hexdigest() == entry.sha256 else None


def _damaged(entry: PageRecord) -> PageRecord:
    return replace(
        entry,
        status="failed",
        error="its text on disk is not the one that was recorded",
        transient=True,
        stage=Stage.COMPILATION,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _record_damage(store: SiteStore, record: DocumentRecord, damaged: dict[int, PageRecord]) -> None:
    # The reader's name goes too: a text layer is read again only with its whole document.
    store.write_record(replace(record.with_pages(damaged), reader="damaged"))
