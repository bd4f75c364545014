"""Compile a site: its pages, with what was extracted from them so far, into `meetings.db`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from datetime import UTC, datetime

from clerk.compile import Built, Details, DocumentRow, PageRow, built, compile_database
from clerk.compile.detail_schema import SCHEMA
from clerk.errors import ModelMissingError, StorageError
from clerk.extraction import EXTRACTOR, entities_json, read_cached, resolve_model, votes_json
from clerk.models import Document, DocumentRecord, Level, PageRecord, RunRef, Stage
from clerk.people import Overrides, read_overrides
from clerk.settings import Settings
from clerk.stages.plan import Records, records
from clerk.stages.texts import page_text
from clerk.storage import SiteStore, read_bytes, read_json


def compile_site(
    store: SiteStore, settings: Settings, *, level: Level, run: RunRef, guard: Callable[[], None]
) -> Built:
    """Build the site's database at `level` from what is on disk.

    A page whose text is not the one that its record speaks of is left out and recorded as failed. People and votes
    are tables of a full build only, by the rules of the site's `people.yaml` where there is one.

    Raises:
        LeaseLostError: from `guard`, right before the swap. StorageError: the build failed its checks.
        ClerkError: `people.yaml` cannot be used.
    """
    known, people = records(store), _people_file(store)
    documents = _documents(store, known) if level is Level.FULL else []
    details = Details(documents, _overrides(store, people)) if level is Level.FULL else None
    return compile_database(
        store,
        _rows(store, known),
        level=level,
        run=run,
        # Of what went in, and not of what was to: pages that were left out are no longer done in `known` by then.
        fingerprint=lambda: _fingerprint(known, documents, people, settings),
        guard=guard,
        details=details,
    )


def is_current(store: SiteStore, settings: Settings) -> bool:
    """True when the live database is the full one of exactly the texts on disk."""
    live = built(store)
    if live is None or live.level is not Level.FULL:
        return False
    known = records(store)
    return live.fingerprint == _fingerprint(known, _documents(store, known), _people_file(store), settings)


def overrides(store: SiteStore) -> Overrides:
    """What a person wrote into the site's `people.yaml`; nothing where there is no such file.

    Raises:
        ClerkError: it cannot be used; the message names the line. StorageError: it cannot be read.
    """
    return _overrides(store, _people_file(store))


def _overrides(store: SiteStore, data: bytes) -> Overrides:
    if not data:
        return Overrides()
    try:
        return read_overrides(data.decode(), str(store.people_file))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StorageError(
            f"{store.people_file}, line {line}: no UTF-8.", advice="Save it as UTF-8."
        ) from error


def _fingerprint(known: Records, documents: list[DocumentRow], people: bytes, settings: Settings) -> str:
    """Names what a full build is made from: documents, every page's text, the extractor, its model, `people.yaml`."""
    try:
        model = resolve_model(settings.spacy_model)
    except ModelMissingError:
        model = ""
    digest = hashlib.sha256(f"{EXTRACTOR} {model} {SCHEMA}\0".encode() + people + b"\0")
    for row in documents:
        digest.update(repr(astuple(row)).encode() + b"\n")
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
            text = page_text(store, document, entry)
            if text is None:
                damaged[page] = _damaged(entry)
            else:
                yield _row(store, document, page, entry, text)
        if damaged:
            known[document] = _record_damage(store, record, damaged)


def _documents(store: SiteStore, known: Records) -> list[DocumentRow]:
    return [_document(store, document, record) for document, record in known.items()]


def _document(store: SiteStore, document: Document, record: DocumentRecord) -> DocumentRow:
    source = read_json(store.source_file(document))
    origin = str(source.get("origin", "")) if isinstance(source, dict) else ""
    return DocumentRow(
        kind=document.kind,
        meeting=document.meeting,
        date=document.date,
        stem=document.stem,
        pages=record.page_count,
        pages_read=sum(entry.done for entry in record.pages.values()),
        sha256=record.sha256,
        source=origin if origin.startswith(("http://", "https://")) else "",
        error="" if record.readable else record.error,
    )


def _people_file(store: SiteStore) -> bytes:
    return read_bytes(store.people_file) or b""


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
        roster=[attendee.to_json() for attendee in found.roster] if found else None,
    )


def _damaged(entry: PageRecord) -> PageRecord:
    return replace(
        entry,
        status="failed",
        error="its text on disk is not the one that was recorded",
        transient=True,
        stage=Stage.COMPILATION,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _record_damage(
    store: SiteStore, record: DocumentRecord, damaged: dict[int, PageRecord]
) -> DocumentRecord:
    # The reader's name goes too: a text layer is read again only with its whole document.
    marked = replace(record.with_pages(damaged), reader="damaged")
    store.write_record(marked)
    return marked
