"""Downloads one PDF: streamed to a temporary file, checked, and put at its place, or quarantined."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from clerk.errors import FetchError, FetchRefusedError, StorageError
from clerk.fetch.client import status_error
from clerk.fetch.quarantine import Rejected, utc_now
from clerk.fetch.run import FetchRun
from clerk.fetch.shelf import Key, Shelf, Source
from clerk.models import Document
from clerk.pdf.sniff import HEAD_BYTES, looks_like_pdf

_TRIES = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: `new`, `same`, `replace`, `duplicate`, `failed`, or `waits` (failed before, too early)."""

    status: str
    document: Document | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that was written whole: its path, digest, size in bytes, and why it is no PDF (empty: it is)."""

    path: Path
    sha256: str
    size: int
    reason: str


def download(run: FetchRun, key: Key, url: str, headers: Mapping[str, str] | None = None) -> Outcome:
    """Bring the PDF at `url` to its place as a document of `key` (kind, meeting, ISO date).

    A file that is already there is asked for by its ETag or date, and is never replaced by something worse.
    Failures are recorded in the quarantine, not raised.

    Raises:
        StorageError: the folder cannot be written.
    """
    kind, meeting, date = key
    blank = Rejected(url, kind, meeting, date, reason="")
    earlier = run.quarantine.known(blank)
    waits = earlier is not None and not run.retry and earlier.waits(utc_now())
    if earlier is not None and waits and not (earlier.etag or earlier.last_modified):
        return Outcome("waits", reason=earlier.reason)
    for left in range(_TRIES - 1, -1, -1):
        try:
            return _try(run, key, url, dict(headers or {}), earlier if waits else None)
        except FetchError as error:
            run.broken = error.message
            if left and "broke off" in error.message:
                continue
            rejected = run.quarantine.put(replace(blank, reason=error.message, transient=True), None)
            return Outcome("failed", reason=rejected.reason)
        except FetchRefusedError as error:
            rejected = run.quarantine.put(replace(blank, reason=error.message), None)
            return Outcome("failed", reason=rejected.reason)
    raise AssertionError("unreachable")


def write_part(shelf: Shelf, chunks: Iterable[bytes]) -> Part:
    """Write `chunks` to a new file beside the documents and sync it; the caller moves or removes it.

    Raises:
        StorageError: it cannot be written.
    """
    digest, size, head = hashlib.sha256(), 0, b""
    handle, path = shelf.new_part()
    try:
        with os.fdopen(handle, "wb") as stream:
            for chunk in chunks:
                if len(head) < 2 * HEAD_BYTES:
                    head += chunk[: 2 * HEAD_BYTES]
                digest.update(chunk)
                size += len(chunk)
                stream.write(chunk)
            stream.flush()
            # Readable for the web server that shows it, as a file of the usual umask would be.
            os.fchmod(stream.fileno(), 0o644)
            os.fsync(stream.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StorageError(f"Cannot write {path.parent}: {error.strerror or error}.") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Part(path, digest.hexdigest(), size, looks_like_pdf(head))


def _try(run: FetchRun, key: Key, url: str, headers: dict[str, str], earlier: Rejected | None) -> Outcome:
    shelf = run.shelf
    own = shelf.of_origin(key, url)
    # Compressing a PDF gains nothing, and sizes could not be checked.
    wanted = {"Accept-Encoding": "identity", **_conditions(shelf, own), **headers}
    with run.client.stream("GET", url, headers=wanted) as response:
        # Waiting for the host's turn is no part of the download's time.
        started = time.monotonic()
        if response.status_code == httpx.codes.NOT_MODIFIED and own is not None:
            shelf.note(own, replace(shelf.source(own), checked=_now()))
            return Outcome("same", own)
        error = status_error(response)
        if error is not None:
            raise error
        if earlier is not None and _unchanged(response, earlier):
            return Outcome("waits", reason=earlier.reason)
        part = write_part(shelf, run.client.chunks(response, started))
        return _settle(run, key, url, response, part)


def _settle(run: FetchRun, key: Key, url: str, response: httpx.Response, part: Part) -> Outcome:
    """Put a finished download where it belongs."""
    kind, meeting, date = key
    etag, modified = response.headers.get("etag", ""), response.headers.get("last-modified", "")
    blank = Rejected(url, kind, meeting, date, part.reason, size=part.size, etag=etag, last_modified=modified)
    if part.reason:
        run.quarantine.put(blank, part.path)
        return Outcome("failed", reason=part.reason)
    run.quarantine.clear(blank)
    place = run.shelf.place(key, url, part.sha256)
    source = Source(url, part.sha256, part.size, _now(), etag=etag, last_modified=modified, checked=_now())
    if place.status in ("new", "replace"):
        run.shelf.put(part.path, place.document, source)
        return Outcome(place.status, place.document)
    part.path.unlink(missing_ok=True)
    if place.status == "same":
        run.shelf.note(place.document, source)
    return Outcome(place.status, place.document)


def _conditions(shelf: Shelf, own: Document | None) -> dict[str, str]:
    """Headers that ask for the file only if it changed; none where ours is not what was downloaded."""
    if own is None:
        return {}
    source = shelf.source(own)
    if shelf.store.pdf(own).stat().st_size != source.size:
        return {}
    asked = {"If-None-Match": source.etag, "If-Modified-Since": source.last_modified}
    return {name: value for name, value in asked.items() if value}


def _unchanged(response: httpx.Response, earlier: Rejected) -> bool:
    seen = (response.headers.get("etag", ""), response.headers.get("last-modified", ""))
    return seen == (earlier.etag, earlier.last_modified)


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")
