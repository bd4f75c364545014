"""The server process: `python -m clerk.serve ROOT [--site S] [--port N]`."""

from __future__ import annotations

import argparse
import contextlib
import errno
import socket
import sys
from pathlib import Path

import uvicorn

from clerk.errors import ClerkError
from clerk.serve import HOST, PORT
from clerk.serve.app import make_app, make_datasette, served_pages
from clerk.serve.workers import MEMORY_MB, TIMEOUT_SECONDS


def main() -> int:
    """Serve until interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(prog="clerk serve")
    parser.add_argument("root", type=Path)
    parser.add_argument("--site")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--page-timeout", type=float, default=TIMEOUT_SECONDS)
    parser.add_argument("--page-memory", type=int, default=MEMORY_MB)
    arguments = parser.parse_args()
    try:
        datasette = make_datasette(arguments.root, arguments.site)
        pages = served_pages(arguments.root, datasette, arguments.page_timeout, arguments.page_memory)
        app = make_app(datasette, pages)
        listener = _listen(arguments.port)
    except ClerkError as error:
        sys.stderr.write(f"clerk: {error}\n")
        return error.exit_code
    sys.stderr.write(f"http://{HOST}:{arguments.port} (Ctrl-C ends it)\n")
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
    return 0


def _listen(port: int) -> socket.socket:
    # Bound to this machine: the databases are public records, the server is not hardened for the open net.
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        what = "is taken by another program" if taken else f"cannot be used ({error.strerror})"
        raise ClerkError(f"Port {port} {what}.", advice="Choose another with --port.") from error


if __name__ == "__main__":
    sys.exit(main())
