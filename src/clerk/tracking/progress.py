"""Where each site is: one row a site, written by the run that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, RowMapping, and_, case, delete, exists, literal, not_, select, update
from sqlalchemy.exc import IntegrityError

from clerk.errors import UnknownSiteError
from clerk.models import Stage, State
from clerk.tracking.jobs import OPEN
from clerk.tracking.session import Database
from clerk.tracking.tables import site_leases, site_progress
from clerk.tracking.values import Progress, StageCounts

_ROW = site_progress.c
_MARKS = {"updated": "last_updated", "deployed": "last_deployed", "extracted": "last_extracted"}
_WELL = (State.COMPLETED, State.NO_DOCUMENTS)


class ProgressRows:
    """Rows of `site_progress`, as `Progress` values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set(
        self,
        subdomain: str,
        *,
        run_id: str,
        state: State,
        stage: Stage | None,
        total: int,
        completed: int,
        failed: int,
        error_stage: str = "",
        error_message: str = "",
    ) -> bool:
        """Say where the run `run_id` of a site is; False, and no change, while another run holds the site.

        A new run sets `started_at` and clears stage counts and error. Within a run an error stays until
        another replaces it or the run ends well.

        Raises:
            UnknownSiteError: the site is not registered.
        """
        row = {
            "run_id": run_id,
            "state": state.value,
            "stage": stage.value if stage else "",
            "total": total,
            "completed": completed,
            "failed": failed,
        }
        try:
            with self._database.write() as connection:
                now = self._database.now(connection)
                error = _error(error_stage, error_message, now)
                keep_error = not error_message and state not in _WELL
                return self._upsert(connection, subdomain, row | error, now, keep_error=keep_error)
        except IntegrityError as error_:
            raise _unregistered(subdomain) from error_

    def queue(self, runs: Mapping[str, str]) -> None:
        """Say of sites, by subdomain, that a run waits; no change where another run holds the site.

        Raises:
            UnknownSiteError: a site is not registered.
        """
        blank = {"stage": "", "total": 0, "completed": 0, "failed": 0}
        try:
            with self._database.write() as connection:
                now = self._database.now(connection)
                for subdomain, run_id in sorted(runs.items()):
                    row = {"run_id": run_id, "state": State.PENDING.value, **blank, **_error("", "", now)}
                    self._upsert(connection, subdomain, row, now, keep_error=False)
        except IntegrityError as error:
            raise UnknownSiteError("A site that is to be queued is not registered.") from error

    def set_stage_counts(self, subdomain: str, stage: Stage, total: int, completed: int, failed: int) -> None:
        """Set the numbers of one stage of the site's present run.

        Raises:
            UnknownSiteError: the site is not registered.
        """
        with self._database.write() as connection:
            self._ensure(connection, subdomain)
            mine = _ROW.subdomain == subdomain
            locked = select(_ROW.stage_counts).where(mine).with_for_update()
            counts = connection.execute(locked).scalar_one()
            counts = counts | {stage.value: {"total": total, "completed": completed, "failed": failed}}
            now = self._database.now(connection)
            connection.execute(update(site_progress).where(mine).values(stage_counts=counts, updated_at=now))

    def mark(self, subdomain: str, what: str) -> None:
        """Note that the site was `updated`, `deployed` or `extracted` just now.

        Raises:
            UnknownSiteError: the site is not registered.
        """
        column = _MARKS[what]
        with self._database.write() as connection:
            self._ensure(connection, subdomain)
            now = self._database.now(connection)
            query = update(site_progress).where(_ROW.subdomain == subdomain)
            connection.execute(query.values({column: now}))

    def get(self, subdomain: str) -> Progress | None:
        """Progress of a site, None when it never ran."""
        query = select(site_progress).where(_ROW.subdomain == subdomain)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _progress(row)

    def clear(self, subdomain: str) -> int:
        """Forget the progress of a site; number of rows."""
        with self._database.write() as connection:
            return connection.execute(delete(site_progress).where(_ROW.subdomain == subdomain)).rowcount

    def list(self) -> list[Progress]:
        """Progress of all sites that ever ran, by subdomain."""
        with self._database.read() as connection:
            found = [_progress(row) for row in connection.execute(select(site_progress)).mappings()]
        return sorted(found, key=lambda progress: progress.subdomain)

    def _upsert(
        self, connection: Connection, subdomain: str, row: dict[str, Any], now: datetime, *, keep_error: bool
    ) -> bool:
        query = self._database.insert(site_progress).values(
            subdomain=subdomain, started_at=now, updated_at=now, stage_counts={}, **row
        )
        same_run = _ROW.run_id == query.excluded.run_id
        changes = {name: query.excluded[name] for name in (*row, "updated_at")}
        began = and_(same_run, _ROW.state != State.PENDING.value)
        changes["started_at"] = case((began, _ROW.started_at), else_=query.excluded.started_at)
        changes["stage_counts"] = case((same_run, _ROW.stage_counts), else_=literal({}, JSON()))
        if keep_error:
            for name in ("error_stage", "error_message", "error_at"):
                changes[name] = case((same_run, _ROW[name]), else_=query.excluded[name])
        # An orphan of a run that lost the site must not write over the run that has it now.
        other = exists().where(
            and_(
                site_leases.c.subdomain == subdomain,
                site_leases.c.run_id.is_not(None),
                site_leases.c.run_id != row["run_id"],
            )
        )
        query = query.on_conflict_do_update(index_elements=["subdomain"], set_=changes, where=not_(other))
        return connection.execute(query).rowcount == 1

    def _ensure(self, connection: Connection, subdomain: str) -> None:
        now = self._database.now(connection)
        row = {
            "run_id": "",
            "state": State.PENDING.value,
            "stage": "",
            "total": 0,
            "completed": 0,
            "failed": 0,
        }
        query = self._database.insert(site_progress).on_conflict_do_nothing(index_elements=["subdomain"])
        try:
            connection.execute(
                query.values(
                    subdomain=subdomain,
                    started_at=now,
                    updated_at=now,
                    stage_counts={},
                    **row,
                    **_error("", "", now),
                )
            )
        except IntegrityError as error:
            raise _unregistered(subdomain) from error


def crash(connection: Connection, subdomain: str, run_id: str, now: datetime, message: str) -> None:
    """Mark a site crashed, inside a transaction of the caller, if it still shows the open run `run_id`."""
    open_row = and_(
        _ROW.subdomain == subdomain, _ROW.run_id == run_id, _ROW.state.in_([state.value for state in OPEN])
    )
    connection.execute(
        update(site_progress)
        .where(open_row)
        .values(
            state=State.CRASHED.value,
            updated_at=now,
            error_stage=_ROW.stage,
            error_message=message,
            error_at=now,
        )
    )


def _unregistered(subdomain: str) -> UnknownSiteError:
    return UnknownSiteError(f"No site {subdomain!r} is registered.")


def _error(stage: str, message: str, now: datetime) -> dict[str, Any]:
    return {"error_stage": stage, "error_message": message, "error_at": now if message else None}


def _progress(row: RowMapping) -> Progress:
    kept = dict(row)
    kept["state"] = State(row["state"])
    kept["stage"] = Stage(row["stage"]) if row["stage"] else None
    kept["stage_counts"] = {
        Stage(name): StageCounts(**counts) for name, counts in row["stage_counts"].items()
    }
    return Progress(**kept)
