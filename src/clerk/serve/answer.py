"""What is sent for a page, as ASGI messages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

PNG, JSON, SVG, HTML = (
    "image/png",
    "application/json; charset=utf-8",
    "image/svg+xml",
    "text/html; charset=utf-8",
)
TEXT = "text/plain; charset=utf-8"
MAX_AGE = 3600
# Words of documents stand in what is sent: nothing in it may run, or load anything but the page's image.
_POLICY = (
    b"default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is of the type `kind`; where `status` is not 200, mostly a line of text."""

    status: int
    body: bytes = b""
    etag: str = ""
    kind: str = TEXT


NOT_FOUND = Answer(404, b"There is no such page.")
BUSY = Answer(503, b"Too many pages are being drawn; try again.")


def etag_of(mark: str) -> str:
    """A tag that names what an answer is made of."""
    return f'"{hashlib.sha256(mark.encode()).hexdigest()[:32]}"'


async def respond(answer: Answer, method: str, send: Any) -> None:
    """Send `answer` to a request of `method`."""
    headers = [(b"content-type", answer.kind.encode()), (b"x-content-type-options", b"nosniff")]
    if answer.status != 304:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if answer.etag:
        headers += [
            (b"etag", answer.etag.encode()),
            (b"cache-control", f"private, max-age={MAX_AGE}".encode()),
        ]
    if answer.kind in (SVG, HTML):
        headers.append((b"content-security-policy", _POLICY))
    if answer.status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
