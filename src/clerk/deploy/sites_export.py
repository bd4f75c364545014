"""Exports the list of sites as `sites.db`, in the shape that front ends and plug-ins read.

Front ends select every column below and take none for NULL that counts something; the state of a site is kept
elsewhere, this is an export made at each deploy and replaced whole.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from clerk.errors import StorageError
from clerk.models import Site, Stage, State
from clerk.storage import sync_file

_COUNTED = (Stage.FETCH, Stage.OCR, Stage.COMPILATION, Stage.EXTRACTION, Stage.DEPLOY)
_COLUMNS = {
    "subdomain": "TEXT PRIMARY KEY",
    "name": "TEXT",
    "state": "TEXT",
    "country": "TEXT",
    "kind": "TEXT",
    "scraper": "TEXT",
    "pages": "INTEGER",
    "start_year": "INTEGER",
    "extra": "TEXT",
    "lat": "TEXT",
    "lng": "TEXT",
    "has_finance_data": "INTEGER",
    "current_stage": "TEXT",
    "started_at": "TEXT",
    "updated_at": "TEXT",
    **{f"{stage.value}_{what}": "INTEGER" for stage in _COUNTED for what in ("total", "completed", "failed")},
    "coordinator_enqueued": "INTEGER",
    "last_error_stage": "TEXT",
    "last_error_message": "TEXT",
    "last_error_at": "TEXT",
    "status": "TEXT",
    "extraction_status": "TEXT",
    "last_updated": "TEXT",
    "last_deployed": "TEXT",
    "last_extracted": "TEXT",
}
# The words that front ends know for where a site is.
_STATUS = {
    State.COMPLETED: "deployed",
    State.INCOMPLETE: "deployed",
    State.NO_DOCUMENTS: "deployed",
    State.FAILED: "error",
    State.CRASHED: "error",
    State.CANCELLED: "error",
    State.PENDING: "new",
    State.RUNNING: "needs_extraction",
}


class Counts(Protocol):
    """Items of one stage."""

    @property
    def total(self) -> int: ...
    @property
    def completed(self) -> int: ...
    @property
    def failed(self) -> int: ...


class SiteProgress(Protocol):
    """What the export takes of `clerk.tracking.Progress`; times are aware UTC."""

    @property
    def state(self) -> State: ...
    @property
    def stage(self) -> Stage | None: ...
    @property
    def stage_counts(self) -> Any: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def updated_at(self) -> datetime | None: ...
    @property
    def error_stage(self) -> str: ...
    @property
    def error_message(self) -> str: ...
    @property
    def error_at(self) -> datetime | None: ...
    @property
    def last_updated(self) -> datetime | None: ...
    @property
    def last_deployed(self) -> datetime | None: ...
    @property
    def last_extracted(self) -> datetime | None: ...


def site_row(site: Site, progress: SiteProgress | None) -> dict[str, Any]:
    """A site as front ends and the `post_deploy` hook get it: every column of the table `sites`.

    Times are text `YYYY-MM-DDTHH:MM:SS` in UTC; `lat` and `lng` are text; `extra` is a JSON object as text.
    """
    row: dict[str, Any] = dict.fromkeys(_COLUMNS)
    row |= {
        "subdomain": site.subdomain,
        "name": site.name or site.subdomain,
        "state": site.state,
        "country": site.country,
        "kind": site.kind,
        "scraper": site.scraper,
        "pages": site.pages,
        "start_year": site.start_year,
        "extra": json.dumps(site.extra, ensure_ascii=False),
        "lat": None if site.lat is None else repr(site.lat),
        "lng": None if site.lng is None else repr(site.lng),
        "has_finance_data": int(site.has_finance_data),
        "coordinator_enqueued": 0,
        "status": "new",
        "extraction_status": "pending",
    }
    row |= {name: 0 for name in _COLUMNS if name.endswith(("_total", "_completed", "_failed"))}
    if progress is not None:
        row |= _progress_values(progress)
    return row


def hook_site(site: Site, progress: SiteProgress | None) -> dict[str, Any]:
    """The argument of the `post_deploy` hook: `site_row`, in which the times of the run are datetimes."""
    row = site_row(site, progress)
    if progress is not None:
        row["started_at"], row["updated_at"] = progress.started_at, progress.updated_at
        row["last_error_at"] = progress.error_at
    return row


def _progress_values(progress: SiteProgress) -> dict[str, Any]:
    # The export is the last step of a deploy: the site that is being deployed is deployed when it is read.
    done = _STATUS[progress.state] == "deployed" or (
        progress.stage is Stage.DEPLOY and progress.state is State.RUNNING and not progress.error_stage
    )
    values: dict[str, Any] = {
        # The map and the list of recent deploys show what is `completed`.
        "current_stage": "completed" if done else (progress.stage.value if progress.stage else ""),
        "started_at": _time(progress.started_at),
        "updated_at": _time(progress.updated_at),
        "last_error_stage": progress.error_stage or None,
        "last_error_message": progress.error_message or None,
        "last_error_at": _time(progress.error_at),
        "status": "deployed" if done else _STATUS[progress.state],
        "extraction_status": "completed" if progress.last_extracted else "pending",
        "last_updated": _time(progress.last_updated),
        "last_deployed": _time(progress.last_deployed),
        "last_extracted": _time(progress.last_extracted),
    }
    for stage in _COUNTED:
        counts: Counts | None = progress.stage_counts.get(stage)
        if counts is not None:
            values |= {
                f"{stage.value}_total": counts.total,
                f"{stage.value}_completed": counts.completed,
                f"{stage.value}_failed": counts.failed,
            }
    return values


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%S")


def export_sites(sites: Iterable[tuple[Site, SiteProgress | None]], path: Path) -> int:
    """Write the table `sites` to `path`, replacing the file whole; returns the number of sites.

    Raises:
        StorageError: the file cannot be written.
    """
    building = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    rows = [site_row(site, progress) for site, progress in sites]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(building, rows)
        sync_file(building)
        os.replace(building, path)
        sync_file(path.parent)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"Cannot write {path}: {error}.") from error
    finally:
        building.unlink(missing_ok=True)
    return len(rows)


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = ", ".join(f"[{name}] {kind}" for name, kind in _COLUMNS.items())
    names = ", ".join(f":{name}" for name in _COLUMNS)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;")
        connection.execute(f"CREATE TABLE [sites] ({columns})")
        connection.executemany(f"INSERT INTO [sites] VALUES ({names})", rows)  # noqa: S608
        connection.execute("COMMIT")
