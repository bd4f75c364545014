"""Servers that the settings name: civic database, Redis, Prefect API, Dask scheduler."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from clerk.cli.checks.check import Check, guarded, missing, ok

if TYPE_CHECKING:  # what is missing may be what the settings are made with
    from clerk.settings import Settings

SECONDS = 3.0


def look(settings: Settings) -> list[Check]:
    """Checks of each server that is configured; what is not needs none. Never raises."""
    looks: list[tuple[str, Callable[[], list[Check]]]] = [
        ("civic database", lambda: [_database(settings)]),
        ("Redis", lambda: [_redis(settings.redis_url)]),
        ("Prefect API", lambda: [_prefect(settings.prefect_api_url)]),
        ("Dask scheduler", lambda: [_dask(settings.dask_scheduler_address)]),
    ]
    return [check for name, found in looks for check in guarded(name, found)]


def _database(settings: Settings) -> Check:
    name = "civic database"
    url = settings.civic_url
    if not url.startswith("sqlite:") and (problem := _unreachable(url, 5432)):
        return missing(name, problem, "Start Postgres, or correct DATABASE_URL.")
    migrate = importlib.import_module("clerk.tracking.migrate")
    found, newest = migrate.current(url), migrate.head()
    if found == newest:
        return ok(name, f"{shown(url)} at schema {found}")
    if settings.embedded_database:
        return ok(name, f"{shown(url)} is made or upgraded at the next run")
    return missing(name, f"{shown(url)} is at schema {found or 'none'}, needs {newest}", "clerk db upgrade")


def _redis(url: str) -> Check:
    if not url:
        return ok("Redis", "not configured: one machine needs none")
    found = importlib.import_module("clerk.redis_client").check(url)
    return ok("Redis", f"{found} at {shown(url)}")


def _prefect(url: str) -> Check:
    if not url:
        return ok("Prefect API", "not configured: a run starts its own server")
    advice = "Start it with `prefect server start`, or correct PREFECT_API_URL."
    if problem := _unreachable(url, 443 if url.startswith("https:") else 80):
        return missing("Prefect API", problem, advice)
    httpx = importlib.import_module("httpx")
    try:
        answer = httpx.get(f"{url.rstrip('/')}/health", timeout=SECONDS * 3)
    except httpx.HTTPError as error:
        return missing("Prefect API", f"{shown(url)}: {error}", advice)
    if answer.status_code != 200:
        return missing("Prefect API", f"{shown(url)}/health answers {answer.status_code}", advice)
    return ok("Prefect API", f"healthy at {shown(url)}")


def _dask(url: str) -> Check:
    if not url:
        return ok("Dask scheduler", "not configured: a run starts its own workers")
    if problem := _unreachable(url, 8786):
        advice = "Start it with `dask scheduler`, or correct DASK_SCHEDULER_ADDRESS."
        return missing("Dask scheduler", problem, advice)
    return ok("Dask scheduler", f"reachable at {url}")


def _unreachable(url: str, default_port: int) -> str:
    """Why no connection to the server of `url` can be made within `SECONDS`, or nothing.

    Libraries wait for minutes where packets are swallowed.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or default_port
        socket.create_connection((host, port), timeout=SECONDS).close()
    except (OSError, ValueError) as error:
        return f"{shown(url)} cannot be reached: {getattr(error, 'strerror', None) or error}"
    return ""


def shown(url: str) -> str:
    """`url` as people may see it: no password, no query; of a SQLite database its path."""
    if url.startswith("sqlite:"):
        return url.removeprefix("sqlite:///")
    parts = urlsplit(url)
    if parts.password is None:
        return urlunsplit(parts._replace(query=""))
    return urlunsplit(parts._replace(query="", netloc=f"***@{parts.netloc.rpartition('@')[2]}"))
