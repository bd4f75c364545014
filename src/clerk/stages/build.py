"""Compile a site: its pages, with what was extracted from them so far, into `meetings.db`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from clerk.compile import Built, Details, DocumentRow, PageRow, built, compile_database
from clerk.compile.detail_schema import SCHEMA
from clerk.errors import ModelMissingError, StorageError
from clerk.extraction import EXTRACTOR, entities_json, read_cached, resolve_model, votes_json
from clerk.models import Document, DocumentRecord, Level, PageRecord, RunRef, Stage
from clerk.people import Overrides, read_overrides
from clerk.settings import Settings
from clerk.stages.plan import Records, records
from clerk.storage import SiteStore, read_json


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
    known = records(store)
    mark = fingerprint(store, known, settings)
    details = Details(_documents(store, known), overrides(store)) if level is Level.FULL else None
    return compile_database(
        store, _rows(store, known), level=level, run=run, fingerprint=mark, guard=guard, details=details
    )


def is_current(store: SiteStore, settings: Settings) -> bool:
    """True when the live database is the full one of exactly the texts on disk."""
    live = built(store)
    return (
        live is not None
        and live.level is Level.FULL
        and live.fingerprint == fingerprint(store, records(store), settings)
    )


def overrides(store: SiteStore) -> Overrides:
    """What a person wrote into the site's `people.yaml`; nothing where there is no such file.

    Raises:
        ClerkError: it cannot be used; the message names the line. StorageError: it cannot be read.
    """
    data = _people_file(store)
    if not data:
        return Overrides()
    try:
        return read_overrides(data.decode(), str(store.people_file))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StorageError(
            f"{store.people_file}, line {line}: no UTF-8.", advice="Save it as UTF-8."
        ) from error


def fingerprint(store: SiteStore, known: Records, settings: Settings) -> str:
    """Names what a full build is made from: every page's text, the extractor, its model, and `people.yaml`."""
    try:
        model = resolve_model(settings.spacy_model)
    except ModelMissingError:
        model = ""
    digest = hashlib.sha256(f"{EXTRACTOR} {model} {SCHEMA}\0".encode() + _people_file(store) + b"\0")
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


def _documents(store: SiteStore, known: Records) -> Iterator[DocumentRow]:
    for document, record in known.items():
        source = read_json(store.source_file(document))
        origin = str(source.get("origin", "")) if isinstance(source, dict) else ""
        yield DocumentRow(
            kind=document.kind,
            meeting=document.meeting,
            date=document.date,
            stem=document.stem,
            pages=record.page_count,
            pages_read=sum(entry.done for entry in record.pages.values()),
            sha256=record.sha256,
            source=origin if origin.startswith(("http://", "https://")) else "",
            error=record.error,
        )


def _people_file(store: SiteStore) -> bytes:
    try:
        return store.people_file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StorageError(f"Cannot read {store.people_file}: {error.strerror or error}.") from error


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


def _text(store: SiteStore, document: Document, page: int, entry: PageRecord) -> str | None:
    try:
        data = store.text(document, page).read_bytes()
    except OSError:
        return None
    # A page that was being recognised again when its process died may have its new text and its old record.
    whole = entry.redo or hashlib.sha256(data).hexdigest() == entry.sha256
    return data.decode(errors="replace") if whole else None


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
