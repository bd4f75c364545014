"""What a status report asks of the civic database: a handful of queries, however many rows there are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, case, func, select

from clerk.models import Failure, JobType, Stage, State
from clerk.tracking.session import Database
from clerk.tracking.tables import job_tracking, page_failures
from clerk.tracking.values import SeenFailure

_JOB, _LETTER = job_tracking.c, page_failures.c


@dataclass(frozen=True, slots=True)
class JobCounts:
    """The jobs of one run that are of one kind: how many are in which state, their items, first and last time.

    `error` is what one of those that failed says.
    """

    job_type: JobType
    stage: Stage | None
    states: dict[State, int]
    items_total: int
    items_done: int
    items_failed: int
    started_at: datetime | None
    finished_at: datetime | None
    error: str


class Overview:
    """Counts over many rows. Every method is one query."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """The clock that the times of the rows come from."""
        with self._database.read() as connection:
            return self._database.now(connection)

    def open_counts(self, job_type: JobType) -> dict[State, int]:
        """Number of jobs of a kind that wait and that run, of all sites."""
        query = (
            select(_JOB.state, func.count())
            .where(
                _JOB.state.in_([State.PENDING.value, State.RUNNING.value]), _JOB.job_type == job_type.value
            )
            .group_by(_JOB.state)
        )
        with self._database.read() as connection:
            found = {State(state): int(count) for state, count in connection.execute(query)}
        return {State.PENDING: 0, State.RUNNING: 0} | found

    def stage_starts(self, run_ids: Collection[str]) -> dict[tuple[str, Stage], datetime]:
        """When each stage of each of these runs began, or began anew with what was left over."""
        query = (
            select(_JOB.run_id, _JOB.stage, func.max(_JOB.created_at).label("began"))
            .where(_JOB.run_id.in_(run_ids), _JOB.stage != "")
            .group_by(_JOB.run_id, _JOB.stage)
        )
        if not run_ids:
            return {}
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {(row.run_id, Stage(row.stage)): row.began for row in rows}

    def by_kind(self, run_id: str) -> list[JobCounts]:
        """The jobs of a run by kind, in the order in which they began; the row of the run itself is left out."""
        failed = case((_JOB.error_message != "", _JOB.error_message))
        query = (
            select(
                _JOB.job_type,
                _JOB.stage,
                _JOB.state,
                func.count().label("jobs"),
                func.sum(_JOB.items_total).label("items_total"),
                func.sum(_JOB.items_done).label("items_done"),
                func.sum(_JOB.items_failed).label("items_failed"),
                func.min(_JOB.created_at).label("created_at"),
                func.min(_JOB.started_at).label("started_at"),
                func.max(_JOB.finished_at).label("finished_at"),
                func.max(failed).label("error"),
            )
            .where(_JOB.run_id == run_id, _JOB.job_type != JobType.SITE_RUN.value)
            .group_by(_JOB.job_type, _JOB.stage, _JOB.state)
        )
        with self._database.read() as connection:
            rows = list(connection.execute(query).mappings())
        kinds: dict[str, list[RowMapping]] = {}
        for row in sorted(rows, key=lambda row: row["created_at"]):
            kinds.setdefault(row["job_type"], []).append(row)
        return [_counts(group) for group in kinds.values()]

    def failure_counts(self) -> dict[str, int]:
        """Number of dead letters by site; sites without one are left out."""
        query = select(_LETTER.subdomain, func.count()).group_by(_LETTER.subdomain)
        with self._database.read() as connection:
            return {name: int(count) for name, count in connection.execute(query)}

    def last_failures(self, limit: int, subdomain: str | None = None) -> list[SeenFailure]:
        """The dead letters that came last, of one site or of all, newest first."""
        query = select(page_failures).order_by(_LETTER.first_seen.desc(), _LETTER.id.desc()).limit(limit)
        if subdomain is not None:
            query = query.where(_LETTER.subdomain == subdomain)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            SeenFailure(
                Failure(**{name: row[name] for name in Failure.__dataclass_fields__}),
                row["first_seen"],
                row["last_seen"],
            )
            for row in rows
        ]


def _counts(rows: list[RowMapping]) -> JobCounts:
    first = rows[0]
    started = [row["started_at"] for row in rows if row["started_at"]]
    finished = [row["finished_at"] for row in rows if row["finished_at"]]
    ended = all(State(row["state"]).terminal for row in rows)
    return JobCounts(
        job_type=JobType(first["job_type"]),
        stage=Stage(first["stage"]) if first["stage"] else None,
        states={State(row["state"]): int(row["jobs"]) for row in rows},
        items_total=sum(int(row["items_total"]) for row in rows),
        items_done=sum(int(row["items_done"]) for row in rows),
        items_failed=sum(int(row["items_failed"]) for row in rows),
        started_at=min(started, default=None),
        finished_at=max(finished, default=None) if ended else None,
        error=next((row["error"] for row in rows if row["error"]), ""),
    )
