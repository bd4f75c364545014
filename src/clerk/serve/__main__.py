"""The server process: `python -m clerk.serve ROOT [--site S] [--port N]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import uvicorn

from clerk.errors import ClerkError
from clerk.serve import HOST, PORT
from clerk.serve.app import make_app, make_datasette


def main() -> int:
    """Serve until interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(prog="clerk serve")
    parser.add_argument("root", type=Path)
    parser.add_argument("--site")
    parser.add_argument("--port", type=int, default=PORT)
    arguments = parser.parse_args()
    try:
        app = make_app(make_datasette(arguments.root, arguments.site))
    except ClerkError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    # Bound to this machine: the databases are public records, the server is not hardened for the open net.
    uvicorn.run(app, host=HOST, port=arguments.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
