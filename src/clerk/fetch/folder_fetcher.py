"""`FolderFetcher`: copies the PDFs of a folder on this machine. It never alters the folder.

`extra` holds `{"folder": path}`, and perhaps `body` for files whose path names none. A file whose body, date or
kind is not clear is left out with the reason; a `manifest.csv` with `path,body,date,kind` settles it.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from clerk.errors import UsageError
from clerk.fetch.download import write_part
from clerk.fetch.layout import Named, read_path
from clerk.fetch.manifest import NAME, Manifest, path_key, read_manifest
from clerk.fetch.quarantine import Rejected, utc_now
from clerk.fetch.shelf import CHUNK, Key, Source, is_too_long
from clerk.fetcher import Fetcher
from clerk.models import Document
from clerk.storage import safe_name


class FolderFetcher(Fetcher):
    """Brings every PDF of `extra["folder"]` into the site's folder, whatever its date."""

    def child_init(self) -> None:
        extra = self.site.get("extra") or {}
        self.extra: dict[str, Any] = json.loads(extra) if isinstance(extra, str) else extra
        self.folder = Path(str(self.extra.get("folder", ""))).expanduser().absolute()
        self.country = str(self.site.get("country") or "US")
        self._seen: dict[Document, str] = {}
        self._origins: set[str] = set()

    def fetch_events(self) -> None:
        """Copy what is new or has changed.

        Raises:
            UsageError: there is no such folder, or its manifest cannot be read.
            StorageError: the site's folder cannot be written.
        """
        self._check_folder()
        manifest = read_manifest(self.folder)
        found = self._files()
        first = [key for key in manifest.entries if key in found]
        for key in [*first, *(key for key in found if key not in manifest.entries)]:
            self._one(found[key], self._named(key, manifest))
        for key in (*manifest.entries, *manifest.bad):
            if key not in found:
                reason = manifest.bad.get(key, f"{NAME} names it, but it is not there")
                self._run.skip(str(self.folder / key), reason)
        self._forget_gone(set(map(str, found.values())))

    def _check_folder(self) -> None:
        if not self.extra.get("folder"):
            raise UsageError(f"Site {self.subdomain} names no folder.", advice="Run it with --from FOLDER.")
        if not self.folder.is_dir():
            raise UsageError(f"There is no folder {self.folder}.", advice="Run with --from another FOLDER.")
        if self.folder.resolve().is_relative_to(self._run.store.folder.resolve()):
            raise UsageError(f"{self.folder} is the site's own storage: documents there are found anyway.")

    def _files(self) -> dict[str, Path]:
        """Regular files by their path within the folder, in order; links that leave it are left out."""
        found: dict[str, Path] = {}
        for path in self._walk():
            if path.name.startswith(".") or path == self.folder / NAME:
                continue
            reason = self._unusable(path)
            if reason:
                self._run.skip(str(path), reason)
            else:
                found[path_key(path.relative_to(self.folder).as_posix())] = path
        return found

    def _walk(self) -> Iterator[Path]:
        storage = self._run.store.root.resolve()
        # Another site's storage folder: its texts, images and records are no sources.
        stored = (self.folder / "pdfs").is_dir() and (self.folder / "_records").is_dir()
        roots = [self.folder / "_agendas" / "pdfs", self.folder / "pdfs"] if stored else [self.folder]
        for root in roots:
            for folder, folders, names in os.walk(root):
                here = Path(folder)
                yield from (here / name for name in sorted(folders) if (here / name).is_symlink())
                folders[:] = sorted(
                    name
                    for name in folders
                    if not name.startswith(".") and (here / name).resolve() != storage
                )
                yield from (here / name for name in sorted(names))

    def _unusable(self, path: Path) -> str:
        try:
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except (OSError, RuntimeError):
            return "it is a link to nothing" if path.is_symlink() else "it cannot be read"
        if path.is_symlink() and not real.is_relative_to(self.folder.resolve()):
            return "it is a link that leaves the folder"
        if stat.S_ISDIR(mode):
            return "it is a link to a folder that is read anyway"
        return "" if stat.S_ISREG(mode) else "it is no regular file"

    def _named(self, key: str, manifest: Manifest) -> Named:
        if key in manifest.bad:
            return Named(reason=manifest.bad[key])
        entry = manifest.entries.get(key)
        if entry is not None:
            return Named(entry.body, entry.date, entry.kind)
        if not key.lower().endswith(".pdf"):
            return Named(reason="it is no .pdf file")
        return read_path(key, country=self.country, body=str(self.extra.get("body") or ""))

    def _one(self, path: Path, named: Named) -> None:
        if named.kind is None or named.reason:
            self._run.skip(str(path), named.reason)
            return
        meeting = safe_name(self.simplified_meeting_name(named.body))
        if is_too_long(meeting):
            self._run.skip(str(path), "its body's name is too long")
            return
        key = (named.kind, meeting, named.date)
        self._origins.add(str(path))
        document = self._unchanged(path, key) or self._copy(path, key)
        if document is None:
            return
        first = self._seen.setdefault(document, str(path))
        if first != str(path):
            kind, _, date = key
            self._run.skip(str(path), f"it has the content of {first}", kind=kind, meeting=meeting, date=date)

    def _unchanged(self, path: Path, key: Key) -> Document | None:
        """The document that this file is, if neither of them changed since it was copied."""
        shelf, facts = self._run.shelf, path.stat()
        for document in shelf.day(key):
            source = shelf.source(document)
            known = (
                [source.size, source.mtime_ns] if source.origin == str(path) else source.also.get(str(path))
            )
            if known == [facts.st_size, facts.st_mtime_ns] and shelf.intact(document):
                return document
        return None

    def _copy(self, path: Path, key: Key) -> Document | None:
        """Copy the file, unless it is known to be bad; the document that it became."""
        kind, meeting, date = key
        try:
            facts = path.stat()
            blank = Rejected(
                str(path), kind, meeting, date, "", size=facts.st_size, mtime_ns=facts.st_mtime_ns
            )
            earlier = self._run.quarantine.known(blank)
            if earlier and not earlier.transient and not self._run.retry and _same(earlier, blank):
                return None
            with path.open("rb") as stream:
                part = write_part(self._run.shelf, iter(lambda: stream.read(CHUNK), b""))
            after = path.stat()
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            self._run.quarantine.put(Rejected(str(path), kind, meeting, date, reason, transient=True), None)
            return None
        changed = (facts.st_size, facts.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        reason = "changed while it was read" if changed else part.reason
        if reason:
            part.path.unlink(missing_ok=True)
            self._run.quarantine.put(replace(blank, reason=reason, transient=changed), None)
            return None
        self._run.quarantine.clear(blank)
        at = utc_now().isoformat(timespec="seconds")
        source = Source(str(path), part.sha256, part.size, at, mtime_ns=facts.st_mtime_ns)
        return self._run.shelf.take(part.path, key, source)

    def _forget_gone(self, found: set[str]) -> None:
        """Drop failures of files that are gone, and documents of files that are now filed elsewhere."""
        inside = f"{self.folder}{os.sep}"
        for entry in self._run.quarantine.all():
            if entry.origin.startswith(inside) and entry.origin not in self._origins:
                self._run.quarantine.clear(entry)
        shelf = self._run.shelf
        for document in shelf.documents():
            origin = shelf.origin(document) if document not in self._seen else ""
            if origin.startswith(inside) and origin in found and origin in self._origins:
                shelf.remove(document)


def _same(earlier: Rejected, now: Rejected) -> bool:
    return (earlier.size, earlier.mtime_ns) == (now.size, now.mtime_ns)
