"""Serves compiled databases with Datasette, on this machine only.

`command` gives the argument list of a server process; importing this does not import Datasette.
"""

from __future__ import annotations

import sys
from pathlib import Path

from clerk.errors import UsageError
from clerk.storage import SiteStore, check_subdomain

HOST = "127.0.0.1"
PORT = 8001

__all__ = ["HOST", "PORT", "command", "site_databases"]


def command(
    root: Path,
    site: str | None = None,
    port: int = PORT,
    *,
    page_timeout: float | None = None,
    page_memory_mb: int | None = None,
) -> list[str]:
    """Argument list of a process that serves every site below `root`, or one.

    A page's image is drawn within `page_timeout` seconds, with `page_memory_mb` of memory on top of the library's.

    Each database is named by its subdomain; where one site is served, it has the name `meetings` too, which is
    where search products look for it.

    Raises:
        UsageError: there is no database to serve.
    """
    site_databases(root, site)
    arguments = [sys.executable, "-m", "clerk.serve", str(root.absolute()), "--port", str(port)]
    for option, value in (
        ("--site", site),
        ("--page-timeout", page_timeout),
        ("--page-memory", page_memory_mb),
    ):
        arguments += [option, str(value)] if value else []
    return arguments


def site_databases(root: Path, site: str | None = None) -> dict[str, Path]:
    """Subdomain to path of every database that can be served.

    Raises:
        UsageError: there is none.
    """
    names = (
        [check_subdomain(site)] if site else sorted(path.parent.name for path in root.glob("*/meetings.db"))
    )
    stores = [SiteStore(root, name) for name in names if not name.startswith(".")]
    found = {store.subdomain: store.database for store in stores if store.database.is_file()}
    if not found:
        what = f"{site} has no database" if site else f"There is no database below {root}"
        raise UsageError(f"{what} to serve.", advice="Run `clerk run SUBDOMAIN` first.")
    return found
