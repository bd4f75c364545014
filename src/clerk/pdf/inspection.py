"""Looks at the pages of one PDF for a person: what was decided about each text layer, on what figures."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clerk.errors import ChildCrashedError, ChildMemoryError, ChildTimeoutError, ClerkError, DocumentError
from clerk.isolation import Child
from clerk.pdf import child as inside
from clerk.pdf.reading import MAX_LOST, check_file, page_count
from clerk.pdf.tessdata import traineddata_files

_DPI = 80
_MAX_PIXELS = 1_500_000
_QUALITY = 60


@dataclass(frozen=True, slots=True)
class PageLook:
    """One page: `trusted` is None where it could not be read, and `error` says why. `text` is its text layer.

    `rule` and `figures` are those of `clerk.pdf.trust.Verdict`.
    """

    page: int
    trusted: bool | None = None
    why: str = ""
    rule: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    text: str = ""
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """The decision without the text."""
        return {
            "page": self.page,
            "trusted": self.trusted,
            "rule": self.rule,
            "why": self.why or self.error,
            "figures": self.figures,
            "chars": len(self.text),
        }


def count_pages(path: Path, child: Child, timeout: float) -> int:
    """Number of pages of the PDF at `path`.

    Raises:
        ClerkError: it is no PDF, encrypted, damaged, or reading it hung or crashed; the message names the file.
    """
    try:
        check_file(path)
        return page_count(child.call(inside.look, path, timeout=timeout))
    except ClerkError as error:
        raise DocumentError(f"{path} {error.message}.", advice="") from error


def look_at(
    path: Path, pages: Sequence[int], *, languages: str, child: Child, timeout: float
) -> Iterator[PageLook]:
    """Look at `pages`, from 1, one by one; a page that cannot be read has an `error`."""
    files = traineddata_files(languages)
    lost = 0
    for page in pages:
        if lost >= MAX_LOST:
            yield PageLook(page, error=f"not read: {lost} pages before it hung or crashed the reader")
            continue
        try:
            (read,) = child.call(inside.read_pages, path, (page,), files, timeout=timeout)
        except ClerkError as error:
            lost += isinstance(error, (ChildTimeoutError, ChildCrashedError, ChildMemoryError))
            yield PageLook(page, error=error.message)
            continue
        verdict = read.verdict
        if verdict is None:
            yield PageLook(page, error=read.error)
        else:
            yield PageLook(page, verdict.trusted, verdict.why, verdict.rule, verdict.figures, read.text)


def picture(path: Path, page: int, child: Child, timeout: float) -> bytes:
    """A small gray JPEG of a page; empty where it cannot be drawn."""
    try:
        result: bytes = child.call(_jpeg, path, page, timeout=timeout)
    except ClerkError:
        return b""
    return result


def _jpeg(path: Path, page: int) -> bytes:
    # Runs in the child, so that only there the library is loaded.
    from PIL import Image

    with inside.library().opened(path) as document:
        width, height, stride, samples, _ = document.render(page, _DPI, _MAX_PIXELS)
    image = Image.frombuffer("L", (width, height), samples, "raw", "L", stride, 1)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
