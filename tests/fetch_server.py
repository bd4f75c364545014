"""A web server of this machine for the tests of fetching, and PDFs small enough to write by hand."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def pdf(text: str = "x") -> bytes:
    """Bytes that begin and end like a PDF and differ with `text`."""
    return b"%PDF-1.4\n%" + text.encode() + b"\n" + b"trailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Answer:
    """What the server says; a list of them is given out one after the other, the last one again and again."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


class Server:
    """Pages by path. `seen` holds (method, path, headers) of every request, in order."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer | list[Answer]] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                outer.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._http.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def paths(self) -> list[str]:
        """Paths that were asked for."""
        return [path for _, path, _ in self.seen]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.seen.append((handler.command, handler.path, headers))
        page = self.pages.get(handler.path, Answer(b"<html>nothing here</html>", 404))
        if isinstance(page, list):
            page = page.pop(0) if len(page) > 1 else page[0]
        etag = page.headers.get("ETag")
        if etag and headers.get("if-none-match") == etag:
            page = Answer(b"", 304, page.headers)
        handler.send_response(page.status)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(page.body) if page.length is None else page.length))
        handler.end_headers()
        handler.wfile.write(page.body)
        if page.length is not None and page.length != len(page.body):
            handler.close_connection = True
