"""`clerk serve`: Datasette over the compiled databases."""

from __future__ import annotations

import os

import click

from clerk.cli.session import settings
from clerk.serve import PORT, command

MAX_IMAGE_SECONDS = 20.0


@click.command()
@click.argument("subdomain", required=False)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Port to listen on."
)
def serve(subdomain: str | None, port: int) -> None:
    """Serve the compiled databases with Datasette on this machine.

    The database of the site SUBDOMAIN, or those of all sites, at http://127.0.0.1:PORT. No other machine can
    reach it. Ctrl-C ends it.
    """
    chosen = settings()
    # A person waits for the image: longer than this, and it is not worth the wait.
    timeout = min(chosen.page_timeout_seconds, MAX_IMAGE_SECONDS)
    argv = command(
        chosen.storage_dir,
        site=subdomain,
        port=port,
        page_timeout=timeout,
        page_memory_mb=chosen.page_memory_mb,
    )
    # The server takes the place of this process: whatever ends one ends the other. It says where it is once it listens.
    os.execv(argv[0], argv)  # noqa: S606
