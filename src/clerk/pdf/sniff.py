"""Tells a PDF from what servers send in its place. Light: no PDF library is imported."""

from __future__ import annotations

import re

HEAD_BYTES = 1024
_HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|meta|title)\b", re.IGNORECASE)
_KINDS = (
    (b"PK\x03\x04", "is a ZIP or Office file, not a PDF"),
    (b"\xd0\xcf\x11\xe0", "is an old Office file, not a PDF"),
    (b"{\\rtf", "is an RTF file, not a PDF"),
    (b"\x89PNG", "is a PNG image, not a PDF"),
    (b"\xff\xd8\xff", "is a JPEG image, not a PDF"),
    (b"GIF8", "is a GIF image, not a PDF"),
    (b"II*\x00", "is a TIFF image, not a PDF"),
    (b"MM\x00*", "is a TIFF image, not a PDF"),
    (b"\x1f\x8b", "is a gzip file, not a PDF"),
    (b"%!PS", "is a PostScript file, not a PDF"),
)


def looks_like_pdf(head: bytes) -> str:
    """Return "" when `head`, the first 1,024 bytes or more of a file, begins a PDF, else the reason why not.

    The signature may stand behind up to 1,023 bytes of junk, as readers allow (ISO 32000-1, annex H.3.4.1).
    """
    if not head:
        return "is empty (0 bytes)"
    if b"%PDF-" in head[: HEAD_BYTES + 4]:
        return ""
    for sign, reason in _KINDS:
        if head.startswith(sign):
            return reason
    if _HTML.search(head):
        return "is an HTML page, not a PDF"
    if head.lstrip().startswith((b"<?xml", b"{", b"[")):
        return "is an XML or JSON answer, not a PDF"
    return "is not a PDF (no %PDF- at its beginning)"
