"""Puts PDFs at their place in the layout, and keeps what is known of where each came from.

Which file is which is decided by origin (URL or source path) first and by content next: the same origin
replaces its own file, the same content is one document, and other content from another origin is another
document of that day (`{date}-2.pdf`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from clerk.errors import StorageError
from clerk.models import Document, Kind
from clerk.storage import SiteStore, read_json, write_json

CHUNK = 1 << 20
_NAME_BYTES = 240
Key = tuple[Kind, str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a PDF came from: the content of its `source.json`.

    `origin` is a URL or an absolute path; `size` is in bytes; `mtime_ns`, `etag` and `last_modified` are the
    origin's; `at` and `checked` are UTC ISO 8601: when it was taken, and when the origin was last looked at.
    `also` names other files of the same content, with their size and `mtime_ns`.
    """

    origin: str
    sha256: str
    size: int
    at: str
    mtime_ns: int = 0
    etag: str = ""
    last_modified: str = ""
    checked: str = ""
    also: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """What `Shelf.place` decided. `status` is `new`, `same`, `replace` or `duplicate` (of another origin)."""

    document: Document
    status: str


class Shelf:
    """The documents of one site while it is fetched; one process at a time changes them."""

    def __init__(self, store: SiteStore) -> None:
        self.store = store
        self._days: dict[Key, list[Document]] = {}
        self._sources: dict[Document, Source] = {}
        # A document of which only the text is left holds no place: its PDF, fetched again, is the same one.
        for document in (document for document in store.documents() if store.pdf(document).is_file()):
            self._days.setdefault((document.kind, document.meeting, document.date), []).append(document)

    def day(self, key: Key) -> list[Document]:
        """Documents of a kind, meeting and ISO date, the first one first."""
        return sorted(self._days.get(key, []), key=_number)

    def source(self, document: Document) -> Source:
        """What is known of a document's origin; of a file that another program put there, its content only."""
        known = self._sources.get(document) or read_source(self.store, document)
        if known is None:
            path = self.store.pdf(document)
            known = Source(origin="", sha256=sha256_of(path), size=path.stat().st_size, at="")
        self._sources[document] = known
        return known

    def origin(self, document: Document) -> str:
        """Where the document came from, as far as its sidecar tells."""
        known = self._sources.get(document) or read_source(self.store, document)
        return known.origin if known else ""

    def of_origin(self, key: Key, origin: str) -> Document | None:
        """The document of that day that came from `origin`."""
        return next((doc for doc in self.day(key) if self.origin(doc) == origin), None)

    def place(self, key: Key, origin: str, sha256: str) -> Place:
        """Decide which document content `sha256` from `origin` is."""
        own = self.of_origin(key, origin)
        if own is not None:
            same = self.source(own).sha256 == sha256 and self.intact(own)
            return Place(own, "same" if same else "replace")
        for document in self.day(key):
            source = self.source(document)
            if source.sha256 == sha256:
                if not self.intact(document):
                    return Place(document, "replace")
                return Place(document, "duplicate" if source.origin else "same")
        return Place(self._next(key), "new")

    def take(self, part: Path, key: Key, source: Source) -> Document:
        """File the finished copy `part` of a file on this machine, and return the document that it is."""
        place = self.place(key, source.origin, source.sha256)
        document = place.document
        if place.status in ("same", "duplicate"):
            part.unlink(missing_ok=True)
            known = self.source(document)
            if known.origin in ("", source.origin) or _is_gone(known.origin):
                self.note(document, replace(source, also=known.also))
            else:
                facts = [source.size, source.mtime_ns]
                self.note(document, replace(known, also={**known.also, source.origin: facts}))
            return document
        amended = place.status == "replace" and self.source(document).sha256 != source.sha256
        if amended and self._hand_over(document):
            document = self._next(key)
        self.put(part, document, source)
        return document

    def intact(self, document: Document) -> bool:
        """True while its file has the size that was written."""
        try:
            return self.store.pdf(document).stat().st_size == self.source(document).size
        except OSError:
            return False

    def documents(self) -> list[Document]:
        """Every document, in order."""
        return sorted(document for day in self._days.values() for document in day)

    def remove(self, document: Document) -> None:
        """Take a document away; texts left behind would be found as a document of their own."""
        self.store.remove(document)
        self.drop(document)

    def put(self, part: Path, document: Document, source: Source) -> None:
        """Move the finished file `part` (on the same file system, synced) to its place.

        Raises:
            StorageError: the folder cannot be written.
        """
        target = self.store.pdf(document)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(part, target)
            sync_folder(target.parent)
        except OSError as error:
            raise StorageError(f"Cannot write {target}: {error.strerror or error}.") from error
        self.note(document, source)
        known = self._days.setdefault((document.kind, document.meeting, document.date), [])
        if document not in known:
            known.append(document)

    def note(self, document: Document, source: Source) -> None:
        """Write the document's source sidecar."""
        write_json(self.store.source_file(document), asdict(source))
        self._sources[document] = source

    def drop(self, document: Document) -> None:
        """Forget a document whose file was taken away."""
        self._days.get((document.kind, document.meeting, document.date), []).remove(document)
        self._sources.pop(document, None)

    def new_part(self) -> tuple[int, Path]:
        """An open file and its path, on the site's file system, where no scan sees it."""
        try:
            self.store.quarantine.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.store.quarantine, prefix=".", suffix=".part")
        except OSError as error:
            raise StorageError(f"Cannot write {self.store.quarantine}: {error.strerror or error}.") from error
        return handle, Path(name)

    def _hand_over(self, document: Document) -> bool:
        """Leave a document, whose origin now has other content, to another file of its old content."""
        known = self.source(document)
        for origin, (_, mtime_ns) in known.also.items():
            if not _is_gone(origin):
                rest = {name: facts for name, facts in known.also.items() if name != origin}
                self.note(document, replace(known, origin=origin, mtime_ns=mtime_ns, also=rest))
                return True
        return False

    def _next(self, key: Key) -> Document:
        kind, meeting, date = key
        taken = {_number(document) for document in self._days.get(key, [])}
        number = next(n for n in range(1, len(taken) + 2) if n not in taken)
        return Document(self.store.subdomain, kind, meeting, date if number == 1 else f"{date}-{number}")


def read_source(store: SiteStore, document: Document) -> Source | None:
    """The document's source sidecar, or None where there is none (or a damaged one)."""
    data = read_json(store.source_file(document))
    if not isinstance(data, dict):
        return None
    try:
        return Source(**{name: data[name] for name in Source.__dataclass_fields__ if name in data})
    except TypeError:
        return None


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_too_long(name: str) -> bool:
    """True for a folder name that file systems refuse: they count bytes, up to 255."""
    return len(name.encode()) > _NAME_BYTES


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_gone(origin: str) -> bool:
    """True for a file of this machine that is no longer there; of a URL nobody knows."""
    return "://" not in origin and not Path(origin).is_file()


def _number(document: Document) -> int:
    return int(document.stem[11:] or 1)
