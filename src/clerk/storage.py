"""Every path of the storage folder, and atomic writes. No other module joins paths.

    {STORAGE_DIR}/
      clerk.db, clerk.db.lock                   civic database, where DATABASE_URL is unset
      sites.db                                  export for front ends
      .prefect/                                 home of the Prefect server that a run starts for itself
      .images/                                  page images that the web server drew, the latest 512 MB of them
      {subdomain}/
        meetings.db                             the compiled database, replaced whole, never changed in place
        people.yaml                             a person's own word on who is who; never written by clerk
        pdfs/{meeting}/{stem}.pdf               minutes; agendas lie under _agendas/, in the same shape
        images/{meeting}/{stem}/{n}.png         image of page n, where images are kept
        txt/{meeting}/{stem}/{n}.txt            text of page n, from 1, unpadded
        txt/{meeting}/{stem}/{n:04d}.txt.extracted.json   entities and votes of the page, by text hash
        processed/{meeting}/{stem}.txt          whole text of a finished document; of other programs, clerk writes none
        _agendas/{pdfs,images,txt,processed}/…
        _docs/{pdfs,processed,html}             other documents that a fetcher keeps
        _records/{kind}/{meeting}/{stem}/source.json      where the PDF came from
        _records/{kind}/{meeting}/{stem}/document.json    facts of the PDF and a record for each page
        _records/{kind}/{meeting}/{stem}/{n}.json         record of a page recognised since document.json
        _records/{kind}/{meeting}/{stem}/{n}.words        boxes of the words of a recognised page, see clerk.layout
        _records/{kind}/{meeting}/{stem}/uploads.json     what of the document plug-ins have uploaded
        _records/ids.json                       page ids ever issued
        _records/runs/{run}.cancel, {run}/*.span          calls a run off; its tasks that are at work
        _records/skipped.json                   files a fetcher left out, with their reasons
        _quarantine/{name} and {name}.json      downloads that are no PDF, with their reasons
        _deploy/{version}/meetings.db, _deploy/current    published versions

`stem` is the ISO date, or the date and `-2`, `-3`, … where a body met twice on one day.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clerk.errors import StorageError, UsageError
from clerk.models import MAX_PAGES, Document, DocumentRecord, Kind, PageRecord, is_stem

SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_UNSAFE = re.compile(r"[^\w .,&'()+-]+")
_NUMBER = re.compile(r"[1-9][0-9]{0,4}")


def check_subdomain(value: str) -> str:
    """Return `value`, a site's key, or raise UsageError: it becomes a folder, a tag and a host name."""
    if SUBDOMAIN.fullmatch(value) and ".." not in value and not value.endswith((".db", ".db-wal", ".db-shm")):
        return value
    raise UsageError(
        f"{value!r} is no subdomain.",
        advice="Use lower-case letters, digits, dots and hyphens, like town.state.",
    )


def safe_name(value: str) -> str:
    """A name from outside as one path part: no separators, no leading dot or underscore, never empty."""
    cleaned = _UNSAFE.sub("_", value).strip(" ._")[:120].rstrip(" .")
    return cleaned or "unnamed"


def page_number(text: str) -> int | None:
    """The page that a file of this name is of, or None: `01` or `0` is no page, nor is what no document can have."""
    return int(text) if _NUMBER.fullmatch(text) and int(text) <= MAX_PAGES else None


def image_cache(root: Path) -> Path:
    """Folder of the page images that the web server drew."""
    return root / ".images"


def write_atomic(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write `data` so that `path` holds either its old content or all of the new.

    Raises:
        StorageError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not of `tempfile`, whose files are for nobody else: a web server of another user reads images and texts.
        name = path.parent / f".{secrets.token_hex(8)}.tmp"
        try:
            with name.open("xb") as stream:
                stream.write(data)
                if sync:
                    stream.flush()
                    os.fsync(stream.fileno())
            os.replace(name, path)
        except BaseException:
            name.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror or error}.") from error


def sync_file(path: Path) -> None:
    """Make a file's content, or a folder's entries, last through a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: Any, *, sync: bool = True) -> None:
    """Write `value` as JSON, atomically."""
    write_atomic(path, json.dumps(value, ensure_ascii=False, indent=1).encode(), sync=sync)


def read_bytes(path: Path) -> bytes | None:
    """The content of a file, or None where there is no such file.

    Raises:
        StorageError: it cannot be read just now, which says nothing of what it holds.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"Cannot read {path}: {error.strerror or error}.",
            advice="Check the disk, its permissions and the limit of open files, then run again.",
        ) from error


def read_json(path: Path) -> Any:
    """The value of a JSON file, or None where it is missing or damaged (what it held is made again).

    Raises:
        StorageError: it cannot be read just now.
    """
    data = read_bytes(path)
    try:
        return None if data is None else json.loads(data)
    except ValueError:
        return None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive advisory lock on `path` (made if missing) between threads and processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True, slots=True)
class SiteStore:
    """Paths of one site. `root` is STORAGE_DIR."""

    root: Path
    subdomain: str

    @property
    def folder(self) -> Path:
        return self.root / self.subdomain

    @property
    def database(self) -> Path:
        return self.folder / "meetings.db"

    @property
    def people_file(self) -> Path:
        return self.folder / "people.yaml"

    @property
    def publish_lock(self) -> Path:
        return self.folder / "_records" / "publish.lock"

    @property
    def ids_file(self) -> Path:
        return self.folder / "_records" / "ids.json"

    @property
    def again_file(self) -> Path:
        """Its time says since when everything is to be extracted again."""
        return self.folder / "_records" / "extract.again"

    @property
    def skipped_file(self) -> Path:
        return self.folder / "_records" / "skipped.json"

    @property
    def runs_folder(self) -> Path:
        return self.folder / "_records" / "runs"

    def span_folder(self, run_id: str) -> Path:
        return self.runs_folder / run_id

    def span_file(self, run_id: str, name: str) -> Path:
        return self.span_folder(run_id) / f"{name}.span"

    def cancel_file(self, run_id: str) -> Path:
        return self.runs_folder / f"{run_id}.cancel"

    @property
    def quarantine(self) -> Path:
        return self.folder / "_quarantine"

    @property
    def deployed(self) -> Path:
        return self.folder / "_deploy"

    def base(self, kind: Kind) -> Path:
        """Folder of the documents of a kind."""
        return self.folder / "_agendas" if kind is Kind.AGENDA else self.folder

    def pdf_dir(self, kind: Kind) -> Path:
        return self.base(kind) / "pdfs"

    def pdf(self, document: Document) -> Path:
        return self.pdf_dir(document.kind) / document.meeting / f"{document.stem}.pdf"

    def text(self, document: Document, page: int) -> Path:
        return self.text_dir(document) / f"{page}.txt"

    def text_dir(self, document: Document) -> Path:
        return self.text_root(document.kind) / document.meeting / document.stem

    def text_root(self, kind: Kind) -> Path:
        return self.base(kind) / "txt"

    def extracted(self, document: Document, page: int) -> Path:
        return self.text_dir(document) / f"{page:04d}.txt.extracted.json"

    def image(self, document: Document, page: int) -> Path:
        return self.image_dir(document) / f"{page}.png"

    def image_dir(self, document: Document) -> Path:
        return self.base(document.kind) / "images" / document.meeting / document.stem

    def processed(self, document: Document) -> Path:
        return self.base(document.kind) / "processed" / document.meeting / f"{document.stem}.txt"

    def record_dir(self, document: Document) -> Path:
        return self.folder / "_records" / document.kind.value / document.meeting / document.stem

    def source_file(self, document: Document) -> Path:
        return self.record_dir(document) / "source.json"

    def record_file(self, document: Document) -> Path:
        return self.record_dir(document) / "document.json"

    def uploads_file(self, document: Document) -> Path:
        return self.record_dir(document) / "uploads.json"

    def layout(self, document: Document, page: int) -> Path:
        return self.record_dir(document) / f"{page}.words"

    def page_record_file(self, document: Document, page: int) -> Path:
        return self.record_dir(document) / f"{page}.json"

    def relative(self, path: Path) -> str:
        """`path` as seen from the storage folder, for people and databases."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    def documents(self) -> list[Document]:
        """Documents found by scanning the layout, in order, whoever wrote them.

        A folder of page texts without a PDF is a document too: earlier programs deleted the PDF once they had
        its text. Hidden files are left out.
        """
        found: set[Document] = set()
        for kind in Kind:
            pdfs = (path for path in self.pdf_dir(kind).glob("*/*.pdf") if path.is_file())
            texts = self.text_root(kind).glob("*/*/")
            for meeting, stem in [(p.parent.name, p.stem) for p in pdfs] + [
                (p.parent.name, p.name) for p in texts
            ]:
                if is_stem(stem) and not meeting.startswith("."):
                    found.add(Document(self.subdomain, kind, meeting, stem))
        return sorted(found)

    def read_record(self, document: Document) -> DocumentRecord | None:
        """The document's sidecar with the page records written since, or None where it was never read."""
        data = read_json(self.record_file(document))
        if not isinstance(data, dict) or "page_count" not in data:
            return None
        entries = {page_number(n): entry for n, entry in data.pop("pages", {}).items()}
        pages = {n: PageRecord.from_json({"page": n, **entry}) for n, entry in entries.items() if n}
        known = {key: data[key] for key in DocumentRecord.__dataclass_fields__ if key in data}
        record = DocumentRecord(document=document, pages=pages, **known)
        return record.with_pages(self.page_records(document))

    def text_pages(self, document: Document) -> set[int]:
        """Numbers of the pages that have a text file."""
        return _numbered(self.text_dir(document), ".txt")

    def texts_changed(self, document: Document) -> bool:
        """True when a text was written since the document's sidecar was, by whomever."""
        written = self.record_file(document).stat().st_mtime_ns
        pages = self.text_pages(document)
        return any(self.text(document, page).stat().st_mtime_ns > written for page in pages)

    def image_pages(self, document: Document) -> set[int]:
        """Numbers of the pages whose image is kept."""
        return _numbered(self.image_dir(document), ".png")

    def drop_images(self, document: Document) -> None:
        """Forget the images of a document whose PDF is another one now."""
        shutil.rmtree(self.image_dir(document), ignore_errors=True)

    def drop_pages(self, document: Document) -> None:
        """Forget what was recognised since `document.json` was written: the PDF changed, or all is done again."""
        for page in self.page_records(document):
            self.page_record_file(document, page).unlink(missing_ok=True)
        for page in _numbered(self.record_dir(document), ".words"):
            self.layout(document, page).unlink(missing_ok=True)

    def drop_texts(self, document: Document, keep: Collection[int]) -> None:
        """Forget the texts of pages that are none of `keep`: they are of a PDF that is no longer here."""
        for page in self.text_pages(document).difference(keep):
            self.text(document, page).unlink(missing_ok=True)
            self.extracted(document, page).unlink(missing_ok=True)

    def remove(self, document: Document) -> None:
        """Take a document away whole: its PDF, texts, images and records. Ids that it was given stay issued."""
        self.pdf(document).unlink(missing_ok=True)
        for folder in (self.text_dir(document), self.image_dir(document), self.record_dir(document)):
            shutil.rmtree(folder, ignore_errors=True)

    def page_records(self, document: Document) -> dict[int, PageRecord]:
        """Records of pages recognised since `document.json` was written."""
        numbers = _numbered(self.record_dir(document), ".json")
        entries = {n: read_json(self.page_record_file(document, n)) for n in numbers}
        return {n: PageRecord.from_json(entry) for n, entry in entries.items() if isinstance(entry, dict)}

    def write_record(self, record: DocumentRecord) -> None:
        """Write the sidecar whole and drop the page records that it now holds."""
        data = {
            key: getattr(record, key)
            for key in DocumentRecord.__dataclass_fields__
            if key not in ("document", "pages")
        }
        data["pages"] = {str(n): entry.to_json() for n, entry in sorted(record.pages.items())}
        folded = self.page_records(record.document)
        write_json(self.record_file(record.document), data)
        for page, entry in folded.items():
            if record.pages.get(page) == entry or page > record.page_count:
                self.page_record_file(record.document, page).unlink(missing_ok=True)

    def write_entries(self, record: DocumentRecord, entries: dict[int, PageRecord]) -> None:
        """Replace records of single pages in the sidecar; call only where one process writes the document."""
        self.write_record(record.with_pages(entries))
        for page in entries:
            self.page_record_file(record.document, page).unlink(missing_ok=True)

    def write_page(
        self,
        document: Document,
        record: PageRecord,
        text: str | None,
        *,
        layout: bytes = b"",
        sync: bool = True,
    ) -> None:
        """Put a page's text (None for a failed page), its layout data and then its record at their final place."""
        if text is not None:
            write_atomic(self.text(document, record.page), text.encode(), sync=sync)
            if layout:
                # Not synced: it holds the text's hash, and a page without it is a page all the same.
                write_atomic(self.layout(document, record.page), layout, sync=False)
            else:
                self.layout(document, record.page).unlink(missing_ok=True)
        write_json(self.page_record_file(document, record.page), record.to_json(), sync=sync)

    def fold(self, document: Document) -> DocumentRecord | None:
        """Bring page records into `document.json`; call only where one process writes the document."""
        record = self.read_record(document)
        if record is not None and self.page_records(document):
            self.write_record(record)
        return record


def _numbered(folder: Path, suffix: str) -> set[int]:
    """Numbers of the files in a folder that are named by the number of a page."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return set()
    numbers = (page_number(name.removesuffix(suffix)) for name in names if name.endswith(suffix))
    return {number for number in numbers if number is not None}
