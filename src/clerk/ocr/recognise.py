"""Recognises one page under a deadline and a memory limit; a bad page is a failed record, no exception."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clerk.errors import ClerkError, OcrUnavailableError, PluginError
from clerk.isolation import Child
from clerk.models import PageRecord, Source, Stage
from clerk.ocr import child as inside
from clerk.pdf.normal import normalise


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How pages are recognised: `backend` by name, `languages` joined by "+", `timeout` in seconds a page."""

    backend: str = "tesseract"
    languages: str = "eng+spa"
    timeout: float = 60.0
    plugins_dir: str = ""


@dataclass(frozen=True, slots=True)
class PageText:
    """The normalised text of a page ("" where it failed) and its record."""

    text: str
    record: PageRecord


def recognise_page(path: Path, page: int, options: OcrOptions, child: Child) -> PageText:
    """Recognise page `page`, from 1, of the PDF at `path`.

    Raises:
        OcrUnavailableError, PluginError: the backend itself cannot be used; that is no page's fault.
    """
    started = time.monotonic()
    arguments = (path, page, options.backend, options.languages, options.plugins_dir)
    try:
        result, name, version, languages = child.call(inside.recognise, *arguments, timeout=options.timeout)
    except (OcrUnavailableError, PluginError):
        raise
    except ClerkError as error:
        record = PageRecord(
            page,
            "failed",
            engine=options.backend,
            languages=options.languages,
            seconds=round(time.monotonic() - started, 3),
            error=error.message,
            transient=error.transient,
            stage=Stage.OCR,
            at=_now(),
        )
        return PageText("", record)
    text = normalise(result.text)
    record = PageRecord(
        page,
        "done",
        source=Source.OCR,
        engine=name,
        version=version,
        languages=languages,
        confidence=result.confidence,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        chars=len(text),
        seconds=round(time.monotonic() - started, 3),
        at=_now(),
    )
    return PageText(text, record)


def check_backend(name: str, languages: str, plugins_dir: str) -> None:
    """Load the backend in a child process of its own, to know before the first page that it can be used.

    Raises:
        OcrUnavailableError: it, or each of its languages, is not installed; the advice is the command for it.
        PluginError: a plug-in cannot be loaded.
    """
    child = Child(1024)
    try:
        child.call(inside.describe, name, languages, plugins_dir, timeout=60.0)
    finally:
        child.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
