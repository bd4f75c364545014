"""Mark pages that are to be recognised again. Their texts stay until the new ones are written.

The mark is part of the page's record, so a run that dies leaves the rest marked, and the next run of the site goes on
with it. A mark says when the redo was asked for; a page that was recognised since then is done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from clerk.errors import UsageError
from clerk.models import Document, DocumentRecord, PageRecord, RunRequest, Source, Stage
from clerk.stages.plan import records
from clerk.storage import SiteStore

# Texts that came without their PDF: there is nothing to recognise them from.
IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Redo:
    """Which pages, with which backend. `documents` empty: of all; `below_confidence` 0: of any confidence."""

    since: str
    backend: str
    below_confidence: float = 0.0
    documents: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: RunRequest, backend: str) -> Redo:
        """What a run was asked to do again."""
        return cls(request.redo_since, backend, request.below_confidence, tuple(request.documents))


def mark(store: SiteStore, redo: Redo) -> int:
    """Mark the pages of `redo` in the sidecars; how many are marked now. Call where no worker writes.

    A redo with the same backend that was broken off is finished, not begun anew.

    Raises:
        UsageError: a document that was named does not exist.
    """
    known = records(store)
    check_documents(store, redo.documents)
    chosen = {d: r for d, r in known.items() if not redo.documents or _names(store, d) & set(redo.documents)}
    redo = replace(redo, since=min([redo.since, *_begun(chosen.values(), redo.backend)]))
    return sum(_mark(store, record, redo) for record in chosen.values())


def check_documents(store: SiteStore, names: Collection[str]) -> None:
    """Return if each name is a document of the site.

    Raises:
        UsageError: one is not.
    """
    if not names:
        return
    known = sorted(set().union(*(_names(store, document) for document in store.documents())))
    missing = sorted(set(names).difference(known))
    if not missing:
        return
    if not known:
        raise UsageError(
            f"{store.subdomain} has no documents yet.", advice=f"Run `clerk run {store.subdomain}` first."
        )
    folded = {name.casefold(): name for name in known}
    near = [folded[name] for name in get_close_matches(missing[0].casefold(), folded, n=1, cutoff=0.8)]
    raise UsageError(
        f"{store.subdomain} has no document {missing[0]!r}.",
        advice=f"Did you mean {near[0]!r}?"
        if near
        else "Name it like CityCouncil/2024-03-05, agendas/CityCouncil/2024-03-05, or by its path.",
    )


def kept(before: PageRecord, failure: PageRecord) -> PageRecord:
    """The record of a page that could not be recognised again: its earlier text, and why it is still that."""
    return replace(
        before, redo="", error=failure.error, transient=failure.transient, stage=Stage.OCR, at=failure.at
    )


def _mark(store: SiteStore, record: DocumentRecord, redo: Redo) -> int:
    if not store.pdf(record.document).exists():
        return 0
    wanted = {page: entry for page, entry in record.pages.items() if _is_wanted(entry, redo)}
    if wanted:
        value = f"{redo.since} {redo.backend}"
        store.write_entries(record, {page: replace(entry, redo=value) for page, entry in wanted.items()})
    return len(wanted)


def _is_wanted(entry: PageRecord, redo: Redo) -> bool:
    if not entry.done or entry.source is not Source.OCR or entry.engine == IMPORTED or entry.at >= redo.since:
        return False
    # An engine that tells no confidence has none that is high enough.
    return not redo.below_confidence or (entry.confidence or 0.0) < redo.below_confidence


def _begun(found: Iterable[DocumentRecord], backend: str) -> list[str]:
    """When redos with this backend were asked for that have pages left."""
    marks = (entry.redo.split(" ", 1) for record in found for entry in record.pages.values() if entry.redo)
    return [parts[0] for parts in marks if parts[1:] == [backend]]


def _names(store: SiteStore, document: Document) -> set[str]:
    short = f"{document.meeting}/{document.stem}"
    path = store.pdf(document)
    return {short, f"{document.kind.table}/{short}", document.label, store.relative(path), str(path)}
